export const MASK = '••••••••';

const SECRET_HEADERS = new Set(['authorization', 'stripe-signature', 'wechatpay-signature', 'cookie']);

const SECRET_NAMES =
  'sig|sign|paySign|signature|openid|payer_openid|client_secret|secret_key|private_key|apiv3_key|secret|token|access_token|contact';
const JSON_SECRET = new RegExp(`("(?:${SECRET_NAMES})"\\s*:\\s*")(?:[^"\\\\]|\\\\.)*(")`, 'g');
/** JSON in a form's field, as Alipay is sent it. */
const ENCODED_JSON_SECRET = new RegExp(`(%22(?:${SECRET_NAMES})%22%3A%22)(?:(?!%22)[^&\\s])*`, 'gi');
const FORM_SECRET = new RegExp(`((?:^|[?&])(?:${SECRET_NAMES})=)[^&"\\s]*`, 'gm');
const BEARER = /(Bearer )[\w.~+/-]+=*/g;

/** The text byte for byte, save that secrets, signatures, tokens, openids and people's numbers are hidden. */
export function maskText(text: string): string {
  return text
    .replace(JSON_SECRET, `$1${MASK}$2`)
    .replace(ENCODED_JSON_SECRET, `$1${MASK}`)
    .replace(FORM_SECRET, `$1${MASK}`)
    .replace(BEARER, `$1${MASK}`);
}

export function maskHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, SECRET_HEADERS.has(name) ? MASK : value]),
  );
}

import { constants, sign } from 'node:crypto';
import { type WechatConfig, wechatBackupBaseUrl, wechatBaseUrl } from '../../config/wechat.ts';
import { type Io, unansweredReason } from '../../io.ts';
import { parseJsonObject } from '../../json.ts';
import { ProviderCallError, readBoundedBody } from '../call.ts';
import { MalformedMessageError, type RawMessage, VerificationError } from '../message.ts';
import { signatureType, verifyWechatMessage } from './verify.ts';

/** The merchant's signature in base64: RSA PKCS#1 v1.5 with SHA-256 over the lines, each ended by a line feed. */
export function signLines(
  { privateKey }: Pick<WechatConfig, 'privateKey'>,
  lines: readonly string[],
): string {
  const text = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  return sign('sha256', text, { key: privateKey, padding: constants.RSA_PKCS1_PADDING }).toString('base64');
}

export interface SignedRequest {
  readonly method: string;
  /** Path and query of the address that is called. */
  readonly target: string;
  /** Seconds since 1970. */
  readonly timestamp: string;
  readonly nonce: string;
  /** Empty when there is none. */
  readonly body: string;
}

/** The Authorization header of a request (wechatpay-go core/auth/credentials). */
function wechatAuthorization(
  config: Pick<WechatConfig, 'mchid' | 'serialNumber' | 'privateKey'>,
  { method, target, timestamp, nonce, body }: SignedRequest,
): string {
  const signature = signLines(config, [method, target, timestamp, nonce, body]);
  const fields = {
    mchid: config.mchid,
    nonce_str: nonce,
    signature,
    timestamp,
    serial_no: config.serialNumber,
  };
  const list = Object.entries(fields).map(([name, value]) => `${name}="${value}"`);
  return `${signatureType} ${list.join(',')}`;
}

export interface SignedFetch {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  /** Empty when there is none. */
  readonly body?: string;
  readonly accept?: string;
  readonly signal: AbortSignal;
}

/** Sends a request that the merchant has signed. Rejects as `fetch` does; the answer is not verified. */
export function fetchSigned(
  config: WechatConfig,
  io: Io,
  { method, url, body = '', accept = 'application/json', signal }: SignedFetch,
): Promise<Response> {
  const authorization = wechatAuthorization(config, {
    method,
    target: `${url.pathname}${url.search}`,
    timestamp: String(Math.floor(io.now() / 1000)),
    nonce: io.randomBytes(16).toString('hex'),
    body,
  });
  return io.fetch(url, {
    method,
    headers: {
      accept,
      authorization,
      'user-agent': 'settle',
      // WeChat Pay answers under the key that it is asked for (docs: "如何从平台证书切换成微信支付公钥").
      ...(config.publicKeyId !== null && { 'wechatpay-serial': config.publicKeyId }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body }),
    redirect: 'error',
    signal,
  });
}

export interface WechatRequest {
  readonly method: 'GET' | 'POST';
  /** Below the base address; may end in a query. */
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
  /** For the whole call; 5 s unless told. */
  readonly timeout_ms?: number;
}

/** An answer that nobody has verified yet. */
export interface ReceivedAnswer extends RawMessage {
  readonly status: number;
}

const maximumAnswerSize = 256 * 1024;

/** The errors of a connection that was never made, so that nothing was sent. */
const unreachableCodes: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Sends a signed request and gives what came back, whatever it is. @throws ProviderCallError */
export async function exchangeWechat(
  config: WechatConfig,
  io: Io,
  request: WechatRequest,
): Promise<ReceivedAnswer> {
  try {
    const response = await fetchReachable(config, io, request);
    const body = await readBoundedBody(response, maximumAnswerSize);
    if (!body) throw callFailure(request, response.status, 'answer is too large');
    return { status: response.status, headers: Object.fromEntries(response.headers), body };
  } catch (error) {
    if (error instanceof ProviderCallError) throw error;
    throw callFailure(request, null, unansweredReason(error));
  }
}

export function callFailure(
  { method, path }: WechatRequest,
  status: number | null,
  reason: string,
  code: string | null = null,
): ProviderCallError {
  const outcome = status === null ? reason : `HTTP ${status}, ${reason}`;
  return new ProviderCallError('wechat', status, `WeChat Pay ${method} ${path}: ${outcome}`, code);
}

/** Tries the backup once when WeChat Pay's own address cannot be reached. One deadline holds for both. */
async function fetchReachable(
  config: WechatConfig,
  io: Io,
  { method, path, body, timeout_ms = 5000 }: WechatRequest,
): Promise<Response> {
  const text = body ? JSON.stringify(body) : '';
  const signal = AbortSignal.timeout(timeout_ms);
  const send = (baseUrl: string) =>
    fetchSigned(config, io, { method, url: new URL(`${baseUrl}${path}`), body: text, signal });
  try {
    return await send(config.baseUrl);
  } catch (error) {
    if (config.baseUrl !== wechatBaseUrl || !unreachableCodes.has(unansweredReason(error))) throw error;
    return send(wechatBackupBaseUrl);
  }
}

export type WechatAnswer = Readonly<Record<string, unknown>>;

/**
 * Calls WeChat Pay with a signed request and gives what its answer says, null for a 204. An answer is used only if
 * its own signature verifies; of a refusal only the status and the error code are told.
 * @throws ProviderCallError
 */
export async function requestWechat(
  config: WechatConfig,
  io: Io,
  request: WechatRequest,
): Promise<WechatAnswer | null> {
  const answer = await exchangeWechat(config, io, request);
  const fault = await verificationFault(config, io, answer);
  // A 202 is no success either: it says USER_PAYING.
  if (answer.status !== 200 && answer.status !== 204) throw refusal(request, answer, fault === null);
  if (fault !== null) throw callFailure(request, null, `answer not verified: ${fault}`);
  if (answer.status === 204) return null;
  try {
    return parseJsonObject(answer.body);
  } catch {
    throw callFailure(request, answer.status, 'answer is not a JSON object');
  }
}

/** What is wrong with a verified answer. */
export function unusableAnswer(request: WechatRequest, field: string): ProviderCallError {
  return callFailure(request, 200, `answer has no usable ${field}`);
}

/** WeChat Pay signs every answer to a request whose own signature it accepts (docs: "应答签名"). */
async function verificationFault(
  { publicKeys }: WechatConfig,
  io: Io,
  answer: ReceivedAnswer,
): Promise<string | null> {
  try {
    await verifyWechatMessage(publicKeys, answer, io.now());
    return null;
  } catch (error) {
    return error instanceof VerificationError ? error.reason : 'verification failed';
  }
}

function refusal(
  request: WechatRequest,
  { status, body }: ReceivedAnswer,
  isVerified: boolean,
): ProviderCallError {
  const code = errorCode(body);
  return callFailure(request, status, code ?? 'no error code', isVerified ? code : null);
}

/** Such as PARAM_ERROR; nothing else of a refusal is safe to repeat. */
function errorCode(body: Buffer): string | null {
  let code: unknown;
  try {
    ({ code } = parseJsonObject(body));
  } catch {
    // An answer without a code, from a proxy for instance.
  }
  return typeof code === 'string' && /^[A-Z_]{1,64}$/.test(code) ? code : null;
}

/** The codes that WeChat Pay has for a payment or a refund that it does not hold. */
const absentCodes: ReadonlySet<string | null> = new Set([
  'ORDER_NOT_EXIST',
  'ORDERNOTEXIST',
  'RESOURCE_NOT_EXISTS',
]);

/** What WeChat Pay holds; null when it says that it holds nothing. @throws ProviderCallError */
export async function lookUp(
  config: WechatConfig,
  io: Io,
  request: WechatRequest,
): Promise<WechatAnswer | null> {
  try {
    return (await requestWechat(config, io, request)) ?? {};
  } catch (error) {
    if (error instanceof ProviderCallError && error.status === 404 && absentCodes.has(error.code))
      return null;
    throw error;
  }
}

/** What `read` makes of a verified answer. @throws ProviderCallError */
export function readAnswer<T>(request: WechatRequest, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof MalformedMessageError ? unusableAnswer(request, error.field ?? 'body') : error;
  }
}

import { isUtf8 } from 'node:buffer';
import { type KeyObject, sign } from 'node:crypto';
import type { AlipayConfig } from '../../config/alipay.ts';
import { type Io, unansweredReason } from '../../io.ts';
import { JsonError, parseJsonObject } from '../../json.ts';
import { formatBeijingTime } from '../beijing-time.ts';
import { ProviderCallError, readBoundedBody } from '../call.ts';
import { MalformedMessageError, VerificationError } from '../message.ts';
import { isSignedByAny } from './verify.ts';

/** A call of Alipay's gateway; `bizContent` is what the method itself takes. */
export interface AlipayRequest {
  readonly method: string;
  readonly bizContent: Readonly<Record<string, string>>;
}

/** All parameters of a call, signed with RSA2. `now` in milliseconds. */
export function signedParameters(
  config: AlipayConfig,
  now: number,
  { method, bizContent }: AlipayRequest,
  more: { readonly notify_url?: string } = {},
) {
  const parameters = {
    app_id: config.appId,
    method,
    format: 'JSON',
    charset: 'utf-8',
    sign_type: 'RSA2',
    timestamp: formatBeijingTime(now),
    version: '1.0',
    ...more,
    biz_content: JSON.stringify(bizContent),
    ...(config.certificates && {
      app_cert_sn: config.certificates.appCertSn,
      alipay_root_cert_sn: config.certificates.rootCertSn,
    }),
  };
  return { ...parameters, sign: signatureOf(parameters, config.privateKey) };
}

/** RSA2 over all parameters, sorted by name; unlike in a message, `sign_type` is one of them. */
function signatureOf(parameters: Readonly<Record<string, string>>, privateKey: KeyObject): string {
  const content = Object.keys(parameters)
    .sort()
    .map((name) => `${name}=${parameters[name]}`)
    .join('&');
  return sign('RSA-SHA256', Buffer.from(content), privateKey).toString('base64');
}

export type AlipayFields = Readonly<Record<string, unknown>>;

/**
 * What a gateway answer says, once its `sign` has verified over the answer's own text. Only that text is then parsed:
 * what surrounds it is not signed.
 * @throws VerificationError, JsonError
 */
export function verifyAnswer(body: Buffer, method: string, publicKeys: readonly KeyObject[]): AlipayFields {
  const charset = charsetOf(body);
  const { sign } = parseJsonObject(toUtf8(body, charset));
  if (typeof sign !== 'string' || sign === '') {
    throw new VerificationError('signature_missing', 'the Alipay answer is not signed');
  }
  const signature = Buffer.from(sign, 'base64');
  const content = signedBytes(body, method, charset);
  const verified = signedForms(content, charset).find((form) => isSignedByAny(publicKeys, form, signature));
  if (!verified) {
    throw new VerificationError('signature_mismatch', 'the Alipay answer does not match its signature');
  }
  return parseJsonObject(toUtf8(verified, charset));
}

type Charset = 'utf-8' | 'gb18030';

/**
 * What an answer is in: asked for UTF-8, the gateway may still answer in GBK, mostly a refusal, and does not always say
 * so (smartwalle/alipay, issue 257). A word or two in GBK may be UTF-8 as well: that is verified all the same, and what
 * is misread of it is for people.
 */
const charsetOf = (body: Buffer): Charset => (isUtf8(body) ? 'utf-8' : 'gb18030');

/** @throws JsonError */
function toUtf8(bytes: Buffer, charset: Charset): Buffer {
  try {
    return Buffer.from(new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw new JsonError({ zh: '不是有效的 UTF-8 或 GBK', en: 'is not valid UTF-8 or GBK' });
  }
}

/** A character of two bytes, of which the second may look like ASCII. Of those of four, digits alone do (GB 18030). */
const WIDE_CHARACTER = /[\x81-\xfe][\x40-\x7e\x80-\xfe]/g;

/** One character for each byte: what is ASCII in it, digits aside, is. */
function asciiIn(bytes: Buffer, charset: Charset): string {
  const text = bytes.toString('latin1');
  if (charset === 'utf-8') return text;
  return text.replace(WIDE_CHARACTER, '\x80\x80');
}

/** The object of `<method>_response`, as it came; empty when there is none. */
function signedBytes(body: Buffer, method: string, charset: Charset): Buffer {
  const [start, end] = signedRange(asciiIn(body, charset), method) ?? [0, 0];
  return body.subarray(start, end);
}

/** As it came, and, as Alipay's SDK for PHP has it, with its slashes not escaped: either may have been signed. */
function signedForms(content: Buffer, charset: Charset): Buffer[] {
  const ascii = asciiIn(content, charset);
  const kept: Buffer[] = [];
  let rest = 0;
  for (let at = ascii.indexOf('\\/'); at !== -1; at = ascii.indexOf('\\/', at + 2)) {
    kept.push(content.subarray(rest, at));
    rest = at + 1;
  }
  return [content, Buffer.concat([...kept, content.subarray(rest)])];
}

/** Null when the answer has none, or not to this method. Not verified: good for a message to developers alone. */
function unverifiedReason(body: Buffer, method: string): string | null {
  try {
    const charset = charsetOf(body);
    const { sub_code } = parseJsonObject(toUtf8(signedBytes(body, method, charset), charset));
    return typeof sub_code === 'string' && /^[\w.-]{1,64}$/.test(sub_code) ? sub_code : null;
  } catch {
    return null;
  }
}

/**
 * Where the object of `<method>_response` stands, from brace to brace, as alipay-sdk's getSignStr finds it. Here `sign`
 * may also stand before it, as it does in answers of the sandbox. Null when there is none.
 */
export function signedRange(text: string, method: string): readonly [start: number, end: number] | null {
  const name = `"${method.replaceAll('.', '_')}_response"`;
  const [before, after] = [text.indexOf(name), text.indexOf('"error_response"')];
  const position = before === -1 ? after : before;
  const start = position === -1 ? -1 : text.indexOf('{', position);
  const end = start === -1 ? -1 : endOfObject(text, start);
  return end === -1 ? null : [start, end];
}

/** The position after the brace that closes the one at `start`. */
function endOfObject(text: string, start: number): number {
  const token = /"(?:[^"\\]|\\.)*"|[{}]/gs;
  token.lastIndex = start;
  let depth = 0;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    if (match[0] === '{') depth += 1;
    if (match[0] === '}') depth -= 1;
    if (depth === 0) return token.lastIndex;
  }
  return -1;
}

const TIMEOUT_MS = 5_000;
const MAXIMUM_ANSWER_SIZE = 256 * 1024;
const SUCCESS = '10000';

/**
 * Calls Alipay's gateway and gives what its verified answer says. A verified refusal carries Alipay's `sub_code` as
 * the error's `code`. As alipay-sdk does, all parameters but `biz_content` go in the address: the gateway needs the
 * charset before it decodes the form.
 * @throws ProviderCallError
 */
export async function requestAlipay(
  config: AlipayConfig,
  io: Pick<Io, 'fetch' | 'now'>,
  request: AlipayRequest,
): Promise<AlipayFields> {
  const { status, body } = await send(config, io, request);
  if (status !== 200) throw failure(request, status, 'no answer of the gateway');
  const answer = verified(config, request, body);
  if (answer['code'] === SUCCESS) return answer;
  const code = typeof answer['sub_code'] === 'string' ? answer['sub_code'] : null;
  throw failure(request, status, `refused: ${unverifiedReason(body, request.method) ?? 'no reason'}`, code);
}

/** What `read` makes of a verified answer. @throws ProviderCallError */
export function readAnswer<T>(request: AlipayRequest, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof MalformedMessageError ? unusableAnswer(request, error.field ?? 'field') : error;
  }
}

export function unusableAnswer(request: AlipayRequest, field: string): ProviderCallError {
  return failure(request, 200, `the answer has no usable ${field}`);
}

async function send(config: AlipayConfig, io: Pick<Io, 'fetch' | 'now'>, request: AlipayRequest) {
  const { biz_content, ...inAddress } = signedParameters(config, io.now(), request);
  try {
    const response = await io.fetch(`${config.gatewayUrl}?${new URLSearchParams(inAddress)}`, {
      method: 'POST',
      headers: { accept: 'application/json', 'user-agent': 'settle' },
      body: new URLSearchParams({ biz_content }),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body = await readBoundedBody(response, MAXIMUM_ANSWER_SIZE);
    if (!body) throw failure(request, response.status, 'the answer is too large');
    return { status: response.status, body };
  } catch (error) {
    if (error instanceof ProviderCallError) throw error;
    throw failure(request, null, unansweredReason(error));
  }
}

/** An answer to a call that the gateway does not let in, for an unknown app for instance, is not signed. */
function verified(config: AlipayConfig, request: AlipayRequest, body: Buffer): AlipayFields {
  try {
    return verifyAnswer(body, request.method, config.publicKeys);
  } catch (error) {
    const reason = error instanceof VerificationError ? error.reason : 'not JSON';
    const details = [reason, unverifiedReason(body, request.method)].filter((detail) => detail !== null);
    throw failure(request, null, `the answer is not verified: ${details.join(' ')}`);
  }
}

function failure(
  { method }: AlipayRequest,
  status: number | null,
  reason: string,
  code: string | null = null,
): ProviderCallError {
  return new ProviderCallError('alipay', status, `${method}: ${reason}`, code);
}

import { type WechatConfig, wechatBackupBaseUrl, wechatBaseUrl } from '../../config/wechat.ts';
import type { Io } from '../../io.ts';
import { readBoundedBody } from '../bounded-body.ts';
import { ProviderCallError } from '../errors.ts';
import type { RawMessage } from '../provider.ts';
import { fetchSigned } from './signed-fetch.ts';

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
const unreachableCodes: ReadonlySet<unknown> = new Set([
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
    throw callFailure(request, null, error instanceof Error ? error.name : 'no answer');
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
    if (config.baseUrl !== wechatBaseUrl || !isUnreachable(error)) throw error;
    return send(wechatBackupBaseUrl);
  }
}

/** `fetch` hides the system's error in the cause of its own. */
function isUnreachable(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && unreachableCodes.has(cause.code);
}

import type { WechatConfig } from '../../config/wechat.ts';
import type { Io } from '../../io.ts';
import { parseJsonObject } from '../../json.ts';
import { ProviderCallError, VerificationError } from '../errors.ts';
import { wechatAuthorization } from './sign.ts';
import { verifyWechatMessage } from './verify.ts';

export interface WechatRequest {
  readonly method: 'GET' | 'POST';
  /** Below the base address; may end in a query. */
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
  /** For the whole call; 5 s unless told. */
  readonly timeout_ms?: number;
}

type Answer = Readonly<Record<string, unknown>> | null;

const maximumAnswerSize = 256 * 1024;

/**
 * Calls WeChat Pay with a signed request and gives what its answer says, null for a 204. A successful answer is used
 * only if its own signature verifies; of an error answer only the status and the error code are told.
 * @throws ProviderCallError
 */
export async function requestWechat(config: WechatConfig, io: Io, request: WechatRequest): Promise<Answer> {
  const { response, body } = await send(config, io, request);
  if (!body) throw failure(request, response.status, 'answer is too large');
  if (!response.ok) throw failure(request, response.status, errorCode(body));
  try {
    verifyWechatMessage(config.publicKeys, { headers: Object.fromEntries(response.headers), body }, io.now());
  } catch (error) {
    const reason = error instanceof VerificationError ? error.reason : 'verification failed';
    throw failure(request, null, `answer not verified: ${reason}`);
  }
  if (response.status === 204) return null;
  try {
    return parseJsonObject(body);
  } catch {
    throw failure(request, response.status, 'answer is not a JSON object');
  }
}

/** What is wrong with a verified answer. */
export function unusableAnswer(request: WechatRequest, field: string): ProviderCallError {
  return failure(request, 200, `answer has no usable ${field}`);
}

async function send(config: WechatConfig, io: Io, request: WechatRequest) {
  try {
    const response = await io.fetch(...fetchArguments(config, io, request));
    return { response, body: await readBounded(response) };
  } catch (error) {
    throw failure(request, null, error instanceof Error ? error.name : 'no answer');
  }
}

function fetchArguments(
  config: WechatConfig,
  io: Io,
  { method, path, body, timeout_ms = 5000 }: WechatRequest,
): [URL, RequestInit] {
  const url = new URL(`${config.baseUrl}${path}`);
  const text = body ? JSON.stringify(body) : '';
  const authorization = wechatAuthorization(config, {
    method,
    target: `${url.pathname}${url.search}`,
    timestamp: String(Math.floor(io.now() / 1000)),
    nonce: io.randomBytes(16).toString('hex'),
    body: text,
  });
  return [
    url,
    {
      method,
      headers: {
        accept: 'application/json',
        authorization,
        'user-agent': 'settle',
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: text }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeout_ms),
    },
  ];
}

/** Null when it is too large. */
async function readBounded({ body }: Response): Promise<Buffer | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > maximumAnswerSize) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Such as PARAM_ERROR; nothing else of an error answer is safe to repeat. */
function errorCode(body: Buffer): string {
  try {
    const { code } = parseJsonObject(body);
    if (typeof code === 'string' && /^[A-Z_]{1,64}$/.test(code)) return code;
  } catch {
    // An answer without a code, from a proxy for instance.
  }
  return 'no error code';
}

function failure({ method, path }: WechatRequest, status: number | null, reason: string): ProviderCallError {
  const outcome = status === null ? reason : `HTTP ${status}, ${reason}`;
  return new ProviderCallError('wechat', status, `WeChat Pay ${method} ${path}: ${outcome}`);
}

import type { AlipayConfig } from '../../config/alipay.ts';
import type { Io } from '../../io.ts';
import { readBoundedBody } from '../bounded-body.ts';
import { MalformedMessageError, ProviderCallError, VerificationError } from '../errors.ts';
import { type AlipayFields, unverifiedReason, verifyAnswer } from './answer.ts';
import { type AlipayRequest, signedParameters } from './sign.ts';

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
    throw failure(request, null, error instanceof Error ? error.name : 'no answer');
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

import type { WechatConfig } from '../../config/wechat.ts';
import type { Io } from '../../io.ts';
import { parseJsonObject } from '../../json.ts';
import { type ProviderCallError, VerificationError } from '../errors.ts';
import { callFailure, exchangeWechat, type ReceivedAnswer, type WechatRequest } from './exchange.ts';
import { verifyWechatMessage } from './verify.ts';

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
  try {
    const { code } = parseJsonObject(body);
    return typeof code === 'string' && /^[A-Z_]{1,64}$/.test(code) ? code : null;
  } catch {
    // An answer without a code, from a proxy for instance.
    return null;
  }
}

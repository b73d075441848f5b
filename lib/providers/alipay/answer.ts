import type { KeyObject } from 'node:crypto';
import { parseJsonObject } from '../../json.ts';
import { VerificationError } from '../errors.ts';
import { isSignedByAny } from './signature.ts';

export type AlipayFields = Readonly<Record<string, unknown>>;

/**
 * What a gateway answer says, once its `sign` has verified over the answer's own text. Only that text is then parsed:
 * what surrounds it is not signed.
 * @throws VerificationError, JsonError
 */
export function verifyAnswer(body: Buffer, method: string, publicKeys: readonly KeyObject[]): AlipayFields {
  const { sign } = parseJsonObject(body);
  if (typeof sign !== 'string' || sign === '') {
    throw new VerificationError('signature_missing', 'the Alipay answer is not signed');
  }
  const content = Buffer.from(signedText(body.toString(), method) ?? '');
  if (!isSignedByAny(publicKeys, content, Buffer.from(sign, 'base64'))) {
    throw new VerificationError('signature_mismatch', 'the Alipay answer does not match its signature');
  }
  return parseJsonObject(content);
}

/** Null when the answer has none, or not to this method. Not verified: good for a message to developers alone. */
export function unverifiedReason(body: Buffer, method: string): string | null {
  try {
    const { sub_code } = parseJsonObject(Buffer.from(signedText(body.toString(), method) ?? ''));
    return typeof sub_code === 'string' && /^[\w.-]{1,64}$/.test(sub_code) ? sub_code : null;
  } catch {
    return null;
  }
}

/**
 * The object of `<method>_response`, from brace to brace, as alipay-sdk's getSignStr finds it. Here `sign` may also
 * stand before it, as it does in answers of the sandbox. Null when there is none.
 */
export function signedText(text: string, method: string): string | null {
  const name = `"${method.replaceAll('.', '_')}_response"`;
  const [before, after] = [text.indexOf(name), text.indexOf('"error_response"')];
  const position = before === -1 ? after : before;
  const start = position === -1 ? -1 : text.indexOf('{', position);
  const end = start === -1 ? -1 : endOfObject(text, start);
  return end === -1 ? null : text.slice(start, end);
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

import type { WecomConfig } from '../config/wecom.ts';
import { type Io, unansweredReason } from '../io.ts';
import { parseJsonObject } from '../json.ts';

/** WeCom did not take a message. `errcode` is its own word for why, null when it gave none. */
export class WecomError extends Error {
  override readonly name = 'WecomError';
  readonly errcode: number | null;

  constructor(errcode: number | null, message: string) {
    super(message);
    this.errcode = errcode;
  }
}

const TIMEOUT_MS = 5_000;
const MAX_ANSWER_BYTES = 16_384;

/**
 * Sends markdown of at most 4096 bytes of UTF-8 to the group robot. HTTP 200 with an `errcode` other than 0 is a
 * failure, and so is a redirect (WeCom, group robot). The robot's key reaches no error.
 * @throws WecomError
 */
export async function sendToWecom(
  { webhookUrl }: WecomConfig,
  { fetch }: Pick<Io, 'fetch'>,
  content: string,
): Promise<void> {
  const response = await answerOrFail(() =>
    fetch(webhookUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ msgtype: 'markdown', markdown: { content } }),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }),
  );
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new WecomError(null, `WeCom answered with HTTP status ${response.status}`);
  }
  const errcode = readErrcode(await answerOrFail(() => readAnswer(response)));
  if (errcode !== 0) throw new WecomError(errcode, `WeCom refused the message with errcode ${errcode}`);
}

/** The error of a failed request may quote its address, which holds the key: only a code or a name goes on. */
async function answerOrFail<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof WecomError) throw error;
    throw new WecomError(null, `no answer from WeCom (${unansweredReason(error)})`);
  }
}

async function readAnswer(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > MAX_ANSWER_BYTES) throw new WecomError(null, 'the answer from WeCom is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function readErrcode(body: Buffer): number {
  try {
    const { errcode } = parseJsonObject(body);
    if (typeof errcode === 'number') return errcode;
  } catch {
    // Not JSON: as good as an answer without errcode.
  }
  throw new WecomError(null, 'the answer from WeCom has no errcode');
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CurrencyFormat, parseAmount } from '../money.ts';
import type { Provider } from '../orders/kinds.ts';
import type { OtherRow } from '../orders/provider-gateway.ts';
import { ProviderCallError } from './call.ts';
import { MalformedMessageError } from './message.ts';

/** The provider has no bill of the day yet. */
export class BillNotReadyError extends Error {
  override readonly name = 'BillNotReadyError';

  constructor(provider: Provider, options?: ErrorOptions) {
    super(`${provider} has no bill of the day yet`, options);
  }
}

/**
 * Passes an error on, as that of a bill which is not there yet where its code says so.
 * @throws BillNotReadyError, or the error
 */
export function throwNotReady(error: unknown, codes: readonly string[]): never {
  if (error instanceof ProviderCallError && codes.some((code) => code === error.code)) {
    throw new BillNotReadyError(error.provider, { cause: error });
  }
  throw error;
}

/**
 * Keeps what is downloaded aside in a file while it is read, so that nothing of it is used before all of it is there
 * and proven; afterwards the file is gone.
 */
export async function* throughFile<T>(
  download: (path: string) => Promise<void>,
  read: (path: string) => AsyncIterable<T>,
): AsyncGenerator<T> {
  const folder = await mkdtemp(join(tmpdir(), 'settle-bill-'));
  try {
    const path = join(folder, 'bill');
    await download(path);
    yield* read(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** In thousandths of what a fee is counted in: WeChat Pay writes three decimals more than its currency has. */
const FEE_DIGITS = 3;

const NAME_LENGTH = 32;

/** A row whose kind is not known, by the bill's name for it: a few letters, digits and what may stand between them. */
export const unknownRow = (name: string): OtherRow => ({
  kind: 'other',
  name: name.replace(/[^\p{L}\p{N} ()_.-]|^_+/gu, '').slice(0, NAME_LENGTH) || '-',
  understood: false,
});

/**
 * A fee in thousandths of its currency's smallest unit, as its decimal text says, sign included; nothing is none.
 * @throws AmountError
 */
export function parseFee(text: string, { digits }: Pick<CurrencyFormat, 'digits'>): number {
  if (text === '') return 0;
  const isNegative = text.startsWith('-');
  const fee = parseAmount(isNegative ? text.slice(1) : text, { digits: digits + FEE_DIGITS, step: 1 });
  return isNegative && fee !== 0 ? -fee : fee;
}

/** In characters: a row of a bill has a few hundred. */
const LONGEST_LINE = 65_536;

/**
 * The lines of a text in this encoding, as they come; the last one is what follows the last line break.
 * @throws MalformedMessageError naming the line that is longer than any row, before more of it is read
 */
export async function* textLines(
  bytes: AsyncIterable<Uint8Array>,
  encoding: 'utf-8' | 'gb18030',
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  let rest = '';
  let lineNumber = 1;
  const checkLength = (line: string): void => {
    if (line.length > LONGEST_LINE)
      throw new MalformedMessageError(null, {
        zh: `第 ${lineNumber} 行过长`,
        en: `line ${lineNumber} is too long`,
      });
  };
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    // Stryker disable next-line StringLiteral: a text that is split has a last part
    rest = lines.pop() ?? '';
    for (const line of lines) {
      checkLength(line);
      yield line;
      lineNumber += 1;
    }
    checkLength(rest);
  }
  yield rest + decoder.decode();
}

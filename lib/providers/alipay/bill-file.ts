import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { MalformedMessageError } from '../errors.ts';
import { textLines } from '../text-lines.ts';

/** Bit 11 of a zip entry's flags: its name is UTF-8. */
const UTF8_NAME = 0x800;

/**
 * The lines of the trade details in a bill's zip, which holds a file of sums beside them.
 * @throws MalformedMessageError
 */
export async function* zippedBillLines(path: string): AsyncGenerator<string> {
  let zip: ZipFile | undefined;
  let hasDetails = false;
  try {
    zip = await openPromise(path, { decodeStrings: false, autoClose: false });
    for await (const entry of zip.eachEntry()) {
      if (!isDetails(nameOf(entry))) continue;
      hasDetails = true;
      yield* billLines(await zip.openReadStreamPromise(entry));
    }
  } catch {
    throw new MalformedMessageError(null, '账单不是可读的 zip 文件');
  } finally {
    zip?.close();
  }
  if (!hasDetails) throw new MalformedMessageError('业务明细', '不在压缩包中');
}

/** The lines of a bill's CSV, which is GBK. */
export const billLines = (bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> =>
  textLines(bytes, 'gb18030');

const isDetails = (name: string): boolean => name.includes('业务明细') && !name.includes('汇总');

function nameOf({ fileNameRaw, generalPurposeBitFlag }: Entry): string {
  return new TextDecoder(generalPurposeBitFlag & UTF8_NAME ? 'utf-8' : 'gb18030').decode(fileNameRaw);
}

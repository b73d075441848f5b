import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { type Entry, openPromise } from 'yauzl';
import { textLines } from '../bill.ts';
import { MalformedMessageError } from '../message.ts';

/** The lines of a bill in a file: the zip, or the CSV in it. @throws MalformedMessageError */
export const fileLines = (file: string): AsyncIterable<string> =>
  file.toLowerCase().endsWith('.zip') ? zippedBillLines(file) : billLines(createReadStream(file));

/** What a bill's text may unpack to: rows of numbers shrink to a tenth or so, a file that is made to grow to a thousandth. */
const LARGEST_GROWTH = 200;
const LARGEST_TEXT = 2 ** 32;

/** Bit 11 of a zip entry's flags: its name is UTF-8. */
const UTF8_NAME = 0x800;

/**
 * The lines of the trade details in a bill's zip, which holds a file of sums beside them. Each file is as large as the
 * zip's directory says, and of the same checksum, or refused while it is read.
 * @throws MalformedMessageError
 */
export async function* zippedBillLines(path: string): AsyncGenerator<string> {
  let hasDetails = false;
  try {
    let mayUnpack = Math.min((await stat(path)).size * LARGEST_GROWTH, LARGEST_TEXT);
    // Closed when its entries have been gone through, or are gone through no further.
    const zip = await openPromise(path, { decodeStrings: false });
    for await (const entry of zip.eachEntry()) {
      if (!isDetails(nameOf(entry))) continue;
      hasDetails = true;
      mayUnpack -= entry.uncompressedSize;
      if (mayUnpack < 0)
        throw new MalformedMessageError(null, { zh: '压缩包解压后过大', en: 'is too large when unpacked' });
      yield* billLines(checked(await zip.openReadStreamPromise(entry), entry));
    }
  } catch (error) {
    if (error instanceof MalformedMessageError) throw error;
    throw new MalformedMessageError(null, { zh: '账单不是可读的 zip 文件', en: 'is no readable zip file' });
  }
  if (!hasDetails)
    throw new MalformedMessageError('业务明细', { zh: '不在压缩包中', en: 'is not in the zip file' });
}

/** The bytes of an entry, which yauzl does not hold to their checksum. */
async function* checked(bytes: AsyncIterable<Uint8Array>, entry: Entry): AsyncGenerator<Uint8Array> {
  let checksum = 0;
  for await (const chunk of bytes) {
    checksum = crc32(chunk, checksum);
    yield chunk;
  }
  if (checksum !== entry.crc32) throw new Error('the file is not the one of its checksum');
}

/** The lines of a bill's CSV, which is GBK. */
export const billLines = (bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> =>
  textLines(bytes, 'gb18030');

const isDetails = (name: string): boolean => name.includes('业务明细') && !name.includes('汇总');

function nameOf({ fileNameRaw, generalPurposeBitFlag }: Entry): string {
  return new TextDecoder(generalPurposeBitFlag & UTF8_NAME ? 'utf-8' : 'gb18030').decode(fileNameRaw);
}

import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipFile {
  readonly name: Buffer;
  readonly content: Buffer;
}

/** A zip as Java writes it: each file deflated, its sizes after it and in the directory at the end. */
export function zipOf(files: readonly ZipFile[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content } of files) {
    const data = deflateRawSync(content);
    const sizes = uint32(crc32(content), data.length, content.length);
    const header = uint16(20, 0x0008, 8, 0, 0x5c21);
    const start = offset;
    const local = [signature('PK\x03\x04'), header, uint32(0, 0, 0), uint16(name.length, 0), name];
    for (const part of [...local, data, signature('PK\x07\x08'), sizes]) {
      parts.push(part);
      offset += part.length;
    }
    const lengths = uint16(name.length, 0, 0, 0, 0);
    directory.push(signature('PK\x01\x02'), uint16(20), header, sizes, lengths, uint32(0, start), name);
  }
  const entries = Buffer.concat(directory);
  const end = [
    signature('PK\x05\x06'),
    uint16(0, 0, files.length, files.length),
    uint32(entries.length, offset),
  ];
  return Buffer.concat([...parts, entries, ...end, uint16(0)]);
}

const signature = (text: string) => Buffer.from(text, 'latin1');

function uint16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) bytes.writeUInt16LE(value, index * 2);
  return bytes;
}

function uint32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, index * 4);
  return bytes;
}

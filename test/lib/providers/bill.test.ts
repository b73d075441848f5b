import { describe, expect, it } from 'vitest';
import { textLines } from '../../../lib/providers/bill.ts';

/** The lines, and how many of the bytes were taken for them. */
async function read(parts: readonly string[]) {
  let taken = 0;
  async function* bytes() {
    for (const part of parts) {
      taken += part.length;
      yield Buffer.from(part);
    }
  }
  const lines = await Array.fromAsync(textLines(bytes(), 'utf-8')).catch((error: Error) => error);
  return { lines, taken };
}

const part = 'x'.repeat(32_768);
const tooLong = (line: number) =>
  expect.objectContaining({ name: 'MalformedMessageError', message: `第 ${line} 行过长` });

describe('textLines', () => {
  it('gives lines as they come, however they are cut', async () => {
    expect(await read(['a', 'b\nc\n', '\n', 'd'])).toMatchObject({ lines: ['ab', 'c', '', 'd'] });
    expect(await read([])).toMatchObject({ lines: [''] });
  });

  it('takes lines of up to 65,536 characters', async () => {
    expect(await read([part, part, '\n', part, part])).toMatchObject({ lines: [part + part, part + part] });
  });

  it('refuses a longer one, and reads no more of it', async () => {
    const { lines, taken } = await read(['a\n', ...Array.from({ length: 1_000 }, () => part)]);
    expect(lines).toEqual(tooLong(2));
    expect(taken).toBe(2 + 3 * part.length);
  });

  it('refuses one that came as a whole', async () => {
    expect(await read([`a\nb\n${part + part}x\nc\n`])).toMatchObject({ lines: tooLong(3) });
  });
});

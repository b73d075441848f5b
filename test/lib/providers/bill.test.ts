import { existsSync } from 'node:fs';
import { readFile, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseFee, textLines, throughFile, throwNotReady, unknownRow } from '../../../lib/providers/bill.ts';
import { ProviderCallError } from '../../../lib/providers/call.ts';

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

  it.each([
    ['utf-8', Buffer.from('咖啡\n茶')],
    ['gb18030', Buffer.from([0xbf, 0xa7, 0xb7, 0xc8, 0x0a, 0xb2, 0xe8])],
  ] as const)('reads characters that are cut, in %s', async (encoding, text) => {
    async function* bytes() {
      for (const byte of text) yield Uint8Array.of(byte);
    }
    expect(await Array.fromAsync(textLines(bytes(), encoding))).toEqual(['咖啡', '茶']);
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

describe('throwNotReady', () => {
  const refused = (code: string | null) => new ProviderCallError('wechat', 400, 'refused', code);
  const codes = ['isp.bill_not_exist', 'BILL_NOT_EXIST'];
  const unrelated = Object.assign(new Error('of a file'), { code: 'BILL_NOT_EXIST' });

  it('says that there is no bill yet where the provider says so, and why', () => {
    const cause = refused('BILL_NOT_EXIST');
    expect(() => throwNotReady(cause, codes)).toThrow(
      expect.objectContaining({
        name: 'BillNotReadyError',
        message: 'wechat has no bill of the day yet',
        cause,
      }),
    );
  });

  it.each([refused('SYSTEM_ERROR'), refused(null), unrelated])(
    'passes on what says nothing of it: %s, $code',
    (error) => {
      expect(() => throwNotReady(error, codes)).toThrow(error);
    },
  );
});

describe('what is downloaded', () => {
  const arrange = (end?: Error) => {
    const folders: string[] = [];
    const rows = throughFile(
      async (path) => {
        folders.push(dirname(path));
        await writeFile(path, 'a\nb');
      },
      async function* (path) {
        yield* (await readFile(path, 'utf8')).split('\n');
        if (end) throw end;
      },
    );
    return { rows, folders };
  };

  it('is read from a folder of its own, where temporary files are', async () => {
    const first = arrange();
    const second = arrange();
    expect(await Array.fromAsync(first.rows)).toEqual(['a', 'b']);
    expect(await Array.fromAsync(second.rows)).toEqual(['a', 'b']);
    expect(first.folders).not.toEqual(second.folders);
    expect([...first.folders, ...second.folders].map(dirname)).toEqual([tmpdir(), tmpdir()]);
  });

  it.each<[string, (rows: AsyncGenerator<string>) => Promise<unknown>, Error?]>([
    ['it is read', (rows) => Array.fromAsync(rows)],
    ['its reader has enough', (rows) => rows.return(undefined)],
    ['it cannot be read', (rows) => Array.fromAsync(rows), new Error('of the file')],
  ])('is gone once %s', async (_, finish, end) => {
    const { rows, folders } = arrange(end);
    expect(await rows.next()).toEqual({ done: false, value: 'a' });
    expect(folders.map(existsSync)).toEqual([true]);
    const failure = await finish(rows).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBe(end);
    expect(folders.map(existsSync)).toEqual([false]);
  });
});

it('what is downloaded may be gone when its failure is told of', async () => {
  const failure = new Error('of the download');
  const rows = throughFile(
    async (path) => {
      await rmdir(dirname(path));
      throw failure;
    },
    async function* () {},
  );
  await expect(Array.fromAsync(rows)).rejects.toThrow(failure);
});

it.each([
  ['转 账<b>', '转 账b'],
  ['<>', '-'],
  ['', '-'],
  [`<${'x'.repeat(33)}`, 'x'.repeat(32)],
])('a row of a kind called %j is named %j', (name, shown) => {
  expect(unknownRow(name)).toEqual({ kind: 'other', name: shown, understood: false });
});

it.each([
  ['0.11', 11_000],
  ['-0.00001', -1],
  ['-0.00', 0],
  ['', 0],
])('a fee of %j is %j thousandths of a fen', (text, fee) => {
  expect(parseFee(text, { digits: 2 })).toBe(fee);
});

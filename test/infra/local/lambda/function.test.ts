import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFunction, type LocalFunction } from '../../../../infra/local/lambda/function.ts';

let directory: string;
let logs: string[];
let running: LocalFunction[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'settle-test-'));
  logs = [];
  running = [];
});

afterEach(async () => {
  await Promise.all(running.map((fn) => fn.stop()));
  await rm(directory, { recursive: true });
});

const workerUrl = new URL('../../../../infra/local/lambda/worker.ts', import.meta.url).href;

async function create(source: string, { timeoutMs = 30_000, file = 'f.mjs' } = {}): Promise<LocalFunction> {
  const path = join(directory, file);
  await writeFile(path, source);
  const fn = createFunction({
    name: 'f',
    bundleUrl: pathToFileURL(path).href,
    workerUrl,
    environment: { ONLY: 'this' },
    timeoutMs,
    log: (line) => logs.push(line),
  });
  running.push(fn);
  return fn;
}

describe('a function', () => {
  it('gets the event and Lambda’s context, and gives its result, both as JSON', async () => {
    const fn = await create(`export const handler = async (event, context) => ({
      event, left_out: undefined, name: context.functionName, remaining: context.getRemainingTimeInMillis(),
      id: context.awsRequestId,
    });`);
    expect(await fn.invoke({ a: [1], b: undefined })).toEqual({
      event: { a: [1] },
      name: 'f',
      remaining: expect.any(Number),
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('sees no environment but its own', async () => {
    const fn = await create('export const handler = async () => ({ ...process.env });');
    expect(await fn.invoke({})).toEqual({ ONLY: 'this' });
  });

  it('logs line by line, unchanged', async () => {
    const fn = await create(`export const handler = async () => {
      console.log(JSON.stringify({ a: '金' }));
      console.error('two');
    };`);
    await fn.invoke({});
    await expect.poll(() => logs.toSorted()).toEqual(['two', '{"a":"金"}']);
  });

  it('keeps the reason of a failure in its log', async () => {
    const fn = await create(`export const handler = async () => { throw new RangeError('why'); };`);
    await expect(fn.invoke({})).rejects.toThrow('f failed');
    await expect.poll(() => logs).toHaveLength(1);
    expect(JSON.parse(logs[0] ?? '')).toMatchObject({ errorType: 'RangeError', errorMessage: 'why' });
  });

  it('does not start when its bundle does not load, or has no handler', async () => {
    const broken = await create('throw new Error("broken")');
    await expect(broken.start()).rejects.toThrow('broken');
    const other = await create('export const other = 1;');
    await expect(other.start()).rejects.toThrow('f exports no handler');
  });

  it('is loaded by its first event, unless it was started, and once', async () => {
    const source = (name: string) => `console.log('${name}'); export const handler = async () => 'ok';`;
    const first = await create(source('first'), { file: 'first.mjs' });
    const other = await create(source('other'), { file: 'other.mjs' });
    await other.start();
    await expect.poll(() => logs).toEqual(['other']);
    expect(await Promise.all([first.invoke({}), first.invoke({}), other.invoke({})])).toEqual([
      'ok',
      'ok',
      'ok',
    ]);
    await expect.poll(() => logs).toEqual(['other', 'first']);
  });

  it('that does not load fails its event, and is tried anew by the next', async () => {
    const fn = await create('throw new Error("broken")');
    await expect(fn.invoke({})).rejects.toThrow('broken');
    await create('export const handler = async () => "mended";');
    expect(await fn.invoke({})).toBe('mended');
  });

  it('can be crashed from outside: what it was doing fails, and the next event finds another thread', async () => {
    const fn = await create(`let calls = 0;
      export const handler = async ({ wait }) => {
        calls += 1;
        console.log('called');
        return wait ? new Promise(() => {}) : calls;
      };`);
    expect(await fn.invoke({})).toBe(1);
    const waiting = expect(fn.invoke({ wait: true })).rejects.toThrow('f ended');
    await expect.poll(() => logs).toHaveLength(2);
    await fn.crash();
    await waiting;
    expect(await fn.invoke({})).toBe(1);
  });

  it('fails what it was doing when its thread dies, and starts again for the next event', async () => {
    const fn = await create(`let calls = 0;
      export const handler = async ({ die }) => {
        calls += 1;
        if (die) setImmediate(() => { throw new Error('dead'); });
        return die ? new Promise(() => {}) : calls;
      };`);
    expect(await fn.invoke({})).toBe(1);
    const slow = fn.invoke({ die: true });
    await expect(slow).rejects.toThrow('f ended');
    expect(await fn.invoke({})).toBe(1);
    expect(logs.some((line) => line.includes('dead'))).toBe(true);
  });

  it('gives up an invocation that takes too long, and goes on', async () => {
    const fn = await create(
      'export const handler = async ({ hang }) => (hang ? new Promise(() => {}) : "ok");',
      { timeoutMs: 20 },
    );
    await expect(fn.invoke({ hang: true })).rejects.toThrow('timed out after 20 ms');
    expect(await fn.invoke({})).toBe('ok');
  });

  describe('that is reloaded', () => {
    const code = (answer: string) => `import { existsSync } from 'node:fs';
      const released = new URL('./released', import.meta.url);
      export const handler = async ({ wait }) => {
        console.log('called');
        while (wait && !existsSync(released)) await new Promise(setImmediate);
        return '${answer}';
      };`;

    /** What is under way in the old code of a function that has been reloaded. */
    async function startAndReload() {
      const fn = await create(code('old'));
      const underWay = fn.invoke({ wait: true });
      await expect.poll(() => logs).toHaveLength(1);
      await writeFile(join(directory, 'f.mjs'), code('new'));
      await fn.reload();
      return { fn, underWay };
    }

    it('ends in the old code what was begun there', async () => {
      const { fn, underWay } = await startAndReload();
      expect(await fn.invoke({})).toBe('new');
      await writeFile(join(directory, 'released'), '');
      expect(await underWay).toBe('old');
    });

    it('leaves nothing under way once it is stopped', async () => {
      const { fn, underWay } = await startAndReload();
      const ended = expect(underWay).rejects.toThrow('f ended');
      await fn.stop();
      await ended;
    });
  });

  it('takes no event once it is stopped', async () => {
    const fn = await create('export const handler = async () => null;');
    await fn.stop();
    await expect(fn.invoke({})).rejects.toThrow('f is stopped');
  });
});

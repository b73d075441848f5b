import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalFunction, startFunction } from '../../../../infra/local/lambda/function.ts';

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

async function start(source: string, timeoutMs = 30_000): Promise<LocalFunction> {
  const file = join(directory, 'f.mjs');
  await writeFile(file, source);
  const fn = await startFunction({
    name: 'f',
    bundleUrl: pathToFileURL(file).href,
    environment: { ONLY: 'this' },
    timeoutMs,
    log: (line) => logs.push(line),
  });
  running.push(fn);
  return fn;
}

describe('a function', () => {
  it('gets the event and Lambda’s context, and gives its result, both as JSON', async () => {
    const fn = await start(`export const handler = async (event, context) => ({
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
    const fn = await start('export const handler = async () => ({ ...process.env });');
    expect(await fn.invoke({})).toEqual({ ONLY: 'this' });
  });

  it('logs line by line, unchanged', async () => {
    const fn = await start(`export const handler = async () => {
      console.log(JSON.stringify({ a: '金' }));
      console.error('two');
    };`);
    await fn.invoke({});
    await expect.poll(() => logs.toSorted()).toEqual(['two', '{"a":"金"}']);
  });

  it('keeps the reason of a failure in its log', async () => {
    const fn = await start(`export const handler = async () => { throw new RangeError('why'); };`);
    await expect(fn.invoke({})).rejects.toThrow('f failed');
    await expect.poll(() => logs).toHaveLength(1);
    expect(JSON.parse(logs[0] ?? '')).toMatchObject({ errorType: 'RangeError', errorMessage: 'why' });
  });

  it('does not start when its bundle does not load, or has no handler', async () => {
    await expect(start('throw new Error("broken")')).rejects.toThrow('broken');
    await expect(start('export const other = 1;')).rejects.toThrow('f exports no handler');
  });

  it('can be crashed from outside: what it was doing fails, and the next event finds another thread', async () => {
    const fn = await start(`let calls = 0;
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
    const fn = await start(`let calls = 0;
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
    const fn = await start(
      'export const handler = async ({ hang }) => (hang ? new Promise(() => {}) : "ok");',
      20,
    );
    await expect(fn.invoke({ hang: true })).rejects.toThrow('timed out after 20 ms');
    expect(await fn.invoke({})).toBe('ok');
  });

  it('takes no event once it is stopped', async () => {
    const fn = await start('export const handler = async () => null;');
    await fn.stop();
    await expect(fn.invoke({})).rejects.toThrow('f is stopped');
  });
});

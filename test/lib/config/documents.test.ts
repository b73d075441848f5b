import { describe, expect, it } from 'vitest';
import { createDocumentLoader } from '../../../lib/config/documents.ts';

const minute_ms = 60_000;

/** A loader of a document that lies somewhere and can be changed or taken away. */
function arrange(first: string | null = '{"key":1}') {
  const stored = { document: first, reads: 0, now: 0, failures: [] as string[] };
  const read = async (name: string) => {
    stored.reads += 1;
    if (stored.document === null) throw new Error(`${name} cannot be read`);
    return stored.document;
  };
  const parse = (document: unknown) => {
    const { key } = document as { key: unknown };
    if (typeof key !== 'number') throw new Error('key must be a number');
    return key;
  };
  const onFailure = (name: string, error: unknown) => stored.failures.push(`${name}: ${error}`);
  return { stored, load: createDocumentLoader({ read, onFailure }, 'wechat', parse, () => stored.now) };
}

describe('a configuration document', () => {
  it('is read once for all that ask at the same time, and kept', async () => {
    const { stored, load } = arrange();
    expect(await Promise.all([load(), load(), load()])).toEqual([1, 1, 1]);
    stored.now = 4 * minute_ms;
    expect(await load()).toBe(1);
    expect(stored.reads).toBe(1);
  });

  it('that has not changed is not parsed again: what was made of it keeps what it has learned', async () => {
    const stored = { now: 0, reads: 0 };
    const read = async () => {
      stored.reads += 1;
      return '{"key":1}';
    };
    const source = { read, onFailure: () => {} };
    const load = createDocumentLoader(
      source,
      'auth',
      (document) => ({ document }),
      () => stored.now,
    );
    const first = await load();
    stored.now = 6 * minute_ms;
    expect(await load()).toBe(first);
    expect(stored.reads).toBe(2);
    stored.now = 8 * minute_ms;
    await load();
    expect(stored.reads).toBe(2);
  });

  it('that was not there at the start fails who needs it, until it is there', async () => {
    const { stored, load } = arrange(null);
    await expect(load()).rejects.toThrow('wechat cannot be read');
    await expect(load()).rejects.toThrow('wechat cannot be read');
    stored.document = '{"key":2}';
    expect(await load()).toBe(2);
    expect(stored.failures).toEqual([]);
  });

  it('that has changed is in use within five minutes', async () => {
    const { stored, load } = arrange();
    await load();
    stored.document = '{"key":2}';
    stored.now = 5 * minute_ms + 1;
    expect(await load()).toBe(2);
    expect(stored.failures).toEqual([]);
  });

  it.each<[string, string | null, string]>([
    ['cannot be read', null, 'wechat: Error: wechat cannot be read'],
    ['is no JSON', 'key=2', 'wechat: DocumentError: configuration document "wechat": (document) is not JSON'],
    ['is not valid', '{"key":"2"}', 'wechat: Error: key must be a number'],
  ])(
    'that %s any more stays in use as it was, is told of, and is asked for less than every call',
    async (_, document, failure) => {
      const { stored, load } = arrange();
      await load();
      stored.document = document;
      stored.now = 6 * minute_ms;
      expect([await load(), await load(), await load()]).toEqual([1, 1, 1]);
      expect(stored.reads).toBe(2);
      expect(stored.failures).toEqual([failure]);
      stored.document = '{"key":3}';
      stored.now += minute_ms;
      expect(await load()).toBe(3);
      expect(stored.failures).toHaveLength(1);
    },
  );

  it('that is no JSON is refused without being quoted', async () => {
    const { load } = arrange('top secret');
    await expect(load()).rejects.toThrow(/^configuration document "wechat": \(document\) is not JSON$/);
  });
});

import { describe, expect, it, vi } from 'vitest';
import { createDocumentLoader, createDocumentReader, required } from '../../../lib/config/documents.ts';
import { startLoopbackServer } from '../../support/loopback-server.ts';

const minute_ms = 60_000;
const unreachable = new Error('wechat cannot be read');

/** A loader of a document that lies somewhere and can be changed, dropped, or put out of reach. */
function arrange(first: string | null | Error = '{"key":1}') {
  const stored = { document: first, reads: 0, now: 0, failures: [] as string[] };
  const read = async () => {
    stored.reads += 1;
    if (stored.document instanceof Error) throw stored.document;
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

  it('that could not be read at the start fails who needs it, until it is there', async () => {
    const { stored, load } = arrange(unreachable);
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

  it.each<[string, string | Error, string]>([
    ['cannot be read', unreachable, 'wechat: Error: wechat cannot be read'],
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

describe('a document that is not there', () => {
  it('is none, and is looked for again after a minute', async () => {
    const { stored, load } = arrange(null);
    expect(await load()).toBeNull();
    stored.now = minute_ms - 1;
    expect([await load(), await load()]).toEqual([null, null]);
    expect(stored.reads).toBe(1);
    stored.document = '{"key":2}';
    stored.now = minute_ms;
    expect(await load()).toBe(2);
    expect(stored.failures).toEqual([]);
  });

  it('any more is none within five minutes, and may be added again later', async () => {
    const { stored, load } = arrange();
    await load();
    stored.document = null;
    stored.now = 5 * minute_ms;
    expect(await load()).toBeNull();
    stored.document = '{"key":1}';
    stored.now += minute_ms;
    expect(await load()).toBe(1);
    expect(stored.reads).toBe(3);
    expect(stored.failures).toEqual([]);
  });

  it('is not one that cannot be read: what is in use stays in use', async () => {
    const { stored, load } = arrange();
    await load();
    stored.document = unreachable;
    stored.now = 5 * minute_ms;
    expect(await load()).toBe(1);
  });

  it('fails who cannot do without it, by name', async () => {
    const { stored, load } = arrange(null);
    const needed = required('auth', load);
    await expect(needed()).rejects.toThrow('configuration document "auth": (document) is missing');
    stored.document = '{"key":2}';
    stored.now = minute_ms;
    expect(await needed()).toBe(2);
  });
});

describe('a document as it was at a time', () => {
  it('is read again where it was read before then, and not where it was read since', async () => {
    const { stored, load } = arrange();
    await load();
    stored.document = '{"key":2}';
    stored.now = 10_000;
    expect(await load(0)).toBe(1);
    expect(await load(1)).toBe(2);
    expect(await load(10_000)).toBe(2);
    expect(stored.reads).toBe(2);
  });

  it('is looked for again where there was none', async () => {
    const { stored, load } = arrange(null);
    await load();
    stored.document = '{"key":2}';
    stored.now = 10_000;
    expect(await load()).toBeNull();
    expect(await load(1)).toBe(2);
  });

  it.each<[string, string | null]>([
    ['that was there', '{"key":1}'],
    ['that was not there', null],
  ])('is not given as it was before when it cannot be read again: one %s', async (_, first) => {
    const { stored, load } = arrange(first);
    const before = await load();
    stored.document = unreachable;
    stored.now = 10_000;
    await expect(load(1)).rejects.toThrow('wechat cannot be read');
    // Who has no need of that goes on with it; and nobody asks more often.
    expect(await load()).toBe(before);
    await expect(load(1)).rejects.toThrow('wechat cannot be read');
    expect(stored.reads).toBe(2);
    stored.document = '{"key":2}';
    stored.now += minute_ms;
    expect(await load(1)).toBe(2);
  });
});

describe('reading in Secrets Manager', () => {
  /** What a reader of the stage `dev` is given when its call is answered so. */
  async function readWith(status: number, body: object): Promise<string | null> {
    const server = await startLoopbackServer(() => ({ status, body }));
    vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', server.baseUrl);
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    try {
      return await createDocumentReader('dev')('tenants/7');
    } finally {
      vi.unstubAllEnvs();
      await server.close();
      const asked = server.calls.map((call) => JSON.parse(call.body).SecretId);
      expect(new Set(asked)).toEqual(new Set(['settle/dev/tenants/7']));
    }
  }

  it('gives the text under the name of the stage', async () => {
    expect(await readWith(200, { SecretString: '{"key":1}' })).toBe('{"key":1}');
  });

  it.each(['ResourceNotFoundException', 'InvalidRequestException'])(
    'takes %s for a document that is not there: it never was, or is to be deleted',
    async (name) => {
      expect(await readWith(400, { __type: name, message: 'none' })).toBeNull();
    },
  );

  it.each([
    [400, 'AccessDeniedException'],
    [400, 'DecryptionFailure'],
    [400, 'ThrottlingException'],
    [500, 'InternalServiceError'],
  ])('takes no other failure for one: %i %s', async (status, name) => {
    await expect(readWith(status, { __type: name, message: 'no' })).rejects.toThrow(
      expect.objectContaining({ name }),
    );
  });

  it('refuses one without text', async () => {
    await expect(readWith(200, { SecretBinary: 'AA==' })).rejects.toThrow(
      'configuration document "tenants/7": (document) is missing',
    );
  });
});

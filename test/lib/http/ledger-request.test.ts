import { describe, expect, it } from 'vitest';
import { readLedgerRequest } from '../../../lib/http/ledger-api.ts';
import { encodeCursor, parseInstant } from '../../../lib/http/query-parameters.ts';

const now = Date.parse('2026-11-22T08:00:00.000Z');
const read = (query: Record<string, string>) => readLedgerRequest({ account: 'tenant:7' }, query, now);

describe('an account', () => {
  const account = (name: string) => readLedgerRequest({ account: name }, {}, now).account.name;
  const names = ['tenant:7', 'shop:meal', 'provider:wechat.1', 'suspense:wechat.1', 'fees:wechat.1'];

  it.each(names)('can be %s, and the refusal of what is none says so', (name) => {
    expect(account(name)).toBe(name);
    const kind = name.slice(0, name.indexOf(':') + 1);
    for (const none of ['', 'nobody:1']) expect(() => account(none)).toThrow(kind);
  });
});

describe('an instant', () => {
  it.each([
    ['2026-11-22', '2026-11-22T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2026-11-22T08:09:10Z', '2026-11-22T08:09:10.000Z'],
    ['2026-11-22T08:09:10.123Z', '2026-11-22T08:09:10.123Z'],
  ])('can be %s', (text, instant) => {
    expect(parseInstant(text)).toBe(instant);
  });

  it.each([
    '',
    'now',
    '0',
    '1763798400',
    '2026-11',
    '2026-02-30',
    '2026-13-01',
    '2025-02-29',
    '2026-11-22T24:00:00Z',
    '2026-11-22T08:60:00Z',
    '2026-11-22T08:00:00',
    '2026-11-22T08:00Z',
    '2026-11-22T08:00:00+00:00',
    '2026-11-22T08:00:00.1Z',
    '2026-11-22t08:00:00z',
    '2026-11-22T08:00:00Z\n',
    '1999-12-31',
    '+002026-11-22',
    '２０２６-11-22',
    '2026-11-22,2026-11-23',
  ])('cannot be %j', (text) => {
    expect(parseInstant(text)).toBeNull();
  });
});

describe('the period', () => {
  it('is the last 24 hours unless it is named', () => {
    expect(read({}).period).toEqual({ from: '2026-11-21T08:00:00.000Z', to: '2026-11-22T08:00:00.000Z' });
    expect(read({ to: '2026-11-02' }).period).toEqual({
      from: '2026-11-01T00:00:00.000Z',
      to: '2026-11-02T00:00:00.000Z',
    });
    expect(read({ from: '2026-11-22' }).period).toEqual({
      from: '2026-11-22T00:00:00.000Z',
      to: '2026-11-22T08:00:00.000Z',
    });
  });

  it.each([
    [{ from: '2026-11-22', to: '2026-11-22' }],
    [{ from: '2026-11-23', to: '2026-11-22' }],
    [{ from: '2026-11-23' }],
    [{ from: '2026-10-22', to: '2026-11-22T00:00:00.001Z' }],
    [{ from: '2026-01-01' }],
  ])('is refused by the name of its beginning: %j', (query) => {
    expect(() => read(query)).toThrow(/^from /);
  });

  it('can be 31 days long', () => {
    expect(read({ from: '2026-10-22', to: '2026-11-22' }).period.from).toBe('2026-10-22T00:00:00.000Z');
  });
});

describe('a cursor', () => {
  const [from, to, at] = ['2026-11-20T00:00:00.000Z', '2026-11-21T00:00:00.000Z', '2026-11-20T05:00:00.000Z'];
  const cursor = encodeCursor({ at, key: 'k' }, from, to);

  it('carries the place and the period, which may be said again', () => {
    const expected = { after: { at, key: 'k' }, period: { from, to } };
    expect(read({ cursor })).toMatchObject(expected);
    expect(read({ cursor, from: '2026-11-20', to: '2026-11-21' })).toMatchObject(expected);
  });

  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  it.each<[string, string]>([
    ['nothing', ''],
    ['no base64url', 'a+b/c='],
    ['base64 with junk', `${cursor}=`],
    ['another spelling of its last character', `${cursor.slice(0, -1)}!`],
    ['no JSON', Buffer.from('[').toString('base64url')],
    ['no list', encode({ at })],
    ['null', encode(null)],
    ['a number', encode([at, 1, from, to])],
    ['too little', encode([at, 'k', from])],
    ['too much', encode([at, 'k', from, to, to])],
    ['no time', encode(['soon', 'k', from, to])],
    ['a time in another form', encode(['2026-11-20', 'k', from, to])],
    ['a place before the period', encode(['2026-11-19T23:59:59.999Z', 'k', from, to])],
    ['a place after the period', encode([to, 'k', from, to])],
    ['no period', encode([at, 'k', 'x', to])],
    ['a period in another form', encode([at, 'k', '2026-11-20', to])],
    ['more than a key can be', encode([at, 'k'.repeat(961), from, to])],
    ['more than any that is given out', encode([at, 'k'.repeat(9_000), from, to])],
  ])('is refused when it holds %s', (_, text) => {
    expect(() => read({ cursor: text })).toThrow('cursor 无效');
  });

  it('is refused for another period', () => {
    expect(() => read({ cursor, to: '2026-11-22' })).toThrow('cursor 无效');
    expect(() => read({ cursor, from: '2026-11-19' })).toThrow('cursor 无效');
  });

  it('cannot make the period longer than it may be', () => {
    expect(() => read({ cursor: encode([at, 'k', '2020-01-01T00:00:00.000Z', to]) })).toThrow(/^from /);
  });
});

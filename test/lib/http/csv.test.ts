import { describe, expect, it } from 'vitest';
import { csvTable, listReply } from '../../../lib/http/csv.ts';

interface Row {
  readonly order_no: string;
  readonly amount: string | null;
  readonly count: number;
}

type Page = { readonly rows: readonly Row[]; readonly cursor: string | null };
const table = csvTable(['order_no', 'amount', 'count'], ({ rows }: Page) => rows);
const row = (changes: Partial<Row> = {}): Row => ({
  order_no: 'mall-1',
  amount: '1.00',
  count: 2,
  ...changes,
});
const page = (rows: readonly Row[], cursor: string | null = null): Page => ({ rows, cursor });
const reply = (accept: string | undefined, of: Page = page([row()])) => listReply({ accept }, of, table);
const bodyOf = (...rows: readonly Row[]) => {
  const given = reply('text/csv', page(rows));
  return 'body' in given ? given.body : '';
};

describe('a list', () => {
  it.each([
    [undefined],
    [''],
    ['*/*'],
    ['application/json'],
    ['text/*;q=0.5, application/json'],
    ['application/json, text/csv'],
    ['text/csv, application/json'],
    ['text/csv;q=0.9, application/json;q=1'],
    ['text/csv;q=0'],
    ['text/csv;q=0, */*'],
    ['text/csvx'],
    ['nonsense'],
  ])('is JSON where %j is accepted', (accept) => {
    expect(reply(accept)).toMatchObject({ statusCode: 200, data: page([row()]) });
  });

  it.each([
    ['text/csv'],
    ['TEXT/CSV'],
    ['text/csv; charset=utf-8; header=present'],
    ['text/csv, */*;q=0.1'],
    ['text/csv, */*'],
    ['text/csv;q=1.0, application/json;q=0.5'],
    ['application/json;q=0.2,text/csv;q=0.3'],
    ['text/*'],
  ])('is CSV where %j is accepted', (accept) => {
    expect(reply(accept)).toMatchObject({
      statusCode: 200,
      headers: { 'content-type': 'text/csv; charset=utf-8; header=present' },
    });
  });

  it('has its cursor in a header, and none at the end', () => {
    expect(reply('text/csv', page([row()], 'abc'))).toMatchObject({ headers: { 'settle-cursor': 'abc' } });
    expect(reply('text/csv')).toMatchObject({
      headers: expect.not.objectContaining({ 'settle-cursor': null }),
    });
    expect(Object.keys((reply('text/csv') as { headers: object }).headers)).toEqual(['content-type']);
  });
});

describe('CSV', () => {
  it('begins with a byte order mark and the names of its columns, and ends its lines as RFC 4180 says', () => {
    expect(bodyOf()).toBe('\uFEFForder_no,amount,count\r\n');
    expect(bodyOf(row(), row({ amount: null, count: 0 }))).toBe(
      '\uFEFForder_no,amount,count\r\nmall-1,1.00,2\r\nmall-1,,0\r\n',
    );
  });

  it('quotes what would be taken for something else', () => {
    expect(bodyOf(row({ order_no: 'a,"b"\r\nc' }))).toContain('\r\n"a,""b""\r\nc",1.00,2\r\n');
  });

  it.each(['=1+1', '+1', '@SUM(A1)', '-1+1', '\tx', '\rx', '＝1', '-', '--1', '-1,000'])(
    'makes no formula of %j',
    (order_no) => {
      expect(bodyOf(row({ order_no }))).toMatch(/\r\n"?'/);
    },
  );

  it.each(['-1.00', '-0.000123', '-5'])('leaves the amount %s one that can be added up', (amount) => {
    expect(bodyOf(row({ amount }))).toContain(`\r\nmall-1,${amount},2\r\n`);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignCells, columnsOf } from '../../../../lib/providers/alipay/bill-cells.ts';

const names =
  '支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注'.split(
    ',',
  );
const columns = columnsOf(names);
const free = ['商品名称', '门店名称', '对方账户', '券名称', '备注'] as const;
const read = [
  '支付宝交易号',
  '业务类型',
  '完成时间',
  '订单金额（元）',
  '退款批次号/请求号',
  '服务费（元）',
].map((name) => names.indexOf(name));

type Row = Readonly<Record<string, string>>;

const plain: Row = {
  ...Object.fromEntries(names.map((name) => [name, name.endsWith('（元）') ? '0.00' : ''])),
  支付宝交易号: '2024051322001498491428765432',
  商户订单号: 'p1',
  业务类型: '交易',
  商品名称: '租户订单',
  创建时间: '2024-05-13 17:49:10',
  完成时间: '2024-05-13 17:49:21',
  对方账户: 'abc***@example.com',
  '订单金额（元）': '88.88',
  '商家实收（元）': '80.00',
  '服务费（元）': '-0.53',
};

const align = (row: Row) =>
  alignCells(
    names
      .map((name) => row[name] ?? '')
      .join(',')
      .split(','),
    columns,
    read,
  );
const readOf = (aligned: readonly string[] | null) => aligned && read.map((column) => aligned[column]);
const expected = (row: Row) => read.map((column) => row[names[column] ?? '']);

/** Texts whose commas part what this makes. */
const texts = (piece: fc.Arbitrary<string>) =>
  fc.record(
    Object.fromEntries(
      free.map((name) => [
        name,
        fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(',')),
      ]),
    ),
  );

const words = fc.string({ unit: fc.constantFrom('梨', 'a', '.', ' ', '-'), maxLength: 3 });
/** What stands in other columns too. */
const deceptive = fc.constantFrom(
  '',
  '0.00',
  '-0.53',
  '88.88',
  '5',
  'p1-r1',
  '交易',
  '2024-05-13 17:49:21',
  '梨',
);
const refundNumber = fc.constantFrom('', 'p1-r1', '20240513', '退 1');

describe('alignCells', () => {
  it('tells every column of a row whose free texts hold words and commas', () => {
    fc.assert(
      fc.property(texts(words), refundNumber, (written, refund_no) => {
        const row = { ...plain, ...written, '退款批次号/请求号': refund_no };
        expect(readOf(align(row))).toEqual(expected(row));
      }),
    );
  });

  it('tells nothing wrong, whatever free texts hold', () => {
    fc.assert(
      fc.property(texts(fc.oneof(words, deceptive)), refundNumber, (written, refund_no) => {
        const row = { ...plain, ...written, '退款批次号/请求号': refund_no };
        expect([null, expected(row)]).toContainEqual(readOf(align(row)));
      }),
      { numRuns: 500 },
    );
  });

  it('tells what is read where only columns beside it are in doubt', () => {
    const row = { ...plain, 门店名称: '一店,二楼', 终端号: 'T1' };
    expect(readOf(align(row))).toEqual(expected(row));
  });

  it('tells what is read where it is the same in either of two places', () => {
    const row = { ...plain, 对方账户: `甲,${plain['订单金额（元）']}` };
    expect(readOf(align(row))).toEqual(expected(row));
  });

  it('takes a sum without decimals for one', () => {
    const row = { ...plain, '集分宝（元）': '3', 备注: '一,二' };
    expect(readOf(align(row))).toEqual(expected(row));
  });

  it.each(['租户订单', '苹果,梨'])(
    'takes a number for the name of a coupon where the columns after it have no room for another: %s',
    (商品名称) => {
      const row = { ...plain, 商品名称, 券名称: '5', 备注: '一,二' };
      expect(readOf(align(row))).toEqual(expected(row));
    },
  );

  it('takes a time in the name of the goods for no time of the trade', () => {
    const row = { ...plain, 商品名称: '夜场,2024-05-13 20:00:00' };
    expect(readOf(align(row))).toEqual(expected(row));
  });

  it('leaves free texts empty', () => {
    const row = { ...plain, 商品名称: '苹果,梨', 备注: '一,二' };
    const others: Row = { ...row, ...Object.fromEntries(free.map((name) => [name, ''])) };
    expect(align(row)).toEqual(names.map((name) => others[name]));
  });

  it('tells the columns that stand after the last free text', () => {
    expect(alignCells(['一', '二', 'r1'], columnsOf(['备注', '批次']), [1])).toEqual(['', 'r1']);
  });

  it.each([
    ['sums could be those of either of two places', { 对方账户: '甲,88.00' }],
    [
      'times could be those of either of two places',
      { 商品名称: '场,2024-05-13 20:00:00,2024-05-13 21:00:00,一楼' },
    ],
    ['a sum is missing', { 备注: '一,二', '集分宝（元）': '' }],
    ['a time is missing', { 备注: '一,二', 完成时间: '' }],
    ['a sum is none', { 备注: '一,二', '服务费（元）': '0.5.3' }],
  ])('tells nothing where %s', (_, changes) => {
    expect(align({ ...plain, ...changes })).toBeNull();
  });

  it('tells nothing of a row of too many cells without free texts', () => {
    expect(alignCells(['1', '2', '3'], columnsOf(['甲', '乙']), [0])).toBeNull();
  });

  it('reads a row of thousands of commas', () => {
    const row = { ...plain, ...Object.fromEntries(free.map((name) => [name, ','.repeat(2000)])) };
    expect(readOf(align(row))).toEqual(expected(row));
  });
});

import { describe, expect, it } from 'vitest';
import { readWechatTradeBill } from '../../../../lib/providers/wechat/bill.ts';

const header =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注';
const sumsHeader =
  '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额';

const values = {
  交易时间: '2026-11-21 10:06:33',
  公众账号ID: 'wxd678efh567hg6787',
  商户号: '1230000109',
  特约商户号: '0',
  微信订单号: '4200002360202611211150650780',
  商户订单号: 'mall-123',
  用户标识: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
  交易类型: 'JSAPI',
  交易状态: 'SUCCESS',
  付款银行: 'OTHERS',
  货币种类: 'CNY',
  应结订单金额: '18.99',
  代金券金额: '1.00',
  微信退款单号: '0',
  商户退款单号: '0',
  退款金额: '0.00',
  充值券退款金额: '0.00',
  商品名称: '咖啡',
  手续费: '0.11000',
  费率: '0.60%',
  订单金额: '19.99',
  申请退款金额: '0.00',
};
const refundValues = {
  ...values,
  交易状态: 'REFUND',
  应结订单金额: '0.00',
  代金券金额: '0.00',
  微信退款单号: '50302709992026112191956632208',
  商户退款单号: 'mall-123-r1',
  退款金额: '8.50',
  充值券退款金额: '0.50',
  退款类型: 'ORIGINAL',
  退款状态: 'SUCCESS',
  订单金额: '0.00',
  申请退款金额: '9.00',
};

const row = (fields: Readonly<Record<string, string>>, columns = header) =>
  columns
    .split(',')
    .map((name) => `\`${fields[name] ?? ''}`)
    .join(',');
const sums = (count: number) => [sumsHeader, `\`${count},\`18.99,\`8.50,\`0.00,\`0.11000,\`19.99,\`9.00`];
const bill = (...rows: readonly string[]) => [header, ...rows, ...sums(rows.length)];

const subject = { mchid: '1230000109', date: '2026-11-21' };

async function read(lines: readonly string[], of = subject) {
  async function* each() {
    yield* lines;
  }
  return Array.fromAsync(readWechatTradeBill(each(), of));
}

const movement = {
  payment_no: 'mall-123',
  transaction_id: '4200002360202611211150650780',
  at: '2026-11-21T02:06:33.000Z',
  amount: 1999,
  currency: 'CNY',
  // 0.11 yuan, in thousandths of a cent.
  fee: 11_000,
  fee_currency: 'CNY',
};
const payment = { kind: 'payment', ...movement, appid: 'wxd678efh567hg6787' };
const refund = {
  kind: 'refund',
  ...movement,
  amount: 900,
  refund_no: 'mall-123-r1',
  refund_id: '50302709992026112191956632208',
  failed: false,
};
const malformed = (field: string, line: number) =>
  expect.objectContaining({
    name: 'MalformedMessageError',
    field,
    message: expect.stringContaining(`第 ${line} 行`),
  });

describe('readWechatTradeBill', () => {
  it('reads payments at what the order costs, and refunds at what was asked for', async () => {
    expect(await read(bill(row(values), row(refundValues)))).toEqual([payment, refund]);
  });

  it('refuses a bill of another merchant', async () => {
    const rows = [row(values), row({ ...values, 商户号: '1230000110' })];
    await expect(read(bill(...rows))).rejects.toEqual(malformed('商户号', 3));
    await expect(read(bill(row({ ...values, 商户号: '' })))).rejects.toEqual(malformed('商户号', 2));
  });

  it('refuses a bill of which nothing is on its day, and takes one with an edge of another', async () => {
    const of = (date: string) => ({ ...subject, date });
    const lines = bill(row(values), row(refundValues));
    await expect(read(lines, of('2026-11-20'))).rejects.toEqual(malformed('交易时间', 5));
    await expect(read(lines, of('2026-11-22'))).rejects.toEqual(malformed('交易时间', 5));
    const earlier = { ...values, 交易时间: '2026-11-20 12:00:00' };
    await expect(read(bill(row(earlier), row(values)))).resolves.toHaveLength(2);
    await expect(read(bill(row({ ...values, 交易时间: '' })))).resolves.toHaveLength(1);
    await expect(read(bill(), of('2026-11-20'))).resolves.toEqual([]);
  });

  it.each(['', '0'])('names no app where the bill says %j', async (appid) => {
    const { appid: _, ...unsaid } = payment;
    expect(await read(bill(row({ ...values, 公众账号ID: appid })))).toEqual([unsaid]);
  });

  it('does without the column of the app', async () => {
    const { appid: _, ...unsaid } = payment;
    const columns = header.replace('公众账号ID,', '');
    expect(await read([columns, row(values, columns), ...sums(1)])).toEqual([unsaid]);
  });

  it('reads a payment that was taken back', async () => {
    expect(await read(bill(row({ ...values, 交易状态: 'REVOKED' })))).toEqual([
      { ...refund, amount: 1999, refund_no: null, refund_id: null },
    ]);
  });

  it.each([
    ['-0.00123', -123],
    ['0', 0],
    ['', 0],
    ['0.11999', 11_999],
  ])('reads a fee of %s to the last digit', async (fee, expected) => {
    expect(await read(bill(row({ ...refundValues, 手续费: fee })))).toEqual([{ ...refund, fee: expected }]);
  });

  it.each([
    ['SUCCESS', false],
    ['FAIL', true],
    ['PROCESSING', null],
    ['CHANGE', null],
    ['', null],
  ])('reads whether a refund has failed from %s', async (status, failed) => {
    expect(await read(bill(row({ ...refundValues, 退款状态: status })))).toEqual([{ ...refund, failed }]);
  });

  it('names rows of other kinds, counts one that names no order, and does without a time', async () => {
    const rows = [
      row({ ...values, 交易状态: '转 账<b>' }),
      row({ ...values, 交易状态: '__proto__' }),
      row({ ...values, 商户订单号: '', 交易时间: '昨天' }),
    ];
    expect(await read(bill(...rows))).toEqual([
      { kind: 'other', name: '转 账b', understood: false },
      { kind: 'other', name: 'proto__', understood: false },
      { ...payment, payment_no: null, at: null },
    ]);
  });

  it('reads what begins with a byte order mark, ends lines with CR and has empty ones', async () => {
    const [first = '', ...rest] = bill(row(values));
    const lines = [`\uFEFF${first}`, ...rest, ' '].map((line) => `${line}\r`);
    expect(await read([...lines, ''])).toEqual([payment]);
  });

  it('finds columns by name', async () => {
    const columns = header.split(',').toReversed().join(',');
    expect(await read([columns, row(values, columns), ...sums(1)])).toEqual([payment]);
  });

  it('looks over spaces around names of columns and around what they hold', async () => {
    const padded = row(values).replaceAll(',`', ' ,` ');
    expect(await read([header.replaceAll(',', ' , '), padded, ...sums(1)])).toEqual([payment]);
  });

  it.each([
    '昨天',
    '',
    '2026-11-21',
    '2026-13-21 10:06:33',
    '+002026-11-21 10:06:33',
    '2026-11-21 10:06:33.5',
  ])('does without a time where it is written %j', async (time) => {
    expect(await read(bill(row({ ...values, 交易时间: time })))).toEqual([{ ...payment, at: null }]);
  });

  it('reads the older form, which has no coupons', async () => {
    const columns =
      '交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,总金额,企业红包金额,微信退款单号,商户退款单号,退款金额,企业红包退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率';
    const rows = [
      row({ ...values, 总金额: '19.99' }, columns),
      row({ ...refundValues, 总金额: '0', 退款金额: '9.0' }, columns),
    ];
    expect(await read([columns, ...rows, '总交易单数,总交易额', '`2,`19.99'])).toMatchObject([
      { amount: 1999 },
      { amount: 900 },
    ]);
  });

  it.each(['45', '45.0', '45.00'])('takes %s for the count of 45 rows', async (count) => {
    const rows = Array.from({ length: 45 }, () => row(values));
    expect(await read([header, ...rows, sumsHeader, `\`${count},\`18.99`])).toHaveLength(45);
  });

  it.each(['45.5', '45.', '4.5e1', '+45', ' ', '44.0'])('does not take %j for it', async (count) => {
    const rows = Array.from({ length: 45 }, () => row(values));
    await expect(read([header, ...rows, sumsHeader, `\`${count},\`18.99`])).rejects.toThrow(
      malformed('总交易单数', 48),
    );
  });

  it.each(['咖啡,大杯', '咖啡,`大杯', ',`,`,`9.99', '`咖啡`', '总交易单数'])(
    'is not misled by goods called %s',
    async (name) => {
      expect(await read(bill(row({ ...values, 商品名称: name })))).toEqual([payment]);
    },
  );

  it('has no rows on a day without a trade', async () => {
    expect(await read([])).toEqual([]);
    expect(await read(bill())).toEqual([]);
  });

  it.each<[string, readonly string[], string, number]>([
    ['has fewer rows than it counts', [header, row(values), ...sums(2)], '总交易单数', 4],
    ['has more rows than it counts', [header, row(values), row(values), ...sums(1)], '总交易单数', 5],
    ['ends before its sums', [header, row(values)], '总交易单数', 2],
    ['ends after its header', [header], '总交易单数', 1],
    ['ends before the count', [header, row(values), sumsHeader], '总交易单数', 3],
    ['has no header', [row(values)], '交易时间', 1],
    ['lacks a column', [header.replace('货币种类', '货币')], '货币种类', 1],
    ['is another file', ['{"code":"PARAM_ERROR"}'], '交易状态', 1],
    ['has a row that is cut', bill(row(values).slice(0, -20)), '商品名称', 2],
    ['has a row without a state', bill(row(values), row({ ...values, 交易状态: '' })), '交易状态', 3],
    ['has a row without a transaction', bill(row({ ...values, 微信订单号: '' })), '微信订单号', 2],
    ['has a fee that is none', bill(row({ ...values, 手续费: '0.000001' })), '手续费', 2],
    ['has a refund without a number', bill(row({ ...refundValues, 商户退款单号: '' })), '商户退款单号', 2],
    ['has an amount with a sign', bill(row({ ...values, 订单金额: '-1.00' })), '订单金额', 2],
    ['has an amount below a fen', bill(row({ ...values, 订单金额: '0.001' })), '订单金额', 2],
    ['has a refund of no amount', bill(row({ ...refundValues, 申请退款金额: 'x' })), '申请退款金额', 2],
  ])('refuses a bill that %s', async (_, lines, field, line) => {
    await expect(read(lines)).rejects.toThrow(malformed(field, line));
  });
});

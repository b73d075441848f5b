import fc from 'fast-check';
import { type ExceptionKind, exceptionKinds, orderKinds, providers } from '../../../lib/orders/kinds.ts';
import { workShard } from '../../../lib/store/keys.ts';

/** Stored items that owe an announcement, of every shape that the table can hold. */

export const exceptionLabels: Readonly<Record<ExceptionKind, string>> = {
  mismatch: '信息不符',
  paid_after_close: '关闭后收款',
  paid_twice: '重复收款',
  paid_superseded: '作废单收款',
  number_spent: '单号早已收款',
  numbers_exhausted: '付款单号用尽',
  merchant_missing: '商户未配置',
  unknown_refund: '未经本系统的退款',
  refund_abnormal: '退款异常',
  refund_failed: '退款失败',
  disputed: '付款争议',
  missing_here: '账单有账本无',
  missing_there: '账本有账单无',
  other_amount: '与账单金额不符',
  unknown_row: '账单行无法识别',
  not_shipped: '未告知发货',
};

type Fields = Readonly<Record<string, unknown>>;
export type Item = Fields & { readonly pk: string; readonly sk: string };
export type OwedItem = Item & { readonly order_no: string; readonly work: string; readonly work_due: string };

const DELAY_MS = 5 * 60_000;

const owed = (order_no: string, since: number, kind: 'alert' | 'notify' = 'notify') => ({
  work: workShard(kind, order_no),
  work_due: new Date(since + DELAY_MS).toISOString(),
});

/** A payment that paid its order, as it is stored, that owes its announcement 5 minutes later. */
export const paymentItem = (order_no: string, paid_at: number, changes: Fields = {}) => ({
  ...{ pk: `ORDER#${order_no}`, sk: 'PAYMENT#1', schema: 1, order_no, n: 1, payment_no: order_no },
  ...{ provider: 'wechat', merchant: 'merchant-of-the-payment', appid: 'wx1', scene: 'jsapi' },
  ...{ amount: 100, currency: 'CNY', description: '奶茶', points: 0, state: 'paid', version: 2 },
  ...{ superseded: false, handed_out: null, attempt: 1, transaction_id: 'transaction-of-the-payment' },
  ...{ begun_at: '2020-01-01T00:00:00.000Z', expires_at: '2020-01-02T00:00:00.000Z' },
  ...{ payee: 'shop:mall#3', credit: 'shop:mall#3', debit: 'provider:wechat.merchant-of-the-payment#3' },
  ...{ paid_at: new Date(paid_at).toISOString(), booked_at: new Date(paid_at + 1_000).toISOString() },
  ...{ reserved: 0, refunded: 0, returned: 0, reported: 0, attributed_at: null },
  ...owed(order_no, paid_at),
  ...changes,
});

export const mallPayment = (id: number, paid_at: number, changes: Fields = {}) =>
  paymentItem(`mall-${id}`, paid_at, changes);

/** An order that cost nothing but points, as it is stored. */
export const freeOrderItem = (order_no: string, paid_at: number, changes: Fields = {}) => ({
  ...{ pk: `ORDER#${order_no}`, sk: 'ORDER', schema: 1, order_no, kind: 'mall', id: 1, status: 'paid' },
  ...{ user_id: 'user-of-the-order', openid: 'openid-of-the-payer', openid_digest: null, version: 2 },
  ...{ amount: 0, currency: 'CNY', points: 300, description: '奶茶', expires_at: null },
  ...{ payment: null, payments: 0, paid_by: null, refunds: 0, paid_at: new Date(paid_at).toISOString() },
  ...owed(order_no, paid_at),
  ...changes,
});

export function exceptionItem(order_no: string, recorded_at: number, kind: string, changes: Fields = {}) {
  const exception_shard = workShard('notify', order_no).replace('notify', 'open');
  return {
    ...{ pk: `ORDER#${order_no}`, sk: `EXCEPTION#${kind}#wechat#${order_no}#T1`, schema: 1, order_no, kind },
    ...{ owner: 'shop:mall', payment_no: order_no, state: 'open', version: 1, exception_shard },
    ...{ provider: 'wechat', merchant: 'merchant-of-the-payment', refund_no: null, fields: [] },
    ...{ transaction_id: 'transaction-of-the-payment', amount: 1234, currency: 'CNY' },
    ...{ reason: null, due_by: null, resolved: null },
    recorded_at: new Date(recorded_at).toISOString(),
    ...owed(order_no, recorded_at, 'alert'),
    ...changes,
  };
}

/** A dispute whose time for evidence ends soon, as it is stored, that owes its reminder. */
export const disputeItem = (order_no: string, opened_at: number, changes: Fields = {}) => ({
  ...{ pk: `ORDER#${order_no}`, sk: 'DISPUTE#du_1', schema: 1, order_no, payment: 1, payment_no: order_no },
  ...{ provider: 'stripe', merchant: 'merchant-of-the-payment', dispute_id: 'du_1', version: 3 },
  ...{ transaction_id: 'transaction-of-the-payment', amount: 1999, currency: 'USD' },
  ...{ reason: 'fraudulent', state: 'open', withdrawn: 1999, movements: ['txn_1'], reminded: true },
  ...{ opened_at: new Date(opened_at).toISOString(), updated_at: new Date(opened_at).toISOString() },
  due_by: new Date(opened_at + 7 * 24 * 3_600_000).toISOString(),
  ...owed(order_no, opened_at, 'alert'),
  ...changes,
});

/** An exception that belongs to no order, as it is stored with its merchant. */
export const merchantExceptionItem = (recorded_at: number, changes: Fields = {}) => ({
  ...exceptionItem('none', recorded_at, 'missing_here'),
  ...{
    pk: 'MERCHANT#wechat.1900000001',
    order_no: null,
    payment_no: null,
    owner: 'provider:wechat.1900000001',
  },
  ...changes,
});

const time = fc
  .date({ min: new Date('2020-01-01T00:00:00Z'), max: new Date('2099-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.getTime());
const amount = fc.oneof(fc.nat(), fc.constant(Number.MAX_SAFE_INTEGER));
const currency = fc.constantFrom('CNY', 'USD', 'JPY', 'ISK');
const provider = fc.constantFrom(...providers);
const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 127 }),
  fc.stringMatching(/^[\r\n\u2028<>@[\]()*_`#!|\\~:/ a\u202e]{0,127}$/),
);
/** Due before any of the tests' times. */
const overdue = { work_due: '2020-01-01T00:05:00.000Z' };

/** Of each kind of order, its number and whose it is. */
const owner = fc.constantFrom(...orderKinds).chain((kind) =>
  fc
    .record({
      order_no:
        kind === 'tenant'
          ? fc.stringMatching(/^p[0-7][0-9A-HJKMNP-TV-Z]{25}$/)
          : fc.integer({ min: 1 }).map((id) => `${kind}-${id}`),
      payee:
        kind === 'tenant' ? fc.integer({ min: 1 }).map((id) => `tenant:${id}`) : fc.constant(`shop:${kind}`),
      shard: fc.nat(7),
    })
    .map(({ order_no, payee, shard }) => ({ order_no, payee: `${payee}#${shard}` })),
);

export const paidPayment: fc.Arbitrary<OwedItem> = fc
  .record({
    owner,
    n: fc.integer({ min: 1, max: 99 }),
    paid_at: time,
    paid: fc.record({
      provider,
      amount,
      currency,
      points: fc.nat(),
      description: hostileText,
      /** Some of what was paid may have gone back since. */
      refunded: fc.nat(),
      returned: fc.nat(),
    }),
  })
  .map(({ owner: { order_no, payee }, n, paid_at, paid }) =>
    paymentItem(order_no, paid_at, {
      ...{ sk: `PAYMENT#${n}`, n, payment_no: n === 1 ? order_no : `${order_no}-${n}` },
      ...{ payee, credit: payee, ...paid, ...overdue },
    }),
  );

const freeOrder: fc.Arbitrary<OwedItem> = fc
  .record({ id: fc.integer({ min: 1 }), paid_at: time, points: fc.nat(), description: hostileText })
  .map(({ id, paid_at, points, description }) =>
    freeOrderItem(`meal-${id}`, paid_at, { kind: 'meal', id, points, description, ...overdue }),
  );

const exception: fc.Arbitrary<OwedItem> = fc
  .record({
    id: fc.integer({ min: 1 }),
    further: fc.option(fc.constantFrom('', '-2', '-99')),
    kind: fc.constantFrom(...exceptionKinds),
    recorded_at: time,
    said: fc.record({
      provider: fc.option(provider),
      fields: fc.subarray(['provider', 'merchant', 'appid', 'amount', 'currency']),
      amount: fc.option(amount),
      currency: fc.option(fc.oneof(currency, hostileText)),
      reason: fc.option(hostileText),
      due_by: fc.option(time.map((due) => new Date(due).toISOString())),
    }),
  })
  .map(({ id, further, kind, recorded_at, said }) => {
    const payment_no = further === null ? null : `mall-${id}${further}`;
    return exceptionItem(`mall-${id}`, recorded_at, kind, { payment_no, ...said, ...overdue });
  });

/** It was in suspense, and has turned out to be its order's owner's. */
const attributed: fc.Arbitrary<OwedItem> = paidPayment.map((item) => ({
  ...item,
  attributed_at: '2026-11-21T08:00:00.000Z',
  credit: 'suspense:wechat.merchant-of-the-payment#3',
}));

const dispute: fc.Arbitrary<OwedItem> = fc
  .record({
    id: fc.integer({ min: 1 }),
    opened_at: time,
    said: fc.record({ amount, currency, reason: hostileText }),
  })
  .map(({ id, opened_at, said }) => disputeItem(`mall-${id}`, opened_at, { ...said, ...overdue }));

export const owedItem = fc.oneof(paidPayment, attributed, freeOrder, exception, dispute);

export function owingNothing({ work: _work, work_due: _workDue, ...item }: Item): Item {
  return { ...item, pk: item.pk, sk: item.sk };
}

/** The order numbers that messages name, in their order. */
export const announcedIn = (messages: readonly string[]): string[] =>
  messages.flatMap((message) =>
    [...message.matchAll(/^> .*?`([^`]+)`/gm)].map(([, order_no = '']) => order_no),
  );

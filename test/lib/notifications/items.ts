import fc from 'fast-check';
import type { ExceptionKind } from '../../../lib/orders/exception.ts';
import { workShard } from '../../../lib/store/keys.ts';

/** Stored items that owe an announcement, of every shape that the table can hold. */

export const exceptionKinds = {
  mismatch: '信息不符',
  paid_after_close: '关闭后收款',
  paid_twice: '重复收款',
  paid_superseded: '作废单收款',
  unknown_refund: '未知退款',
} as const satisfies Record<ExceptionKind, string>;

export type Item = Readonly<Record<string, unknown>> & { readonly pk: string; readonly sk: string };

const time = fc
  .date({ min: new Date('2020-01-01T00:00:00Z'), max: new Date('2099-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString());
const amount = fc.oneof(fc.nat(), fc.constant(Number.MAX_SAFE_INTEGER));
const currency = fc.constantFrom('CNY', 'USD', 'JPY', 'ISK');
const provider = fc.constantFrom('wechat', 'alipay', 'stripe');
const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 127 }),
  fc.stringMatching(/^[\r\n\u2028<>@[\]()*_`#!|\\~:/ a\u202e]{0,127}$/),
);
const work = fc.nat(7).map((shard) => ({ work: `notify#${shard}`, work_due: '2026-01-01T00:05:00.000Z' }));

const shopOrder = fc
  .record({
    kind: fc.constantFrom('mall', 'meal'),
    id: fc.integer({ min: 1 }),
    provider: fc.constantFrom('wechat', null),
    amount,
    points: fc.nat(),
    description: hostileText,
    openid: fc.constant('openid-of-the-payer'),
    user_id: fc.constant('user-of-the-order'),
    paid_at: time,
  })
  .map((order) => ({ ...order, currency: 'CNY', order_no: `${order.kind}-${order.id}` }));

const tenantOrder = fc.record({
  kind: fc.constant('tenant'),
  order_no: fc.stringMatching(/^p[0-9A-HJKMNP-TV-Z]{26}$/),
  tenant_id: fc.integer({ min: 1 }),
  provider,
  amount,
  currency,
  paid_at: time,
});

const settlement = { provider: 'wechat', transaction_id: 'transaction-of-the-payment' };

/** Some of what was paid may have gone back since. */
const status = fc.constantFrom('paid', 'refunding', 'refunded');

export const paidOrder = fc
  .tuple(fc.oneof(shopOrder, tenantOrder), status, work)
  .map(([order, status, owed]) => ({
    ...{ pk: `ORDER#${order.order_no}`, sk: 'ORDER', status, version: 2, settlement },
    ...order,
    ...owed,
  }));

export const exceptionItem = fc
  .tuple(
    fc.record({
      order_no: fc.integer({ min: 1 }).map((id) => `mall-${id}`),
      kind: fc.constantFrom(...Object.keys(exceptionKinds)),
      provider: fc.option(provider),
      transaction_id: fc.option(fc.stringMatching(/^transaction-[0-9]{10}$/)),
      fields: fc.subarray(['provider', 'merchant', 'amount', 'currency']),
      amount: fc.option(amount),
      currency: fc.option(fc.oneof(currency, hostileText)),
      recorded_at: time,
    }),
    work,
  )
  .map(([exception, owed]) => ({
    pk: `ORDER#${exception.order_no}`,
    sk: `EXCEPTION#${exception.kind}#${exception.provider ?? '-'}#${exception.transaction_id ?? '-'}`,
    ...exception,
    ...owed,
  }));

export const owedItem: fc.Arbitrary<OwedItem> = fc.oneof(paidOrder, exceptionItem);

export type OwedItem = Item & { readonly order_no: string; readonly work: string; readonly work_due: string };

/** A paid order that owes its announcement 5 minutes after it was paid. */
export const orderPaidAt = (
  paid_at: number,
  id: number,
  changes: Readonly<Record<string, unknown>> = {},
) => ({
  ...{ pk: `ORDER#mall-${id}`, sk: 'ORDER', order_no: `mall-${id}`, kind: 'mall', id, status: 'paid' },
  ...{ provider: 'wechat', amount: 100, currency: 'CNY', points: 0, description: '奶茶' },
  ...{ openid: 'openid-of-the-payer', paid_at: new Date(paid_at).toISOString() },
  ...{ work: workShard('notify', `mall-${id}`), work_due: new Date(paid_at + 5 * 60_000).toISOString() },
  ...changes,
});

export function owingNothing({ work: _work, work_due: _workDue, ...item }: Item): Item {
  return { ...item, pk: item.pk, sk: item.sk };
}

/** The order numbers that messages name, in their order. */
export const announcedIn = (messages: readonly string[]): string[] =>
  messages.flatMap((message) =>
    [...message.matchAll(/^> .*?`([^`]+)`/gm)].map(([, order_no = '']) => order_no),
  );

import { describe, expect, it } from 'vitest';
import { orderHistory as schema } from '../../../lib/http/responses/history.ts';
import { orderHistory } from '../../../lib/http/view-history.ts';
import { isoTime } from '../../../lib/io.ts';
import { exceptionOnce } from '../../../lib/orders/exception.ts';
import { suspenseAccount } from '../../../lib/orders/ledger.ts';
import type { LedgerEntry } from '../../../lib/orders/read-ledger.ts';
import type { Snapshot } from '../../../lib/orders/snapshot.ts';
import {
  disputeOf,
  merchantNames,
  NOW,
  paidPayment,
  paymentOf,
  refundOf,
  returnOf,
  shippingOf,
  shopOrder,
  suspenseOf,
} from '../../support/orders.ts';

const at = (seconds: number) => isoTime(NOW + seconds * 1_000);
const merchant = { provider: 'wechat', merchant: merchantNames.wechat } as const;

const order = shopOrder({ status: 'refunding', paid_by: 2, payment: 2, payments: 2, refunds: 1 });
const given = paymentOf(order, { n: 1, state: 'closed', superseded: true, begun_at: at(0) });
const paid = paidPayment(order, {
  ...{ n: 2, begun_at: at(10), paid_at: at(20) },
  ...{ reserved: 400, refunded: 100, returned: 300 },
});
const suspense = suspenseOf(paid, { paid_at: at(30), refunded: 234 });
const refund = refundOf(paid, { created_at: at(40) });
const returned = returnOf(paid, { recorded_at: at(50) });
const dispute = disputeOf(paid, { opened_at: at(60) });
const shipping = shippingOf(paid, { requested_at: at(25) });
const [put] = exceptionOnce(
  { order, exceptions: [] },
  {
    kind: 'paid_twice',
    ...merchant,
    payment_no: paid.payment_no,
    transaction_id: 'T2',
    amount: 1234,
    currency: 'CNY',
  },
  NOW + 31_000,
);
const exceptions = put ? [put.record] : [];
const entries: LedgerEntry[] = [
  {
    ...{ kind: 'suspense', order_no: order.order_no, debit: `provider:wechat.${merchant.merchant}` },
    ...{
      credit: suspenseAccount(merchant),
      ...merchant,
      amount: 1234,
      currency: 'CNY',
      transaction_id: 'T2',
    },
    booked_at: at(30),
  },
];
const snapshot: Snapshot = {
  ...{ order, payments: [given, paid], suspense: [suspense], refunds: [refund], returns: [returned] },
  ...{ disputes: [dispute], shipping, exceptions },
};

describe('the history of an order', () => {
  const { order: listed, history } = orderHistory(snapshot, entries);
  const one = (type: string) => history.filter((item) => item.type === type);

  it('has all that there is, in the order of time; what came in stands before its booking', () => {
    expect(history.map((item) => [item.type, item.at])).toEqual([
      ['payment', at(0)],
      ['payment', at(10)],
      ['shipping', at(25)],
      ['suspense', at(30)],
      ['entry', at(30)],
      ['exception', at(31)],
      ['refund', at(40)],
      ['return', at(50)],
      ['dispute', at(60)],
    ]);
    expect(schema.parse({ order: listed, history })).toEqual({ order: listed, history });
  });

  it('says of the order what the list says', () => {
    expect(listed).toMatchObject({
      order_no: order.order_no,
      kind: 'mall',
      refunded_amount: '4.00',
      disputes: 1,
    });
  });

  it('says which payment counts, and what of each has gone back and still can', () => {
    expect(one('payment')).toEqual([
      {
        ...{ type: 'payment', at: at(0), payment_no: given.payment_no, ...merchant, scene: 'jsapi' },
        ...{ amount: '12.34', currency: 'CNY', state: 'closed', current: false, transaction_id: null },
        ...{ paid_at: null, expires_at: given.expires_at },
        ...{ refunded_amount: '0.00', refundable_amount: '0.00' },
      },
      {
        ...{ type: 'payment', at: at(10), payment_no: paid.payment_no, ...merchant, scene: 'jsapi' },
        ...{ amount: '12.34', currency: 'CNY', state: 'paid', current: true, transaction_id: 'T1' },
        ...{ paid_at: at(20), expires_at: paid.expires_at },
        ...{ refunded_amount: '4.00', refundable_amount: '4.34' },
      },
    ]);
    expect(one('suspense')).toEqual([
      {
        ...{ type: 'suspense', at: at(30), payment_no: paid.payment_no, transaction_id: 'T2', ...merchant },
        ...{ amount: '12.34', currency: 'CNY', refunded_amount: '2.34', refundable_amount: '10.00' },
      },
    ]);
  });

  it('says what went back, what a bank takes, what was sent and what waits', () => {
    expect(one('refund')).toMatchObject([
      { refund_no: refund.refund_no, transaction_id: 'T1', amount: '4.00', requested_by: 'admin-1' },
    ]);
    expect(one('return')).toEqual([
      {
        ...{ type: 'return', at: at(50), payment_no: paid.payment_no, return_id: 're_1' },
        ...{ amount: '3.00', currency: 'CNY', status: 'succeeded' },
      },
    ]);
    expect(one('dispute')).toEqual([
      {
        ...{ type: 'dispute', at: at(60), dispute_id: 'du_1', payment_no: paid.payment_no },
        ...{ amount: '12.34', currency: 'CNY', state: 'open', reason: 'fraudulent', due_by: dispute.due_by },
      },
    ]);
    expect(one('shipping')).toMatchObject([{ state: 'open', items: '苹果', requested_at: at(25) }]);
    expect(one('exception')).toMatchObject([
      { kind: 'paid_twice', resolutions: ['attributed', 'returned', 'written_off', 'dismissed'] },
    ]);
    expect(one('entry')).toMatchObject([{ kind: 'suspense', amount: '12.34', booked_at: at(30) }]);
  });
});

it('of an order that was never paid has the payment that is to pay it', () => {
  const pending = shopOrder();
  const payment = paymentOf(pending);
  const none = { suspense: [], refunds: [], returns: [], disputes: [], shipping: null, exceptions: [] };
  expect(orderHistory({ order: pending, payments: [payment], ...none }, []).history).toMatchObject([
    { type: 'payment', current: true, state: 'open', refundable_amount: '0.00' },
  ]);
});

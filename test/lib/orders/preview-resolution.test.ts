import { expect, it } from 'vitest';
import { type ExceptionSubject, exceptionOnce, merchantException } from '../../../lib/orders/exception.ts';
import { previewResolutions } from '../../../lib/orders/preview-resolution.ts';
import { snapshotOf } from '../../../lib/orders/snapshot.ts';
import { merchantNames, NOW, paidPayment, paymentOf, shopOrder, suspenseOf } from '../../support/orders.ts';

const name = { provider: 'wechat', merchant: merchantNames.wechat } as const;
const suspense = `suspense:wechat.${merchantNames.wechat}`;
const nothing = { refused: null, entries: [], refund: null, checks_payment: false };

/** A paid order with money of another transaction, 234 of which is on its way back; and its exception. */
function paidTwice(changes: Partial<ExceptionSubject> = {}) {
  const order = shopOrder({ status: 'paid', paid_by: 1 });
  const payment = paidPayment(order);
  const further = suspenseOf(payment, { refunded: 234 });
  const subject = {
    kind: 'paid_twice',
    ...name,
    payment_no: payment.payment_no,
    transaction_id: 'T2',
  } as const;
  const [put] = exceptionOnce({ order, exceptions: [] }, { ...subject, ...changes }, NOW);
  if (!put) throw new Error('no exception');
  const exception = put.record;
  return {
    exception,
    snapshot: { ...snapshotOf(order, [payment]), suspense: [further], exceptions: [exception] },
  };
}

it('says of each end what it would book and return, and leaves all as it is', () => {
  const { exception, snapshot } = paidTwice();
  const before = structuredClone(snapshot);
  expect(previewResolutions(exception, snapshot, NOW)).toMatchObject([
    {
      ...nothing,
      resolution: 'attributed',
      entries: [{ kind: 'attribution', debit: suspense, credit: 'shop:mall', amount: 1000, currency: 'CNY' }],
      status: 'paid',
    },
    { ...nothing, resolution: 'returned', refund: { amount: 1000, currency: 'CNY' }, status: 'paid' },
    { ...nothing, resolution: 'written_off', status: 'paid' },
    { ...nothing, resolution: 'dismissed', status: 'paid' },
  ]);
  expect(snapshot).toEqual(before);
});

it('says why an end would be refused, and how the order stays', () => {
  const { exception, snapshot } = paidTwice();
  const order = shopOrder({ status: 'failed' });
  const [attributed, returned] = previewResolutions(exception, { ...snapshot, order }, NOW);
  expect(attributed).toEqual({
    ...nothing,
    resolution: 'attributed',
    refused: { outcome: 'order_open' },
    status: 'failed',
  });
  expect(returned).toMatchObject({ refused: null, refund: { amount: 1000 } });
});

it('says whether its payment would take no more: of a mismatch that ends otherwise than by paying its order', () => {
  const order = shopOrder({ status: 'closed' });
  const payment = paymentOf(order);
  const { payment_no, amount, currency } = payment;
  const subject = { kind: 'mismatch', ...name, payment_no, amount, currency, transaction_id: 'T9' } as const;
  const [put] = exceptionOnce({ order, exceptions: [] }, { ...subject, fields: ['appid'] }, NOW);
  if (!put) throw new Error('no exception');
  const snapshot = { ...snapshotOf(order, [payment]), exceptions: [put.record] };
  const previews = previewResolutions(put.record, snapshot, NOW);
  expect(previews.map(({ resolution, checks_payment }) => [resolution, checks_payment])).toEqual([
    ['attributed', false],
    ['returned', true],
    ['written_off', true],
    ['dismissed', true],
  ]);
});

it('says of what belongs to no order that nothing is booked', () => {
  const exception = merchantException(name, { kind: 'unknown_refund', amount: 300 }, NOW);
  expect(previewResolutions(exception, null, NOW)).toEqual(
    ['written_off', 'dismissed'].map((resolution) => ({ ...nothing, resolution, status: null })),
  );
});

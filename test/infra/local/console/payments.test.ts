import { expect, it } from 'vitest';
import { listPayments, storedPayUrl } from '../../../../infra/local/console/payments.ts';
import type { Order } from '../../../../lib/orders/order.ts';
import type { Payment } from '../../../../lib/orders/payment.ts';
import { toItem } from '../../../../lib/store/items.ts';
import { paymentOf, tenantOrder } from '../../../support/orders.ts';

const itemsOf = (order: Order, ...payments: Payment[]) => [
  ...payments.map((record) => toItem(order.order_no, { put: 'payment', record })),
  toItem(order.order_no, { put: 'order', record: order }),
];

const handedOut = (page: string | null) => ({
  handed_out: { page, id: null, good_until: '2026-11-22T09:00:00.000Z' },
});

it('says of each payment what it is to its order', () => {
  const order = tenantOrder({ payment: 3, payments: 4, paid_by: 2 });
  const { order_no } = order;
  const payments = [
    paymentOf(order, { n: 4 }),
    paymentOf(order, { n: 1, superseded: true, state: 'closed' }),
    paymentOf(order, { n: 3 }),
    paymentOf(order, { n: 2, state: 'paid', transaction_id: 'T1' }),
  ];
  const shown = listPayments(itemsOf(order, ...payments));
  expect(shown.map(({ payment_no, role }) => [payment_no, role])).toEqual([
    [order_no, 'superseded'],
    [`${order_no}-2`, 'paying'],
    [`${order_no}-3`, 'current'],
    [`${order_no}-4`, 'other'],
  ]);
  expect(shown[1]).toMatchObject({ amount: '19.99', merchant: 'acct_1Settle.test', transaction_id: 'T1' });
});

it('says who bears what the payer did not pay', () => {
  const order = tenantOrder({ payment: 1, payments: 3, paid_by: 1, currency: 'CNY' });
  const discounts = [{ merchant: 200, provider: 30 }, { merchant: 0, provider: 0 }, null];
  const payments = discounts.map((discount, index) =>
    paymentOf(order, { n: index + 1, provider: 'alipay', currency: 'CNY', discount }),
  );
  const shown = listPayments(itemsOf(order, ...payments)).map(({ discount }) => discount);
  expect(shown).toEqual([{ merchant: '2.00', provider: '0.30' }, null, null]);
});

it('says what of a paid one can still be returned', () => {
  const order = tenantOrder({ payment: 2, payments: 2, paid_by: 1, currency: 'CNY' });
  const sums = { reserved: 100, refunded: 20, returned: 3, currency: 'CNY', provider: 'alipay' } as const;
  const paid = paymentOf(order, { n: 1, state: 'paid', ...sums });
  const shown = listPayments(itemsOf(order, paid, paymentOf(order, { n: 2 })));
  expect(shown.map(({ refundable }) => refundable)).toEqual(['18.76', null]);
});

it('knows where the current payment is paid, and no prepay_id for an address', () => {
  const order = tenantOrder({ payment: 2, payments: 2 });
  const first = paymentOf(order, { n: 1, ...handedOut('https://pay.example.com/1') });
  const pageOf = (page: string | null) =>
    storedPayUrl(itemsOf(order, first, paymentOf(order, { n: 2, ...handedOut(page) })));
  expect(pageOf('https://pay.example.com/2')).toBe('https://pay.example.com/2');
  expect(pageOf('weixin://wxpay/bizpayurl?pr=1')).toBe('weixin://wxpay/bizpayurl?pr=1');
  expect(pageOf('wx22160000000000')).toBeNull();
  expect(pageOf(null)).toBeNull();
});

import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import { checkoutSchema } from '../../../lib/http/checkout-api.ts';
import { isoTime } from '../../../lib/io.ts';
import type { Put } from '../../../lib/orders/change.ts';
import { type Provider, providers } from '../../../lib/orders/kinds.ts';
import type { Payment } from '../../../lib/orders/payment.ts';
import { bookingAttributes, toItem } from '../../../lib/store/items.ts';
import { sizeOf } from '../../support/capacity.ts';
import { NOW, paidPayment, paymentOf, tenantOrder } from '../../support/orders.ts';

/** Of an item that is written as one unit. */
const UNIT = 1024;

const order_no = 'x1p01HXTESTQ000000000007ABCDE';
const owes = { kind: 'check', due: NOW } as const;
const bytes = (put: Put, others: object = {}) =>
  sizeOf(marshall({ ...toItem(order_no, put), ...others }, { removeUndefinedValues: true }));

/** The longest text of a field that a checkout takes. */
function longest(field: 'description' | 'return_url'): string {
  const texts = Array.from({ length: 2_000 }, (_, length) => 'x'.repeat(length));
  const takes = (text: string) =>
    checkoutSchema.safeParse({ tenant_id: 7, amount: 1, provider: 'alipay', [field]: text }).success;
  return texts.findLast(takes) ?? '';
}

const description = longest('description');
const return_url = longest('return_url');

/** What else makes the item of a payment at each provider as large as it comes. */
const largest: Readonly<Record<Provider, Partial<Payment>>> = {
  wechat: {
    appid: 'wx0123456789abcdef',
    handed_out: { page: `weixin://wxpay/bizpayurl?pr=${'p'.repeat(16)}`, id: null, good_until: isoTime(NOW) },
  },
  alipay: { handed_out: { page: null, id: null, good_until: isoTime(NOW) } },
  stripe: { handed_out: { page: null, id: `cs_live_${'a'.repeat(58)}`, good_until: isoTime(NOW) } },
};

describe.each(providers)('what is stored of the longest checkout at %s', (provider) => {
  const order = tenantOrder({
    ...{ order_no, tenant_id: Number.MAX_SAFE_INTEGER, amount: 99_999_999, description },
    ...{ payments: 99, payment: 99, status: 'refunding', paid_by: 99, paid_at: isoTime(NOW), refunds: 99 },
  });
  const common = { n: 99, provider, return_url, version: 99, ...largest[provider] };

  it('is one write unit while the payment is open', () => {
    const record = paymentOf(order, common);
    expect(bytes({ put: 'payment', record, owes }, { queried_at: isoTime(NOW) })).toBeLessThanOrEqual(UNIT);
  });

  it('is one write unit when it is paid, with what was not paid of it', () => {
    const record = paidPayment(order, {
      ...{ ...common, return_url: null, handed_out: null, transaction_id: 'T'.repeat(32) },
      ...{
        discount: { merchant: 49_999_999, provider: 49_999_999 },
        reserved: 1_000_000,
        refunded: 1_000_000,
      },
    });
    const booking = record.booking && bookingAttributes(order_no, record.booking);
    const others = { queried_at: isoTime(NOW), ...booking };
    expect(bytes({ put: 'payment', record, owes }, others)).toBeLessThanOrEqual(UNIT);
  });

  it('is one write unit of the order, with what it is to be published as', () => {
    const merchant = 'm'.repeat(64);
    const payment = { n: 99, provider, merchant, transaction_id: 'T'.repeat(64) };
    const marks = { at: isoTime(NOW), events: [{ type: 'payment.failed', payment }] } as const;
    expect(bytes({ put: 'order', record: order, owes, marks })).toBeLessThanOrEqual(UNIT);
  });
});

it('the longest texts are long', () => {
  expect([description.length, return_url.length]).toEqual([127, 200]);
});

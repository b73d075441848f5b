import { describe, expect, it } from 'vitest';
import { createOrderBook } from '../../../../infra/local/console/order-book.ts';
import type { Order } from '../../../../lib/orders/order.ts';

const everything = { status: '', provider: '', kind: '', search: '' };

function order(id: number, changes: object = {}): Order {
  const created_at = new Date(id * 1_000).toISOString();
  return {
    order_no: `mall-${id}`,
    kind: 'mall',
    id,
    payment: null,
    payments: 0,
    paid_by: null,
    amount: 1999,
    currency: 'CNY',
    status: 'pending',
    version: 1,
    description: `Tea ${id}`,
    created_at,
    updated_at: created_at,
    ...changes,
  } as unknown as Order;
}

function bookOf(...orders: Order[]) {
  const book = createOrderBook();
  for (const each of orders) book.put(each);
  return book;
}

const numbers = (page: { rows: readonly { order_no: string }[] }) =>
  page.rows.map(({ order_no }) => order_no);

describe('the order book', () => {
  it('gives the newest first, page by page, whatever order they came in', () => {
    const book = bookOf(order(3), order(1), order(5), order(2), order(4));
    const first = book.page(everything, 2);
    expect(numbers(first)).toEqual(['mall-5', 'mall-4']);
    expect(first).toMatchObject({ matching: 5, has_older: true });
    const last = first.rows.at(-1);
    const second = book.page(everything, 3, last);
    expect(numbers(second)).toEqual(['mall-3', 'mall-2', 'mall-1']);
    expect(second.has_older).toBe(false);
  });

  it('keeps the newest version, whichever comes last', () => {
    const book = bookOf(order(1, { status: 'paid', version: 2 }), order(1));
    expect(book.get('mall-1')?.status).toBe('paid');
    expect(book.counts()).toEqual({ paid: 1 });
  });

  it('counts by state, and forgets what was removed', () => {
    const book = bookOf(order(1), order(2), order(2, { status: 'paid', version: 2 }));
    expect(book.counts()).toEqual({ pending: 1, paid: 1 });
    book.remove('mall-1');
    expect(book.counts()).toEqual({ pending: 0, paid: 1 });
    expect(numbers(book.page(everything, 9))).toEqual(['mall-2']);
  });

  it.each([
    [{ status: 'paid' }, ['mall-2']],
    [{ provider: 'alipay' }, ['p1']],
    [{ kind: 'tenant' }, ['p1']],
    [{ search: 'TEA 2' }, ['mall-2']],
    [{ search: '8.80' }, ['p1']],
    [{ search: ' mall-1 ' }, ['mall-1']],
    [{ search: '77' }, ['p1']],
    [{ status: 'paid', search: 'mall-1' }, []],
  ])('filters and searches: %o', (filter, expected) => {
    const tenant = { order_no: 'p1', kind: 'tenant', tenant_id: 77, payments: 1, amount: 880 };
    const book = bookOf(order(1), order(2, { status: 'paid' }), order(3, tenant));
    book.putPayment({ order_no: 'p1', n: 1, provider: 'alipay' });
    expect(numbers(book.page({ ...everything, ...filter }, 9))).toEqual(expected);
  });

  it('writes amounts with the decimals of their currency', () => {
    const book = createOrderBook();
    book.putPayment({ order_no: 'mall-1', n: 1, provider: 'stripe' });
    book.put(order(1, { currency: 'JPY', amount: 500, payments: 1 }));
    book.put(order(2));
    expect(book.get('mall-1')?.amount).toBe('500');
    expect(book.get('mall-2')?.amount).toBe('19.99');
  });

  it('names the provider of the payment that paid the order, else of its newest, whichever came first', () => {
    const book = bookOf(order(1), order(2, { payments: 2 }));
    const providerOf = (order_no: string) => book.get(order_no)?.provider;
    for (const order_no of ['mall-1', 'mall-2']) {
      book.putPayment({ order_no, n: 2, provider: 'stripe' });
      book.putPayment({ order_no, n: 1, provider: 'alipay' });
    }
    expect([providerOf('mall-1'), providerOf('mall-2')]).toEqual([null, 'stripe']);
    book.put(order(2, { payments: 2, paid_by: 1, status: 'paid', version: 2 }));
    expect(providerOf('mall-2')).toBe('alipay');
    expect(book.counts()).toEqual({ pending: 1, paid: 1 });
  });

  it('tells of an order when its payment changes', () => {
    const book = bookOf(order(1, { payments: 1 }));
    const told: unknown[] = [];
    book.subscribe(({ order_no, provider }) => told.push([order_no, provider]));
    book.putPayment({ order_no: 'mall-1', n: 1, provider: 'wechat' });
    book.putPayment({ order_no: 'mall-9', n: 1, provider: 'wechat' });
    expect(told).toEqual([['mall-1', 'wechat']]);
  });
});

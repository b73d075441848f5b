import { describe, expect, it } from 'vitest';
import { systemIo } from '../../../lib/io.ts';
import {
  type CheckoutOrderRequest,
  checkout,
  type PageMaking,
  type PaymentPage,
} from '../../../lib/orders/checkout.ts';
import type { TenantOrder } from '../../../lib/orders/order.ts';
import { parseOrderNumber } from '../../../lib/orders/order-number.ts';
import { createCheckoutStore } from '../../../lib/store/checkout-store.ts';
import { getOrder, updateOrder } from '../../../lib/store/order-store.ts';
import { NOW } from '../../support/orders.ts';
import { useStore } from '../../support/store.ts';

const store = useStore();
const HOUR_MS = 3_600_000;
const request: CheckoutOrderRequest = { tenant_id: 7, amount: 1999, currency: 'USD', provider: 'stripe' };
let lastKey = 0;
const newCaller = () => ({ subject: 'admin-1', key: `key-${++lastKey}` });

function desk(pages: PageMaking = 'asked_for') {
  const asked: TenantOrder[] = [];
  let answer: (order: TenantOrder) => Promise<PaymentPage> = async (order) => ({
    outcome: 'created',
    pay_url: `https://pay/${order.order_no}/${asked.length}`,
  });
  return {
    asked,
    answerWith: (next: typeof answer) => {
      answer = next;
    },
    checkout: (caller: { subject: string; key: string } | null, { at = NOW, body = request } = {}) =>
      checkout(
        {
          store: createCheckoutStore(store.context),
          now: () => at,
          randomBytes: systemIo.randomBytes,
          merchant: 'test',
          orderPrefix: '',
          pages,
          createPaymentPage: (order) => {
            asked.push(order);
            return answer(order);
          },
        },
        body,
        caller,
      ),
  };
}

describe('checkout', () => {
  it('stores the order before the provider is asked', async () => {
    const { checkout: make, answerWith, asked } = desk();
    answerWith(async ({ order_no }) => {
      expect(await getOrder(store.context, order_no)).toMatchObject({ status: 'pending', checkout: null });
      return { outcome: 'created', pay_url: 'https://pay/1' };
    });
    const result = await make(null);
    expect(result).toMatchObject({ outcome: 'created', pay_url: 'https://pay/1' });
    expect(asked).toMatchObject([{ ...request, expires_at: new Date(NOW + 2 * HOUR_MS).toISOString() }]);
    expect(parseOrderNumber(asked[0]?.order_no ?? '')).toEqual({
      prefix: '',
      kind: 'tenant',
      tenant_id: 7,
    });
  });

  it('makes another order for every request without a key', async () => {
    const { checkout: make } = desk();
    expect(await make(null)).not.toEqual(await make(null));
  });

  it('answers the same key and body with the same order, asking once', async () => {
    const { checkout: make, asked } = desk();
    const caller = newCaller();
    const first = await make(caller);
    expect(await make(caller, { at: NOW + HOUR_MS })).toEqual(first);
    expect(asked).toHaveLength(1);
  });

  it('stores no page that can be computed, and gives it again once paid, until it has expired', async () => {
    const { checkout: make, answerWith } = desk('computed');
    answerWith(async ({ order_no }) => ({ outcome: 'created', pay_url: `https://pay/${order_no}` }));
    const caller = newCaller();
    const first = await make(caller);
    if (first.outcome !== 'created') throw new Error(first.outcome);
    const stored = await getOrder(store.context, first.order_no);
    expect(stored).toMatchObject({ checkout: null, version: 1 });
    await updateOrder(store.context, { order_no: first.order_no, version: 1 }, { status: 'paid' });
    expect(await make(caller, { at: NOW + HOUR_MS })).toEqual(first);
    expect(await make(caller, { at: NOW + 3 * HOUR_MS })).toEqual({ outcome: 'expired' });
  });

  it('refuses the same key with another body, and keeps callers apart', async () => {
    const { checkout: make } = desk();
    const caller = newCaller();
    const first = await make(caller);
    for (const change of [
      { tenant_id: 8 },
      { amount: 1 },
      { currency: 'EUR' },
      { provider: 'alipay' as const },
    ]) {
      expect(await make(caller, { body: { ...request, ...change } })).toEqual({ outcome: 'key_reused' });
    }
    expect(await make({ ...caller, subject: 'admin-2' })).not.toEqual(first);
  });

  it('makes one order of many requests at once', async () => {
    const { checkout: make } = desk();
    const caller = newCaller();
    const results = await Promise.all(Array.from({ length: 10 }, () => make(caller)));
    expect(new Set(results.map((result) => (result.outcome === 'created' ? result.order_no : ''))).size).toBe(
      1,
    );
  });

  it('finishes with the same key what the provider failed', async () => {
    const { checkout: make, answerWith, asked } = desk();
    const caller = newCaller();
    answerWith(() => Promise.reject(new Error('down')));
    await expect(make(caller)).rejects.toThrow('down');
    answerWith(async () => ({ outcome: 'not_created', attempt: 2 }));
    expect(await make(caller)).toEqual({ outcome: 'not_created' });
    answerWith(async () => ({ outcome: 'created', pay_url: 'https://pay/3' }));
    expect(await make(caller)).toMatchObject({ outcome: 'created', pay_url: 'https://pay/3' });
    expect(new Set(asked.map(({ order_no }) => order_no)).size).toBe(1);
    expect(asked.map(({ attempt }) => attempt)).toEqual([1, 1, 2]);
    expect(new Set(asked.map(({ expires_at }) => expires_at)).size).toBe(1);
  });

  it('knows that an order can no longer be paid, and frees the key after 24 h', async () => {
    const { checkout: make } = desk();
    const caller = newCaller();
    const first = await make(caller);
    expect(await make(caller, { at: NOW + 3 * HOUR_MS })).toEqual({ outcome: 'expired' });
    const later = await make(caller, { at: NOW + 24 * HOUR_MS });
    expect(later.outcome).toBe('created');
    expect(later).not.toEqual(first);
  });

  it('does not mistake one subject and key for another', async () => {
    const { checkout: make } = desk();
    const first = await make({ subject: 'a', key: 'b#c' });
    expect(await make({ subject: 'a#b', key: 'c' })).not.toEqual(first);
  });
});

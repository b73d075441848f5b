import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import { checkout } from '../../../lib/orders/checkout.ts';
import type { PaymentEvent } from '../../../lib/orders/event.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { createIdempotencyStore } from '../../../lib/store/idempotency-store.ts';
import { createOrderStore } from '../../../lib/store/order-store.ts';
import { createCrash } from '../../support/crash.ts';
import { startDynamodbProxy } from '../../support/dynamodb-proxy.ts';
import { checkoutRequest, NOW } from '../../support/orders.ts';
import { createProvider } from '../../support/provider.ts';
import { useStore } from '../../support/store.ts';
import { useWire } from './wire.ts';

const store = useStore();
const faulty = useWire(store, (endpoint) => startDynamodbProxy(endpoint));
const HOUR_MS = 3_600_000;
const request = checkoutRequest();
let lastKey = 0;
const newCaller = (changes = {}) =>
  ({ operation: 'checkout', subject: 'admin-1', key: `key-${++lastKey}`, ...changes }) as const;

function desk(provider = createProvider()) {
  return {
    provider,
    make: async (
      caller: ReturnType<typeof newCaller> | null,
      { at = NOW, context = store.context, orders = createOrderStore(context), body = request } = {},
    ) => {
      const commit = { store: orders, io: { ...context.io, now: () => at } };
      const settleHere = (event: PaymentEvent) => settle(commit, event);
      const merchant = provider.merchantOf('stripe');
      const payee = {
        merchant,
        appid: null,
        scene: 'desktop',
        return_url: null,
        payer_client_ip: null,
      } as const;
      const ports = { ...commit, merchants: provider.merchants, settle: settleHere, orderPrefix: '' };
      return checkout(ports, body, caller, payee, () => {});
    },
  };
}

const numberOf = (result: Awaited<ReturnType<ReturnType<typeof desk>['make']>>) => {
  if (result.outcome === 'key_reused') throw new Error(result.outcome);
  return result.order_no;
};

describe('checkout', () => {
  it('stores order, payment and key in one piece, the payment owing its check', async () => {
    const { make } = desk();
    const caller = newCaller();
    const order_no = numberOf(await make(caller));
    expect(await store.items(order_no)).toMatchObject([
      { sk: 'ORDER', status: 'pending', payment: 1, payments: 1 },
      { sk: 'PAYMENT#1', state: 'open', version: 2, work_due: isoTime(NOW + 60_000) },
    ]);
    expect((await store.items(order_no))[0]).not.toHaveProperty('work');
    const record = await createIdempotencyStore(store.context).findIdempotencyRecord(caller);
    expect(record).toMatchObject({ result: order_no, expires_at: isoTime(NOW + 24 * HOUR_MS) });
    expect(await createIdempotencyStore(store.context).findIdempotencyRecord(newCaller())).toBeNull();
  });

  it('keeps nothing of who asked, whatever the subject is, and tells subjects apart', async () => {
    const { make } = desk();
    const subjects = ['用'.repeat(256), '\ud800', '\udc00', 'plain'];
    const numbers = [];
    for (const subject of subjects) numbers.push(numberOf(await make(newCaller({ subject, key: 'k' }))));
    expect(new Set(numbers).size).toBe(subjects.length);
    for (const [index, subject] of subjects.entries()) {
      expect(numberOf(await make(newCaller({ subject, key: 'k' })))).toBe(numbers[index]);
    }
    const text = JSON.stringify((await store.items()).filter(({ sk }) => sk === 'KEY'));
    expect(text).not.toContain('用');
    expect(text).not.toContain('plain');
  });

  it('makes one order of many requests at once', async () => {
    const { make } = desk();
    const caller = newCaller();
    const results = await Promise.all(Array.from({ length: 10 }, () => make(caller)));
    expect(new Set(results.map(numberOf)).size).toBe(1);
  });

  it('refuses the same key with another body', async () => {
    const { make } = desk();
    const caller = newCaller();
    await make(caller);
    expect(await make(caller, { body: { ...request, amount: 1 } })).toEqual({ outcome: 'key_reused' });
  });

  it('frees the key after 24 hours, though TTL has not taken it yet', async () => {
    const { make } = desk();
    const caller = newCaller();
    const first = numberOf(await make(caller));
    expect(numberOf(await make(caller, { at: NOW + 24 * HOUR_MS - 1 }))).toBe(first);
    expect(numberOf(await make(caller, { at: NOW + 24 * HOUR_MS }))).not.toBe(first);
  });

  it('ends in one order when the reply to its write is lost', async () => {
    for (const caller of [null, newCaller()]) {
      const { make, provider } = desk();
      faulty.wire.fault('TransactWriteItems', 'drop_reply', 1);
      const before = (await store.items()).filter(({ sk }) => sk === 'ORDER').length;
      expect(await make(caller, { context: faulty.context })).toMatchObject({ outcome: 'issued' });
      faulty.wire.heal();
      expect((await store.items()).filter(({ sk }) => sk === 'ORDER')).toHaveLength(before + 1);
      expect(provider.calls).toHaveLength(1);
    }
  });

  it.each(['before', 'after'] as const)('that dies %s it wrote is finished by the same key', async (when) => {
    const { make } = desk();
    const caller = newCaller();
    const orders = createOrderStore(store.context);
    const { crashing } = createCrash('write', when);
    const dying = { ...orders, write: crashing('write', orders.write) };
    await expect(make(caller, { orders: dying })).rejects.toThrow('crash');
    const result = await make(caller);
    expect(result).toMatchObject({ outcome: 'issued', payment: { n: 1 } });
    expect(await createIdempotencyStore(store.context).findIdempotencyRecord(caller)).toMatchObject({
      result: numberOf(result),
    });
  });
});

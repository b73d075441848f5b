import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import { closeAtProvider } from '../../../lib/orders/check-payment.ts';
import { ContentionError } from '../../../lib/orders/commit.ts';
import type { PaymentEvent } from '../../../lib/orders/event.ts';
import { handOver, type ShopOrderRequest } from '../../../lib/orders/hand-over.ts';
import { payShopOrder } from '../../../lib/orders/pay-shop-order.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { createOrderStore } from '../../../lib/store/order-store.ts';
import { createCrash } from '../../support/crash.ts';
import { startDynamodbProxy } from '../../support/dynamodb-proxy.ts';
import { NOW, successOf } from '../../support/orders.ts';
import { createProvider } from '../../support/provider.ts';
import { useStore } from '../../support/store.ts';
import { sweepAt } from '../../support/sweep.ts';
import { useWire } from './wire.ts';

const store = useStore();
const faulty = useWire(store, (endpoint) => startDynamodbProxy(endpoint));
const HOUR_MS = 3_600_000;
let lastId = 0;

const request = (changes: Partial<ShopOrderRequest> = {}): ShopOrderRequest => ({
  kind: 'meal',
  id: ++lastId,
  user_id: 'user-1',
  openid: 'openid-1',
  amount: 1234,
  points: 5,
  description: '午餐',
  appid: null,
  expires_at: isoTime(NOW + HOUR_MS),
  ...changes,
});

const numberOf = ({ kind, id }: ShopOrderRequest) => `${kind}-${id}`;
const read = async (body: ShopOrderRequest) => {
  const snapshot = await createOrderStore(store.context).read(numberOf(body));
  if (!snapshot) throw new Error('there is no order');
  return snapshot;
};
const works = async (body: ShopOrderRequest) =>
  (await store.items(numberOf(body))).flatMap(({ sk, work, work_due }) =>
    work === undefined ? [] : [`${sk} ${String(work).split('#')[0]} ${work_due}`],
  );

function shop(
  provider = createProvider(),
  { context = store.context, orders = createOrderStore(context) } = {},
) {
  const commit = { store: orders, io: { ...context.io, now: () => NOW } };
  const asking = {
    ...commit,
    merchants: provider.merchants,
    settle: (event: PaymentEvent) => settle(commit, event),
  };
  return {
    provider,
    settle: asking.settle,
    put: (body: ShopOrderRequest) =>
      handOver(
        { ...asking, orderPrefix: '', closeAtProvider: (payment) => closeAtProvider(asking, payment) },
        body,
      ),
    pay: async (body: ShopOrderRequest) => {
      const merchant = await provider.merchants.current('wechat', null);
      return payShopOrder(asking, numberOf(body), 'user-1', merchant);
    },
  };
}

describe('a shop order on the table', () => {
  it('is handed over, paid, changed and paid again; one item owes its deadline', async () => {
    const { put, pay, provider, settle: tell } = shop();
    const body = request();
    expect(await put(body)).toMatchObject({ outcome: 'created' });
    expect(await works(body)).toEqual([`ORDER check ${isoTime(NOW + HOUR_MS + 1_000)}`]);
    expect(await pay(body)).toMatchObject({ outcome: 'issued', page: `page-of-${numberOf(body)}` });
    expect(await works(body)).toEqual([`PAYMENT#1 check ${isoTime(NOW + 60_000)}`]);
    expect(await put({ ...body, amount: 99 })).toMatchObject({ outcome: 'updated' });
    expect(await works(body)).toEqual([`ORDER check ${isoTime(NOW + HOUR_MS + 1_000)}`]);
    expect(await pay(body)).toMatchObject({ outcome: 'issued', page: `page-of-${numberOf(body)}-2` });
    expect(await works(body)).toEqual([`PAYMENT#2 check ${isoTime(NOW + 60_000)}`]);
    const { payments } = await read(body);
    expect(payments).toMatchObject([
      { n: 1, amount: 1234, state: 'closed', superseded: true },
      { n: 2, amount: 99, state: 'open', superseded: false },
    ]);
    for (const payment of payments) await tell(successOf(payment, { transaction_id: `T${payment.n}` }));
    expect(await read(body)).toMatchObject({
      order: { status: 'paid', paid_by: 2, amount: 99 },
      payments: [
        { n: 1, state: 'paid', booking: { credit: expect.stringMatching('^suspense:wechat') } },
        { n: 2, state: 'paid', booking: { credit: 'shop:meal' } },
      ],
    });
    expect(provider.calls.filter((call) => call.startsWith('close'))).toEqual([`close ${numberOf(body)}`]);
  });

  it('keeps no openid once nothing can be paid, and still knows its payer', async () => {
    const { put, pay, settle: tell } = shop();
    const body = request();
    await put(body);
    await pay(body);
    const [payment] = (await read(body)).payments;
    if (!payment) throw new Error('no payment');
    await tell(successOf(payment));
    expect(JSON.stringify(await store.items(numberOf(body)))).not.toContain(body.openid);
    expect(await put(body)).toMatchObject({ outcome: 'unchanged' });
    expect(await put({ ...body, openid: 'openid-2' })).toEqual({ outcome: 'not_pending' });
  });

  it('by forty at once is created once; who cannot write is told so', async () => {
    const { put } = shop();
    const body = request();
    const results = await Promise.allSettled(
      Array.from({ length: 40 }, (_, amount) => put({ ...body, amount: amount + 1 })),
    );
    const done = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.outcome] : []));
    const failed = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    for (const reason of failed) expect(reason).toBeInstanceOf(ContentionError);
    expect(done.filter((outcome) => outcome === 'created')).toHaveLength(1);
    expect((await read(body)).order.version).toBe(done.length);
  });

  it('while many pay and change it at once hands out only what is current', async () => {
    for (let round = 0; round < 10; round++) {
      const { put, pay, provider } = shop();
      const body = request();
      await put(body);
      const [paid] = await Promise.all([
        pay(body),
        put({ ...body, amount: 1 }).catch(() => null),
        pay(body).catch(() => null),
      ]);
      const { order, payments } = await read(body);
      const current = payments.find(({ n }) => n === order.payment);
      if (paid.outcome === 'issued' && current?.n === paid.payment.n) {
        expect(paid.payment.amount).toBe(order.amount);
      }
      for (const { superseded, state, payment_no } of payments) {
        if (superseded)
          expect([state, provider.calls.includes(`close ${payment_no}`)]).toEqual(['closed', true]);
      }
    }
  });

  it('that costs nothing is paid once, however many pay, also when a reply is lost', async () => {
    const body = request({ amount: 0, openid: null });
    const { put } = shop();
    await put(body);
    const { pay } = shop(createProvider(), { context: faulty.context });
    faulty.wire.fault('UpdateItem', 'drop_reply', 1);
    const results = await Promise.all([pay(body), pay(body), pay(body)]);
    faulty.wire.heal();
    expect(results.some(({ outcome }) => outcome === 'paid')).toBe(true);
    expect(await read(body)).toMatchObject({ order: { status: 'paid', version: 2 }, payments: [] });
    expect(await works(body)).toEqual([`ORDER notify ${isoTime(NOW + 5 * 60_000)}`]);
  });

  it.each(['before', 'after'] as const)(
    'whose change dies %s it is written can be changed and paid, also with a sweep in between',
    async (when) => {
      for (const isSwept of [false, true]) {
        const provider = createProvider();
        const { put, pay } = shop(provider);
        const body = request();
        await put(body);
        await pay(body);
        const orders = createOrderStore(store.context);
        const { crashing } = createCrash('write', when);
        const dying = shop(provider, { orders: { ...orders, write: crashing('write', orders.write) } });
        await expect(dying.put({ ...body, amount: 1 })).rejects.toThrow('crash');
        if (isSwept) {
          await sweepAt(store.context, NOW + 60_000, {
            merchants: provider.merchants,
            onFailure: (_check, error) => expect.fail(String(error)),
          });
        }
        expect((await put({ ...body, amount: 1 })).outcome).toBe(when === 'before' ? 'updated' : 'unchanged');
        expect(await pay(body)).toMatchObject({ outcome: 'issued', payment: { n: 2, amount: 1 } });
      }
    },
  );
});

import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { sweepAnnouncements } from '../../../lib/announcements/sweep.ts';
import type { Put } from '../../../lib/orders/change.ts';
import type { PaymentEvent } from '../../../lib/orders/event.ts';
import { payShopOrder } from '../../../lib/orders/pay-shop-order.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { createOrderStore } from '../../../lib/store/order-store.ts';
import { createWorkStore, type WorkStore } from '../../../lib/store/work-store.ts';
import { createTelemetry } from '../../../lib/telemetry/telemetry.ts';
import { paymentOf, shopOrder, successOf, tenantOrder } from '../../support/orders.ts';
import { useStore } from '../../support/store.ts';
import { createFakeMerchants } from '../orders/fake-merchants.ts';
import {
  announcedIn,
  disputeItem,
  exceptionItem,
  exceptionLabels,
  freeOrderItem,
  type Item,
  mallPayment,
} from './items.ts';

const table = useStore();
const MINUTE_MS = 60_000;
const PAID_AT = Date.parse('2026-11-22T08:00:00Z');
const DUE_AT = PAID_AT + 5 * MINUTE_MS;
const iso = (time: number) => new Date(time).toISOString();

const payment = (id: number, changes = {}) => mallPayment(id, PAID_AT, changes);

async function write(changes: readonly object[]): Promise<void> {
  const { client, tableName } = table.context;
  for (let start = 0; start < changes.length; start += 25) {
    const RequestItems = { [tableName]: changes.slice(start, start + 25) };
    await client.send(new BatchWriteCommand({ RequestItems }));
  }
}

const put = (...items: Item[]) => write(items.map((Item) => ({ PutRequest: { Item } })));

beforeEach(async () => {
  const items = await table.items();
  await write(items.map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } })));
});

interface Faults {
  readonly refuse?: (content: string) => boolean;
  readonly postponeFails?: (pk: string) => boolean;
  readonly isNobodyThere?: boolean;
}

function sweeper({ refuse, postponeFails, isNobodyThere = false }: Faults = {}) {
  const messages: string[] = [];
  const attempts: string[] = [];
  const lines: string[] = [];
  const sweep = async (at: number) => {
    const store = createWorkStore(table.context);
    const work: Pick<WorkStore, 'listDue' | 'postponeWork'> = {
      listDue: store.listDue,
      postponeWork: async (key, seen, work_due) => {
        if (postponeFails?.(key.pk)) throw new Error('no store');
        return store.postponeWork(key, seen, work_due);
      },
    };
    const context = {
      send: async (content: string) => {
        attempts.push(content);
        if (refuse?.(content)) throw new Error('refused');
        if (!isNobodyThere) messages.push(content);
        return !isNobodyThere;
      },
      store,
      shipping: null,
      telemetry: createTelemetry({ stage: 'test', function: 'sweep' }, (line) => lines.push(line)),
      now: () => at,
    };
    return (await sweepAnnouncements({ context, work, now: () => at })).announced;
  };
  return { sweep, messages, attempts, lines };
}

/** What each item owes and when it is due, by order number. */
async function owed(): Promise<Record<string, [unknown, unknown]>> {
  const items = await table.items();
  return Object.fromEntries(
    items.flatMap(({ order_no, work, work_due }) => (work ? [[order_no, [work, work_due]]] : [])),
  );
}

const numbers = (count: number) => Array.from({ length: count }, (_, id) => `mall-${id}`);

describe('sweeping announcements', () => {
  it('announces in one message what is due, the longest due first, and nothing before', async () => {
    const { sweep, messages } = sweeper();
    await put(
      payment(1),
      payment(2, { work_due: iso(DUE_AT - 1) }),
      payment(3, { work_due: iso(DUE_AT + 1) }),
    );
    expect(await sweep(DUE_AT)).toBe(2);
    expect(messages).toHaveLength(1);
    expect(announcedIn(messages)).toEqual(['mall-2', 'mall-1']);
    expect(Object.keys(await owed())).toEqual(['mall-3']);
    expect(await sweep(DUE_AT)).toBe(0);
    expect(messages).toHaveLength(1);
  });

  it('announces once when several run at the same time', async () => {
    const { sweep, messages } = sweeper();
    await put(...Array.from({ length: 120 }, (_, id) => payment(id)));
    const counts = await Promise.all([sweep(DUE_AT), sweep(DUE_AT), sweep(DUE_AT), sweep(DUE_AT)]);
    expect(counts.reduce((sum, count) => sum + count)).toBe(120);
    expect(announcedIn(messages).sort()).toEqual(numbers(120).sort());
    expect(await owed()).toEqual({});
  });

  it('leaves what another sweep has put off since it was read, or somebody has settled', async () => {
    const { sweep, messages } = sweeper();
    await put(payment(1), payment(2));
    const store = createWorkStore(table.context);
    const [one, two] = [payment(1), payment(2)];
    const postpone = ({ pk, sk, work, work_due }: typeof one, next: number) =>
      store.postponeWork({ pk, sk }, { work, work_due }, iso(next));
    expect(await postpone(one, DUE_AT + 1)).toBe(true);
    expect(await postpone(one, DUE_AT + 2)).toBe(false);
    await store.clearWork({ pk: two.pk, sk: two.sk }, two.work);
    expect(await postpone(two, DUE_AT + 2)).toBe(false);
    expect(await sweep(DUE_AT)).toBe(0);
    expect(messages).toEqual([]);
    expect(await owed()).toEqual({ 'mall-1': [one.work, iso(DUE_AT + 1)] });
  });

  it('tries again after 5 minutes at first, then less and less often, up to every hour', async () => {
    const { sweep, attempts } = sweeper({ refuse: () => true });
    await put(payment(1));
    const delays: number[] = [];
    let due = DUE_AT;
    for (let tries = 0; tries < 20; tries++) {
      expect(await sweep(due - 1)).toBe(0);
      expect(attempts).toHaveLength(tries);
      expect(await sweep(due)).toBe(0);
      const [, next] = (await owed())['mall-1'] ?? [];
      delays.push((Date.parse(String(next)) - due) / MINUTE_MS);
      due = Date.parse(String(next));
    }
    expect(delays.slice(0, 2)).toEqual([5, 5]);
    expect(delays.toSorted((one, other) => one - other)).toEqual(delays);
    expect(delays.at(-1)).toBe(60);
  });

  it('sends at most 5 messages in a run, and the next runs take the rest, each once', async () => {
    const { sweep, messages } = sweeper();
    await put(...Array.from({ length: 600 }, (_, id) => payment(id)));
    const first = await sweep(DUE_AT);
    expect(messages).toHaveLength(5);
    expect(announcedIn(messages)).toHaveLength(first);
    const left = Object.values(await owed());
    expect(left).toHaveLength(600 - first);
    expect(left.every(([, work_due]) => work_due === iso(DUE_AT))).toBe(true);
    let announced = first;
    for (let run = 0; run < 5; run++) announced += await sweep(DUE_AT);
    expect(announced).toBe(600);
    expect(announcedIn(messages).sort()).toEqual(numbers(600).sort());
  });

  it('stops at a message that is not taken, which does not hold up the others in the next run', async () => {
    const { sweep, messages, attempts, lines } = sweeper({
      refuse: (content) => content.includes('`mall-0`'),
    });
    const payments = Array.from({ length: 100 }, (_, id) =>
      payment(id, { work_due: iso(DUE_AT - 1_000 + id) }),
    );
    await put(...payments);
    expect(await sweep(DUE_AT)).toBe(0);
    expect(attempts).toHaveLength(1);
    expect(lines.some((line) => line.includes('"NotificationFailed":1'))).toBe(true);
    await sweep(DUE_AT);
    const refused = announcedIn(attempts.slice(0, 1));
    expect(announcedIn(messages)).toEqual(numbers(100).slice(refused.length));
    expect(Object.keys(await owed()).sort()).toEqual(refused.toSorted());
  });

  it('announces alerts first, however many payments have waited longer', async () => {
    const { sweep, messages } = sweeper();
    await put(...Array.from({ length: 600 }, (_, id) => payment(id, { work_due: iso(DUE_AT - 1) })));
    await put(exceptionItem('mall-1000', PAID_AT, 'paid_twice'), disputeItem('mall-1001', PAID_AT));
    await sweep(DUE_AT);
    expect(announcedIn(messages.slice(0, 1)).slice(0, 2).sort()).toEqual(['mall-1000', 'mall-1001']);
  });

  it('announces a payment of which some has gone back by then: it was made', async () => {
    const { sweep, messages } = sweeper();
    await put(payment(1, { refunded: 40, reserved: 60 }));
    expect(await sweep(DUE_AT)).toBe(1);
    expect(messages[0]).toContain('`mall-1` CNY 1.00');
  });

  it('owes nothing any more where there is nobody to tell, whoever is there later', async () => {
    await put(payment(1), freeOrderItem('mall-2', PAID_AT), exceptionItem('mall-3', PAID_AT, 'paid_twice'));
    expect(await sweeper({ isNobodyThere: true }).sweep(DUE_AT)).toBe(3);
    expect(await owed()).toEqual({});
    const { sweep, messages } = sweeper();
    expect(await sweep(DUE_AT + 100 * MINUTE_MS)).toBe(0);
    expect(messages).toEqual([]);
  });

  it('announces an order that cost nothing', async () => {
    const { sweep, messages } = sweeper();
    await put(freeOrderItem('mall-1', PAID_AT));
    expect(await sweep(DUE_AT)).toBe(1);
    expect(messages[0]).toContain('`mall-1` CNY 0.00 300 积分');
    expect(await owed()).toEqual({});
  });

  it.each(Object.entries(exceptionLabels))('announces an exception of kind %s as %s', async (kind, label) => {
    const { sweep, messages } = sweeper();
    await put(exceptionItem('mall-1', PAID_AT, kind, { payment_no: 'mall-1-2' }));
    expect(await sweep(DUE_AT)).toBe(1);
    expect(messages[0]).toMatch(
      new RegExp(`收款异常.*1 笔[^]*> ${label} \`mall-1\` 付款单号 \`mall-1-2\` CNY 12.34 微信支付`),
    );
    expect(await owed()).toEqual({});
  });

  it('parks what cannot be read, and announces the others', async () => {
    const { sweep, messages, lines } = sweeper();
    const poison = payment(2, { amount: -1 });
    await put(payment(1), poison, payment(3));
    expect(await sweep(DUE_AT)).toBe(2);
    expect(announcedIn(messages).sort()).toEqual(['mall-1', 'mall-3']);
    expect(await owed()).toEqual({ 'mall-2': [poison.work.replace('notify', 'parked'), expect.any(String)] });
    expect(lines.some((line) => line.includes('"RecordParked":1'))).toBe(true);
    expect(await sweep(DUE_AT + 100 * MINUTE_MS)).toBe(0);
  });

  it('puts off what only newer code understands, which does not stand before the others for ever', async () => {
    const { sweep, messages, lines } = sweeper();
    const id = 1_000_000;
    const inShardOf = (wanted: number, count: number) =>
      Array.from({ length: 20 * count }, (_, other) => other)
        .filter((other) => payment(other).work === payment(wanted).work)
        .slice(0, count);
    const newer = inShardOf(id, 50);
    expect(newer).toHaveLength(50);
    await put(...newer.map((other) => payment(other, { schema: 9, work_due: iso(DUE_AT - 1) })), payment(id));
    expect(await sweep(DUE_AT)).toBe(0);
    expect(lines.some((line) => line.includes('"ItemUnreadable":50'))).toBe(true);
    expect(await sweep(DUE_AT + MINUTE_MS)).toBe(1);
    expect(announcedIn(messages)).toEqual([`mall-${id}`]);
    const left = Object.values(await owed());
    expect(left).toEqual(Array(50).fill([payment(id).work, iso(DUE_AT + 15 * MINUTE_MS)]));
  });

  it('leaves what it cannot put off to the next run, and announces the others', async () => {
    const { sweep, messages, lines } = sweeper({ postponeFails: (pk) => pk === 'ORDER#mall-2' });
    await put(payment(1), payment(2), payment(3));
    expect(await sweep(DUE_AT)).toBe(2);
    expect(announcedIn(messages).sort()).toEqual(['mall-1', 'mall-3']);
    expect(await owed()).toEqual({ 'mall-2': [payment(2).work, iso(DUE_AT)] });
    expect(lines.some((line) => line.includes('"level":"ERROR"') && line.includes('mall-2'))).toBe(true);
    expect(lines.join('\n')).not.toContain('openid-of');
  });
});

describe('what settling leaves to be announced', () => {
  const io = { now: () => PAID_AT, sleep: async () => {}, randomBytes: (size: number) => Buffer.alloc(size) };
  const ports = () => ({ store: createOrderStore(table.context), io });

  async function store(order_no: string, ...puts: readonly [Put, ...Put[]]): Promise<void> {
    expect(await ports().store.write({ order_no, writes: puts })).toEqual({ applied: true });
  }

  const succeed = (event: PaymentEvent) => settle(ports(), event);

  async function announcements(): Promise<string[]> {
    const { sweep, messages } = sweeper();
    await sweep(DUE_AT);
    await sweep(DUE_AT + 100 * MINUTE_MS);
    expect(await owed()).toEqual({});
    return messages;
  }

  it('is a payment, once, however often its message comes', async () => {
    const order = tenantOrder();
    const record = paymentOf(order);
    await store(order.order_no, { put: 'order', record: order }, { put: 'payment', record });
    for (const transaction_id of [null, 'T1', 'T1']) await succeed(successOf(record, { transaction_id }));
    expect(await announcements()).toEqual([
      [
        '**收款通知** 1 笔 合计 USD 19.99',
        `> 租户 7 \`${order.order_no}\` USD 19.99 Stripe 2026-11-22 16:00:00（北京时间） 订单 ${order.order_no.slice(0, 20)}…`,
      ].join('\n'),
    ]);
  });

  it('is of a superseded payment that was paid an exception, and not the payment', async () => {
    const order = shopOrder({ payment: 2, payments: 2 });
    const [first, second] = [
      paymentOf(order, { n: 1, superseded: true, state: 'closed', amount: 500 }),
      paymentOf(order, { n: 2 }),
    ];
    const puts = [first, second].map((record) => ({ put: 'payment', record }) as const);
    await store(order.order_no, { put: 'order', record: order }, ...puts);
    expect(await succeed(successOf(first))).toMatchObject({ outcome: 'paid_superseded' });
    expect(await announcements()).toEqual([
      [
        '**<font color="warning">收款异常</font>** 1 笔，请人工核对',
        `> 作废单收款 \`${order.order_no}\` CNY 5.00 微信支付 2026-11-22 16:00:00（北京时间）`,
      ].join('\n'),
    ]);
  });

  it('is of an order that cost nothing the order, once, however often it is paid', async () => {
    const order = shopOrder({ amount: 0, points: 300, openid: null, payment: null, payments: 0 });
    await store(order.order_no, { put: 'order', record: order });
    const merchants = createFakeMerchants();
    const asking = { ...ports(), merchants, settle: succeed };
    const merchant = merchants.merchantOf('wechat');
    for (const outcome of ['paid', 'already_paid']) {
      expect(await payShopOrder(asking, order.order_no, 'user-1', merchant)).toMatchObject({ outcome });
    }
    expect(merchants.calls).toEqual([]);
    expect(await announcements()).toEqual([
      [
        '**收款通知** 1 笔 合计 CNY 0.00',
        `> 商城 \`${order.order_no}\` CNY 0.00 300 积分 2026-11-22 16:00:00（北京时间） 苹果`,
      ].join('\n'),
    ]);
  });
});

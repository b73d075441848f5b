import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { sweepAnnouncements } from '../../../lib/notifications/sweep.ts';
import { createWorkStore, type WorkStore } from '../../../lib/store/work-store.ts';
import { createTelemetry } from '../../../lib/telemetry/telemetry.ts';
import { useStore } from '../../support/store.ts';
import { announcedIn, exceptionKinds, type Item, orderPaidAt } from './items.ts';

const table = useStore();
const MINUTE_MS = 60_000;
const PAID_AT = Date.parse('2026-11-22T08:00:00Z');
const DUE_AT = PAID_AT + 5 * MINUTE_MS;
const iso = (time: number) => new Date(time).toISOString();

const order = (id: number, changes = {}) => orderPaidAt(PAID_AT, id, changes);

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
}

function sweeper({ refuse, postponeFails }: Faults = {}) {
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
        messages.push(content);
      },
      store,
      findFormat: () => ({ digits: 2, step: 1 }),
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
    await put(order(1), order(2, { work_due: iso(DUE_AT - 1) }), order(3, { work_due: iso(DUE_AT + 1) }));
    expect(await sweep(DUE_AT)).toBe(2);
    expect(messages).toHaveLength(1);
    expect(announcedIn(messages)).toEqual(['mall-2', 'mall-1']);
    expect(Object.keys(await owed())).toEqual(['mall-3']);
    expect(await sweep(DUE_AT)).toBe(0);
    expect(messages).toHaveLength(1);
  });

  it('announces once when several run at the same time', async () => {
    const { sweep, messages } = sweeper();
    await put(...Array.from({ length: 120 }, (_, id) => order(id)));
    const counts = await Promise.all([sweep(DUE_AT), sweep(DUE_AT), sweep(DUE_AT), sweep(DUE_AT)]);
    expect(counts.reduce((sum, count) => sum + count)).toBe(120);
    expect(announcedIn(messages).sort()).toEqual(numbers(120).sort());
    expect(await owed()).toEqual({});
  });

  it('leaves what another sweep has put off since it was read, or somebody has settled', async () => {
    const { sweep, messages } = sweeper();
    await put(order(1), order(2));
    const store = createWorkStore(table.context);
    const [one, two] = [order(1), order(2)];
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
    await put(order(1));
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
    await put(...Array.from({ length: 600 }, (_, id) => order(id)));
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
    const orders = Array.from({ length: 100 }, (_, id) => order(id, { work_due: iso(DUE_AT - 1_000 + id) }));
    await put(...orders);
    expect(await sweep(DUE_AT)).toBe(0);
    expect(attempts).toHaveLength(1);
    expect(lines.some((line) => line.includes('"NotificationFailed":1'))).toBe(true);
    await sweep(DUE_AT);
    const refused = announcedIn(attempts.slice(0, 1));
    expect(announcedIn(messages)).toEqual(numbers(100).slice(refused.length));
    expect(Object.keys(await owed()).sort()).toEqual(refused.toSorted());
  });

  it.each(['refunding', 'refunded'])('announces an order that is %s by then: it was paid', async (status) => {
    const { sweep, messages } = sweeper();
    await put(order(1, { status, refunded: 100 }));
    expect(await sweep(DUE_AT)).toBe(1);
    expect(announcedIn(messages)).toEqual(['mall-1']);
  });

  it.each(Object.entries(exceptionKinds))('announces an exception of kind %s as %s', async (kind, label) => {
    const { sweep, messages } = sweeper();
    const { work, work_due } = order(1);
    await put({
      ...{ pk: 'ORDER#mall-1', sk: `EXCEPTION#${kind}#wechat#T1`, order_no: 'mall-1', kind, work, work_due },
      ...{ payment_no: 'mall-1-2', provider: 'wechat', transaction_id: 'T1', fields: [], amount: 1234 },
      ...{ currency: 'CNY', recorded_at: iso(PAID_AT), reserved: 0, refunded: 0 },
    });
    expect(await sweep(DUE_AT)).toBe(1);
    expect(messages[0]).toMatch(new RegExp(`收款异常.*1 笔[^]*> ${label} \`mall-1\` CNY 12.34 微信支付`));
    expect(await owed()).toEqual({});
  });

  it('parks what cannot be read, and announces the others', async () => {
    const { sweep, messages, lines } = sweeper();
    const poison = order(2, { amount: -1 });
    await put(order(1), poison, order(3));
    expect(await sweep(DUE_AT)).toBe(2);
    expect(announcedIn(messages).sort()).toEqual(['mall-1', 'mall-3']);
    expect(await owed()).toEqual({ 'mall-2': [poison.work.replace('notify', 'parked'), expect.any(String)] });
    expect(lines.some((line) => line.includes('"RecordParked":1'))).toBe(true);
    expect(await sweep(DUE_AT + 100 * MINUTE_MS)).toBe(0);
  });

  it('leaves what it cannot put off to the next run, and announces the others', async () => {
    const { sweep, messages, lines } = sweeper({ postponeFails: (pk) => pk === 'ORDER#mall-2' });
    await put(order(1), order(2), order(3));
    expect(await sweep(DUE_AT)).toBe(2);
    expect(announcedIn(messages).sort()).toEqual(['mall-1', 'mall-3']);
    expect(await owed()).toEqual({ 'mall-2': [order(2).work, iso(DUE_AT)] });
    expect(lines.some((line) => line.includes('"level":"ERROR"') && line.includes('mall-2'))).toBe(true);
    expect(lines.join('\n')).not.toContain('openid-of');
  });
});

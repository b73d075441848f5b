import { describe, expect, it } from 'vitest';
import { announce } from '../../../lib/announcements/announce.ts';
import { readOwingItem } from '../../../lib/announcements/owing-item.ts';
import { sweepAnnouncements } from '../../../lib/announcements/sweep.ts';
import { captureLines } from '../../support/log-lines.ts';
import { NOW } from '../../support/orders.ts';
import { type Item, mallPayment, merchantExceptionItem } from './items.ts';

const MINUTE_MS = 60_000;
const message = 'announcement';

interface Faults {
  readonly send?: () => Promise<boolean>;
  readonly write?: () => Promise<void>;
}

/** The lines of announcing what these items owe. */
async function linesOf(
  items: readonly Item[],
  { send = async () => true, write = async () => {} }: Faults = {},
) {
  const log = captureLines();
  const context = {
    send,
    store: { clearWork: write, replaceWork: write, parkWork: write },
    shipping: null,
    telemetry: log.telemetry,
    now: () => NOW,
  };
  await announce(items.map(readOwingItem), context);
  return { lines: log.lines(), metrics: log.metrics() };
}

const paidAgo = (waited_ms: number, id: number, changes = {}) => mallPayment(id, NOW - waited_ms, changes);
const failing = () => Promise.reject(new Error('no answer of https://robot.test/?key=secret'));

describe('the one line of a message to the group', () => {
  it('names its orders, and says how long people have been waiting', async () => {
    expect(await linesOf([paidAgo(2_000, 1), paidAgo(4_000, 2)])).toEqual({
      lines: [
        {
          ...{ level: 'INFO', message, order_nos: ['mall-1', 'mall-2'], outcome: 'delivered', latency_ms: 0 },
          ...{ NotificationSent: 1, NotificationLatency: 4_000 },
        },
      ],
      metrics: ['NotificationSent: 1', 'NotificationLatency: 4000'],
    });
  });

  it('names what belongs to no order by its merchant', async () => {
    const { lines } = await linesOf([merchantExceptionItem(NOW)]);
    expect(lines).toMatchObject([{ order_nos: ['MERCHANT#wechat.1900000001'], outcome: 'delivered' }]);
  });

  it('counts what comes more than five minutes late', async () => {
    const items = [paidAgo(5 * MINUTE_MS, 1), paidAgo(5 * MINUTE_MS + 1, 2), paidAgo(3 * 60 * MINUTE_MS, 3)];
    expect((await linesOf(items)).metrics).toContain('NotificationLate: 2');
  });

  it('says that there is nobody to tell, which is no error, and nothing was sent', async () => {
    const { lines, metrics } = await linesOf([paidAgo(6 * MINUTE_MS, 1)], { send: async () => false });
    expect(lines).toEqual([
      { level: 'INFO', message, order_nos: ['mall-1'], outcome: 'nobody_to_tell', latency_ms: 0 },
    ]);
    expect(metrics).toEqual([]);
  });

  it('is an error when WeCom does not take it, and says nothing of the address', async () => {
    const { lines, metrics } = await linesOf([paidAgo(0, 1)], { send: failing });
    expect(lines).toEqual([
      {
        ...{ level: 'ERROR', message, order_nos: ['mall-1'], outcome: 'not_delivered', latency_ms: 0 },
        ...{ error: 'Error', NotificationFailed: 1 },
      },
    ]);
    expect(metrics).toEqual(['NotificationFailed: 1']);
  });
});

describe('the one line of an item', () => {
  const poison = paidAgo(0, 1, { amount: -1 });

  it.each([
    ['that cannot be read', [poison], {}, { outcome: 'parked', RecordParked: 1 }],
    [
      'that can be neither read nor parked',
      [poison],
      { write: failing },
      { outcome: 'failed', error: 'Error' },
    ],
  ])('%s', async (_, items, faults, expected) => {
    const { lines } = await linesOf(items, faults);
    expect(lines).toEqual([
      { level: 'ERROR', message, order_no: 'mall-1', reason: expect.any(String), ...expected },
    ]);
  });

  it('that was announced and still owes it', async () => {
    const { lines } = await linesOf([paidAgo(0, 1)], { write: failing });
    expect(lines).toMatchObject([
      { outcome: 'delivered' },
      { level: 'ERROR', order_no: 'mall-1', outcome: 'not_cleared', error: 'Error' },
    ]);
  });
});

describe('what the sweep says was overdue', () => {
  const sweep = (items: readonly Item[]) =>
    sweepAnnouncements({
      context: {
        send: failing,
        store: { clearWork: async () => {}, replaceWork: async () => {}, parkWork: async () => {} },
        shipping: null,
        telemetry: captureLines().telemetry,
        now: () => NOW,
      },
      work: {
        listDue: async (kind) => (kind === 'notify' ? [...items] : []),
        postponeWork: async () => true,
      },
      now: () => NOW,
    });

  it('is how many items, and how long people have been waiting for the oldest', async () => {
    const items = [paidAgo(6 * MINUTE_MS, 1), paidAgo(90 * MINUTE_MS, 2, { work_due: 'later' })];
    expect(await sweep(items)).toEqual({ announced: 0, overdue: 2, oldest_ms: 90 * MINUTE_MS });
  });

  it('counts an item that cannot be read from when it was due', async () => {
    expect(await sweep([paidAgo(20 * MINUTE_MS, 1, { amount: -1 })])).toMatchObject({
      oldest_ms: 15 * MINUTE_MS,
    });
  });

  it('is nothing when nothing is', async () => {
    expect(await sweep([])).toEqual({ announced: 0, overdue: 0, oldest_ms: 0 });
  });
});

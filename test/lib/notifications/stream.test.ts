import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { consumeStream } from '../../../lib/notifications/stream.ts';
import { createTelemetry } from '../../../lib/telemetry/telemetry.ts';
import { type Item, owedItem } from './items.ts';

type Image = Readonly<Record<string, unknown>>;

const imageOf = (item: Image) => marshall(item, { removeUndefinedValues: true });

function record(sequence: number, item: Image | null, before: Image | null = null): DynamoDBRecord {
  const dynamodb = {
    SequenceNumber: String(sequence),
    ...(item && { NewImage: imageOf(item) }),
    ...(before && { OldImage: imageOf(before) }),
  };
  return { eventName: item ? 'MODIFY' : 'REMOVE', dynamodb } as DynamoDBRecord;
}

const order = (id: number, changes: Image = {}): Item => ({
  ...{ pk: `ORDER#mall-${id}`, sk: 'ORDER', order_no: `mall-${id}`, kind: 'mall', id, status: 'paid' },
  ...{ provider: 'wechat', amount: 100, currency: 'CNY', points: 0, description: '奶茶' },
  ...{ openid: 'openid-of-the-payer', paid_at: '2026-01-01T00:00:00.000Z' },
  ...{ work: `notify#${id % 8}`, work_due: '2026-01-01T00:05:00.000Z' },
  ...changes,
});

const free = ({ work: _work, work_due: _workDue, ...item }: Item): Item => item as Item;

function rig(options: { refuse?: (content: string) => boolean; storeFails?: boolean } = {}) {
  const messages: string[] = [];
  const writes: string[] = [];
  const lines: string[] = [];
  let writing = 0;
  let mostAtOnce = 0;
  const write = async (what: string) => {
    writing += 1;
    mostAtOnce = Math.max(mostAtOnce, writing);
    await Promise.resolve();
    writing -= 1;
    if (options.storeFails) throw new Error('no store');
    writes.push(what);
  };
  const context = {
    send: async (content: string) => {
      if (options.refuse?.(content)) throw new Error('refused');
      messages.push(content);
    },
    store: {
      clearWork: (key: { pk: string; sk: string }, seen: string) =>
        write(`clear ${key.pk} ${key.sk} ${seen}`),
      parkWork: (key: { pk: string; sk: string }, seen: string) => write(`park ${key.pk} ${key.sk} ${seen}`),
    },
    findFormat: () => ({ digits: 2, step: 1 }),
    telemetry: createTelemetry((line) => lines.push(line)),
  };
  const consume = async (records: readonly DynamoDBRecord[]) =>
    (await consumeStream(records, context)).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  return { consume, messages, writes, lines, mostAtOnce: () => mostAtOnce };
}

const announced = (messages: readonly string[]) =>
  messages.flatMap((message) => [...message.matchAll(/^> .*?`([^`]+)`/gm)].map(([, order_no]) => order_no));

describe('consuming the stream', () => {
  it('announces a batch in one message and settles each item as it was seen', async () => {
    const { consume, messages, writes } = rig();
    const exception = {
      ...{ pk: 'ORDER#meal-3', sk: 'EXCEPTION#paid_twice#wechat#T1', order_no: 'meal-3', kind: 'paid_twice' },
      ...{ provider: 'wechat', transaction_id: 'T1', fields: [], amount: 1, currency: 'CNY' },
      ...{ recorded_at: '2026-01-01T00:00:00.000Z', work: 'notify#5', work_due: '2026-01-01T00:05:00.000Z' },
    };
    const before = { ...order(1), status: 'pending', work: 'check#1' };
    expect(await consume([record(1, order(1), before), record(2, exception), record(3, order(2))])).toEqual(
      [],
    );
    expect(messages).toHaveLength(1);
    expect(announced(messages)).toEqual(['meal-3', 'mall-1', 'mall-2']);
    expect(writes.sort()).toEqual([
      'clear ORDER#mall-1 ORDER notify#1',
      'clear ORDER#mall-2 ORDER notify#2',
      'clear ORDER#meal-3 EXCEPTION#paid_twice#wechat#T1 notify#5',
    ]);
  });

  it.each([
    ['owed it before', record(1, order(1, { version: 3 }), order(1))],
    ['owes nothing', record(1, free(order(1)))],
    ['owes something else', record(1, order(1, { status: 'pending', work: 'check#1' }))],
    ['has been parked', record(1, order(1, { work: 'parked#1' }), order(1))],
    ['is gone', record(1, null, order(1))],
    ['has no images', { eventName: 'MODIFY' } as DynamoDBRecord],
  ])('is silent about an item that %s', async (_, silent) => {
    const { consume, messages, writes } = rig();
    expect(await consume([silent])).toEqual([]);
    expect([messages, writes]).toEqual([[], []]);
  });

  it('names an item once when its record is repeated in a batch', async () => {
    const { consume, messages } = rig();
    await consume([record(1, order(1)), record(1, order(1)), record(2, order(1, { version: 9 }))]);
    expect(announced(messages)).toEqual(['mall-1']);
  });

  it.each([
    ['lacks a field', order(2, { amount: undefined })],
    ['is an order in another state', order(2, { status: 'refunded' })],
    ['is of no kind that is announced', order(2, { sk: 'REFUND#1' })],
  ])('parks an item that %s, and delivers the others', async (_, poison) => {
    const { consume, messages, writes, lines } = rig();
    expect(await consume([record(1, order(1)), record(2, poison), record(3, order(3))])).toEqual([]);
    expect(announced(messages)).toEqual(['mall-1', 'mall-3']);
    expect(writes).toContain(`park ORDER#mall-2 ${poison.sk} notify#2`);
    expect(lines.filter((line) => line.includes('"level":"error"') && line.includes('mall-2'))).toHaveLength(
      1,
    );
    expect(lines.some((line) => line.includes('"RecordParked":1'))).toBe(true);
  });

  it.each([
    ['a number past what can be held', { N: '1e300' }],
    ['a type that does not exist', { X: '1' }],
    ['no attribute value at all', null],
  ])('parks an image that holds %s', async (_, value) => {
    const { consume, messages, writes } = rig();
    const broken = {
      dynamodb: { SequenceNumber: '1', NewImage: { ...imageOf(order(1)), amount: value } },
    } as unknown as DynamoDBRecord;
    expect(await consume([broken, record(2, order(2))])).toEqual([]);
    expect(announced(messages)).toEqual(['mall-2']);
    expect(writes).toContain('park ORDER#mall-1 ORDER notify#1');
  });

  it('returns what was not delivered as a failure, from the first such record on', async () => {
    const records = Array.from({ length: 100 }, (_, index) => record(index, order(index)));
    const { consume, messages, writes, lines } = rig({ refuse: (content) => content.includes('`mall-60`') });
    const [failed, ...others] = await consume(records);
    expect(others).toEqual([]);
    const delivered = Array.from({ length: Number(failed) }, (_, index) => `mall-${index}`);
    expect(delivered.length).toBeGreaterThan(10);
    expect(announced(messages)).toEqual(delivered);
    expect(writes).toHaveLength(delivered.length);
    expect(lines.some((line) => line.includes('"NotificationFailed":1'))).toBe(true);
  });

  it('sends a bounded number of messages at a time', async () => {
    const records = Array.from({ length: 500 }, (_, index) => record(index, order(index)));
    const { consume, messages } = rig();
    const [failed] = await consume(records);
    expect(messages).toHaveLength(5);
    expect(announced(messages)).toHaveLength(Number(failed));
  });

  it('bounds its writes at a time', async () => {
    const records = Array.from({ length: 30 }, (_, index) => record(index, order(index)));
    const { consume, mostAtOnce } = rig();
    await consume(records);
    expect(mostAtOnce()).toBe(10);
  });

  it('takes what was sent as delivered when the store fails', async () => {
    const { consume, messages, lines } = rig({ storeFails: true });
    expect(await consume([record(1, order(1)), record(2, order(2, { amount: -1 }))])).toEqual([]);
    expect(announced(messages)).toEqual(['mall-1']);
    expect(lines.some((line) => line.includes('still marked as owed'))).toBe(true);
    expect(lines.some((line) => line.includes('could not be parked'))).toBe(true);
    expect(lines.join('\n')).not.toContain('openid-of');
  });
});

describe('any history of items', () => {
  interface Step {
    readonly record: DynamoDBRecord;
    readonly owed: string | null;
  }

  const steps = fc
    .uniqueArray(fc.tuple(owedItem, fc.constantFrom('new', 'owed before', 'free')), {
      maxLength: 60,
      selector: ([item]) => item.order_no,
    })
    .map((items) =>
      items.map(([item, story], index): Step => {
        if (story === 'free') return { record: record(index, free(item)), owed: null };
        if (story === 'owed before')
          return { record: record(index, { ...item, version: 3 }, item), owed: null };
        return { record: record(index, item, { ...free(item), status: 'pending' }), owed: item.order_no };
      }),
    );

  /** As a source mapping does: what is answered as failed comes again, together with all that follows it. */
  async function drain(batch: readonly DynamoDBRecord[], consume: ReturnType<typeof rig>['consume']) {
    let rest = batch;
    for (let tries = 0; rest.length > 0 && tries < 100; tries++) {
      const [failed] = await consume(rest);
      rest =
        failed === undefined
          ? []
          : rest.slice(rest.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === failed));
    }
    expect(rest).toEqual([]);
  }

  it('is announced in full, and nothing else is, in any order, repetition, batch size and with any failures', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.infiniteStream(fc.nat()),
        fc.integer({ min: 1, max: 40 }),
        fc.infiniteStream(fc.boolean()),
        async (history, dice, size, failures) => {
          const shuffled = [...history, ...history]
            .map((step) => ({ step, place: dice.next().value ?? 0 }))
            .sort((one, other) => one.place - other.place)
            .map(({ step }) => step.record);
          const { consume, messages } = rig({ refuse: () => failures.next().value === true });
          for (let start = 0; start < shuffled.length; start += size) {
            await drain(shuffled.slice(start, start + size), consume);
          }
          const owed = history.map((step) => step.owed).filter((order_no) => order_no !== null);
          expect([...new Set(announced(messages))].sort()).toEqual(owed.sort());
        },
      ),
      { numRuns: 60 },
    );
  });
});

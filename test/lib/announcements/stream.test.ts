import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { consumeStream } from '../../../lib/announcements/stream.ts';
import type { ShippingSettings } from '../../../lib/orders/shipping.ts';
import type { Work } from '../../../lib/store/items.ts';
import { createTelemetry } from '../../../lib/telemetry/telemetry.ts';
import {
  announcedIn,
  disputeItem,
  exceptionItem,
  freeOrderItem,
  type Item,
  mallPayment,
  owedItem,
  owingNothing,
} from './items.ts';

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

const PAID_AT = Date.parse('2026-01-01T00:00:00Z');

const payment = (id: number, changes: Image = {}): Item =>
  mallPayment(id, PAID_AT, { work: `notify#${id % 8}`, ...changes });

function rig(
  options: {
    refuse?: (content: string) => boolean;
    storeFails?: boolean;
    isNobodyThere?: boolean;
    shipping?: ShippingSettings;
  } = {},
) {
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
      if (!options.isNobodyThere) messages.push(content);
      return !options.isNobodyThere;
    },
    store: {
      clearWork: (key: { pk: string; sk: string }, seen: string) =>
        write(`clear ${key.pk} ${key.sk} ${seen}`),
      replaceWork: (key: { pk: string; sk: string }, seen: string, next: Work) =>
        write(`replace ${key.pk} ${key.sk} ${seen} ${next.work} ${next.work_due}`),
      parkWork: (key: { pk: string; sk: string }, seen: string) => write(`park ${key.pk} ${key.sk} ${seen}`),
    },
    shipping: options.shipping ?? null,
    telemetry: createTelemetry({ stage: 'test', function: 'notify-wecom' }, (line) => lines.push(line)),
    now: () => Date.parse('2026-01-01T00:00:10Z'),
  };
  const consume = (records: readonly DynamoDBRecord[]) => consumeStream(records, context);
  return { consume, messages, writes, lines, mostAtOnce: () => mostAtOnce };
}

describe('a payment of goods that WeChat has to know the sending of', () => {
  const settings = { withinHours: 48, mealPickup: true };
  const key = (id: number) => `ORDER#mall-${id} PAYMENT#1 notify#${id % 8}`;
  const inTwoDays = '2026-01-03T00:00:00.000Z';

  it('is looked at again when its time is over, in place of what it owed', async () => {
    const { consume, writes, messages } = rig({ shipping: settings });
    await consume([record(1, payment(1))]);
    expect(messages).toHaveLength(1);
    expect(writes).toEqual([
      expect.stringMatching(
        new RegExp(`^replace ${key(1)} check#[0-7] ${inTwoDays.replaceAll('.', '\\.')}$`),
      ),
    ]);
  });

  const inAMinute = '2026-01-01T00:01:10.000Z';
  it.each<[string, Image, ShippingSettings, string | null]>([
    ['a meal that is fetched, soon', { payee: 'shop:meal#1', credit: 'shop:meal#1' }, settings, inAMinute],
    [
      'a meal that is brought',
      { payee: 'shop:meal#1', credit: 'shop:meal#1' },
      { ...settings, mealPickup: false },
      inTwoDays,
    ],
    ['a tenant’s order, never', { payee: 'tenant:7#1', credit: 'tenant:7#1' }, settings, null],
    ['one that was paid elsewhere, never', { provider: 'alipay' }, settings, null],
  ])('is %s', async (_, changes, shipping, due) => {
    const { consume, writes } = rig({ shipping });
    await consume([record(1, payment(1, changes))]);
    expect(writes).toHaveLength(1);
    expect(writes[0]?.endsWith(due ?? `clear ${key(1)}`)).toBe(true);
  });

  it('is none of an exception, of an order that cost nothing, or where nobody is told', async () => {
    const { consume, writes } = rig({ shipping: settings });
    const at = { work: 'notify#1' };
    await consume([
      record(1, { ...exceptionItem('mall-1', PAID_AT, 'mismatch'), ...at }),
      record(2, { ...freeOrderItem('mall-2', PAID_AT), ...at }),
    ]);
    expect(writes.map((write) => write.split(' ')[0])).toEqual(['clear', 'clear']);
    const silent = rig({ shipping: settings, isNobodyThere: true });
    await silent.consume([record(1, payment(1))]);
    expect(silent.writes.map((write) => write.split(' ')[0])).toEqual(['replace']);
  });

  it('stays owed as it is while the group is not told', async () => {
    const { consume, writes } = rig({ shipping: settings, refuse: () => true });
    await consume([record(1, payment(1))]);
    expect(writes).toEqual([]);
  });
});

describe('consuming the stream', () => {
  it('settles each item where there is nobody to tell, so that nothing is owed or sent again', async () => {
    const { consume, messages, writes } = rig({ isNobodyThere: true });
    const paid = [record(1, payment(1)), record(2, freeOrderItem('meal-4', PAID_AT, { work: 'notify#4' }))];
    await consume(paid);
    expect(messages).toEqual([]);
    expect(writes.toSorted()).toEqual([
      'clear ORDER#mall-1 PAYMENT#1 notify#1',
      'clear ORDER#meal-4 ORDER notify#4',
    ]);
  });

  it('announces a batch in one message and settles each item as it was seen', async () => {
    const { consume, messages, writes } = rig();
    const exception = exceptionItem('meal-3', PAID_AT, 'paid_twice', { work: 'notify#5' });
    const free = freeOrderItem('meal-4', PAID_AT, { work: 'notify#4' });
    const before = { ...payment(1), state: 'open', work: 'check#1' };
    const records = [
      record(1, payment(1), before),
      record(2, exception),
      record(3, free),
      record(4, payment(2)),
    ];
    await consume(records);
    expect(messages).toHaveLength(1);
    expect(announcedIn(messages)).toEqual(['meal-3', 'mall-1', 'meal-4', 'mall-2']);
    expect(writes.sort()).toEqual([
      'clear ORDER#mall-1 PAYMENT#1 notify#1',
      'clear ORDER#mall-2 PAYMENT#1 notify#2',
      'clear ORDER#meal-3 EXCEPTION#paid_twice#wechat#meal-3#T1 notify#5',
      'clear ORDER#meal-4 ORDER notify#4',
    ]);
  });

  it.each([
    ['owed it before', record(1, payment(1, { version: 3 }), payment(1))],
    ['owes nothing', record(1, owingNothing(payment(1)))],
    ['owes something else', record(1, payment(1, { state: 'open', work: 'check#1' }))],
    ['has been parked', record(1, payment(1, { work: 'parked#1' }), payment(1))],
    ['is gone', record(1, null, payment(1))],
    ['has no images', { eventName: 'MODIFY' } as DynamoDBRecord],
  ])('is silent about an item that %s', async (_, silent) => {
    const { consume, messages, writes } = rig();
    await consume([silent]);
    expect([messages, writes]).toEqual([[], []]);
  });

  it('names an item once when its record is repeated in a batch', async () => {
    const { consume, messages } = rig();
    await consume([record(1, payment(1)), record(1, payment(1)), record(2, payment(1, { version: 9 }))]);
    expect(announcedIn(messages)).toEqual(['mall-1']);
  });

  it.each([
    ['lacks a field', payment(2, { amount: undefined })],
    ['is a payment in another state', payment(2, { state: 'closed' })],
    [
      'is a payment that is booked to suspense',
      payment(2, { credit: 'suspense:wechat.merchant-of-the-payment#3' }),
    ],
    ['is of no kind that is announced', payment(2, { sk: 'REFUND#1' })],
  ])('parks an item that %s, and delivers the others', async (_, poison) => {
    const { consume, messages, writes, lines } = rig();
    await consume([record(1, payment(1)), record(2, poison), record(3, payment(3))]);
    expect(announcedIn(messages)).toEqual(['mall-1', 'mall-3']);
    expect(writes).toContain(`park ORDER#mall-2 ${poison.sk} notify#2`);
    expect(lines.filter((line) => line.includes('"level":"ERROR"') && line.includes('mall-2'))).toHaveLength(
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
      dynamodb: { SequenceNumber: '1', NewImage: { ...imageOf(payment(1)), amount: value } },
    } as unknown as DynamoDBRecord;
    await consume([broken, record(2, payment(2))]);
    expect(announcedIn(messages)).toEqual(['mall-2']);
    expect(writes).toContain('park ORDER#mall-1 PAYMENT#1 notify#1');
  });

  it('leaves owed what was not delivered, and what comes after it, to the sweep', async () => {
    const records = Array.from({ length: 100 }, (_, index) => record(index, payment(index)));
    const { consume, messages, writes, lines } = rig({ refuse: (content) => content.includes('`mall-60`') });
    await consume(records);
    const delivered = announcedIn(messages);
    expect(delivered.length).toBeGreaterThan(10);
    expect(delivered).toEqual(Array.from({ length: delivered.length }, (_, index) => `mall-${index}`));
    expect(delivered).not.toContain('mall-60');
    expect(writes.map((write) => write.split(' ')[1])).toEqual(delivered.map((number) => `ORDER#${number}`));
    expect(lines.some((line) => line.includes('"NotificationFailed":1'))).toBe(true);
  });

  it('announces alerts first, wherever they are in the batch', async () => {
    const payments = Array.from({ length: 100 }, (_, index) => record(index, payment(index)));
    const alerts = [exceptionItem('mall-100', PAID_AT, 'paid_twice'), disputeItem('mall-101', PAID_AT)];
    const { consume, messages } = rig({ refuse: () => messages.length > 0 });
    await consume([...payments, ...alerts.map((item, index) => record(100 + index, item))]);
    expect(announcedIn(messages).slice(0, 4)).toEqual(['mall-100', 'mall-101', 'mall-0', 'mall-1']);
  });

  it('sends a bounded number of messages at a time', async () => {
    const records = Array.from({ length: 500 }, (_, index) => record(index, payment(index)));
    const { consume, messages, writes } = rig();
    await consume(records);
    expect(messages).toHaveLength(5);
    expect(writes).toHaveLength(announcedIn(messages).length);
  });

  it('bounds its writes at a time', async () => {
    const records = Array.from({ length: 30 }, (_, index) => record(index, payment(index)));
    const { consume, mostAtOnce } = rig();
    await consume(records);
    expect(mostAtOnce()).toBe(10);
  });

  it('takes what was sent as delivered when the store fails', async () => {
    const { consume, messages, lines } = rig({ storeFails: true });
    await consume([record(1, payment(1)), record(2, payment(2))]);
    expect(announcedIn(messages)).toEqual(['mall-1', 'mall-2']);
    expect(lines.filter((line) => line.includes('still marked as owed'))).toHaveLength(2);
    expect(lines.join('\n')).not.toContain('openid-of');
  });

  it('leaves to the sweep an item that it can neither read nor park, and delivers the others', async () => {
    const { consume, messages, lines } = rig({ storeFails: true });
    const poison = record(2, payment(2, { amount: -1 }));
    expect(await consume([record(1, payment(1)), poison, record(3, payment(3))])).toBeUndefined();
    expect(announcedIn(messages)).toEqual(['mall-1', 'mall-3']);
    expect(lines.some((line) => line.includes('neither read nor parked') && line.includes('mall-2'))).toBe(
      true,
    );
    expect(lines.some((line) => line.includes('"RecordParked"'))).toBe(false);
  });
});

describe('any history of items', () => {
  const steps = fc
    .uniqueArray(fc.tuple(owedItem, fc.constantFrom('new', 'owed before', 'owing nothing')), {
      maxLength: 60,
      selector: ([item]) => item.order_no,
    })
    .map((items) =>
      items.map(([item, story], index) => {
        if (story === 'owing nothing') return { record: record(index, owingNothing(item)), owed: null };
        if (story === 'owed before')
          return { record: record(index, { ...item, version: 3 }, item), owed: null };
        return { record: record(index, item, owingNothing(item)), owed: item };
      }),
    );

  it('is announced, and nothing else is, in any order, repetition and batch size', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.infiniteStream(fc.nat()),
        fc.integer({ min: 1, max: 40 }),
        async (history, dice, size) => {
          const shuffled = [...history, ...history]
            .map((step) => ({ step, place: dice.next().value ?? 0 }))
            .sort((one, other) => one.place - other.place)
            .map(({ step }) => step.record);
          const { consume, messages } = rig();
          for (let start = 0; start < shuffled.length; start += size) {
            await consume(shuffled.slice(start, start + size));
          }
          const owed = history.flatMap((step) => step.owed?.order_no ?? []);
          expect([...new Set(announcedIn(messages))].sort()).toEqual(owed.sort());
        },
      ),
      { numRuns: 60 },
    );
  });

  it('leaves each item either announced and settled or owed, whatever WeCom takes', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.infiniteStream(fc.boolean()), async (history, refusals) => {
        const { consume, messages, writes } = rig({ refuse: () => refusals.next().value === true });
        for (const step of history) await consume([step.record]);
        const announced = new Set(announcedIn(messages));
        const settled = history
          .flatMap(({ owed }) => (owed && announced.has(owed.order_no) ? [owed] : []))
          .map(({ pk, sk, work }) => `clear ${pk} ${sk} ${work}`);
        expect(writes.sort()).toEqual(settled.sort());
      }),
      { numRuns: 40 },
    );
  });
});

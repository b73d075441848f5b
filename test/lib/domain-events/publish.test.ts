import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import type { DomainEvent } from '../../../lib/domain-events/domain-event.ts';
import { publishRecords } from '../../../lib/domain-events/publish.ts';
import { isoTime } from '../../../lib/io.ts';
import { toItem } from '../../../lib/store/items.ts';
import { createTelemetry } from '../../../lib/telemetry/telemetry.ts';
import { NOW, shopOrder } from '../../support/orders.ts';

const closed = { type: 'order.closed', payment: null } as const;

function record(sequence: number, changes: object = {}): DynamoDBRecord {
  const order = shopOrder({ status: 'closed' });
  const marks = { at: isoTime(NOW), events: [closed] };
  const item = { ...toItem(order.order_no, { put: 'order', record: order, marks }), ...changes };
  const { pk, sk } = item;
  return {
    dynamodb: {
      SequenceNumber: String(sequence),
      Keys: marshall({ pk, sk }),
      NewImage: marshall(item, { removeUndefinedValues: true }),
    },
  } as DynamoDBRecord;
}

const records = (count: number) => Array.from({ length: count }, (_, index) => record(index + 1));

function rig(take: (event: DomainEvent, put: number) => boolean | Error = () => true) {
  const puts: DomainEvent[][] = [];
  const lines: Record<string, unknown>[] = [];
  const telemetry = createTelemetry(
    { stage: 'test', function: 'publish-events' },
    (line) => lines.push(JSON.parse(line)),
    () => NOW,
  );
  const putEvents = async (events: readonly DomainEvent[]) => {
    const put = puts.push([...events]) - 1;
    return events.map((event) => {
      const taken = take(event, put);
      if (taken instanceof Error) throw taken;
      return taken;
    });
  };
  const publish = async (batch: readonly DynamoDBRecord[]) => {
    const { batchItemFailures } = await publishRecords(batch, { putEvents, telemetry, now: () => NOW });
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
  return { puts, lines, publish };
}

describe('a batch of the stream', () => {
  it('is put on the bus ten events at a time, in its order, under ids of their own', async () => {
    const { puts, publish } = rig();
    const batch = records(23);
    expect(await publish(batch)).toEqual([]);
    expect(puts.map(({ length }) => length)).toEqual([10, 10, 3]);
    const numbers = puts.flat().map(({ data }) => data.order_no);
    expect(numbers).toEqual(batch.map(({ dynamodb }) => dynamodb?.Keys?.['pk']?.S?.slice('ORDER#'.length)));
    expect(new Set(puts.flat().map(({ id }) => id)).size).toBe(23);
  });

  it('is published under the same ids when it comes again', async () => {
    const { puts, publish } = rig();
    const batch = records(3);
    await publish(batch);
    await publish(batch);
    expect(puts[1]).toEqual(puts[0]);
  });

  it('hands back the first that the bus refused, and puts nothing more', async () => {
    const batch = records(23);
    const orders = batch.map(({ dynamodb }) => dynamodb?.Keys?.['pk']?.S?.slice('ORDER#'.length));
    const unwanted = [orders[13], orders[16]];
    const { publish, puts, lines } = rig(({ data }) => !unwanted.includes(String(data.order_no)));
    expect(await publish(batch)).toEqual(['14']);
    expect(puts.map(({ length }) => length)).toEqual([10, 10]);
    expect(
      lines.map(({ outcome, EventPublished, EventFailed }) => [outcome, EventPublished ?? EventFailed]),
    ).toEqual([
      ['published', 10],
      ['published', 8],
      ['refused', 2],
    ]);
  });

  it('says nothing of a publication where the bus refused all of it', async () => {
    const { publish, lines } = rig(() => false);
    expect(await publish(records(2))).toEqual(['1']);
    expect(lines.map(({ outcome, EventFailed }) => [outcome, EventFailed])).toEqual([['refused', 2]]);
  });

  it('says of each put which events it was of, and how late the latest of them came', async () => {
    const { publish, puts, lines } = rig(({ timestamp }) => Date.parse(timestamp) !== NOW - 2_000);
    const ages = [5_000, 9_000, 2_000];
    await publish(ages.map((age, index) => record(index + 1, { marked_at: isoTime(NOW - age) })));
    const [first, second, refused] = puts.flat().map(({ id }) => `order.closed ${id}`);
    expect(lines).toMatchObject([
      ...[{ level: 'INFO', message: 'event', events: [first, second], EventLatency: 9_000 }],
      ...[{ level: 'ERROR', message: 'event', events: [refused], outcome: 'refused' }],
    ]);
  });

  it('came at once where the clock of who wrote it is ahead', async () => {
    const { publish, lines } = rig();
    await publish([record(1, { marked_at: isoTime(NOW + 5_000) })]);
    expect(lines).toMatchObject([{ EventPublished: 1, EventLatency: 0 }]);
  });

  it('hands back the first of which it is not known whether the bus has it, and puts nothing more', async () => {
    const { publish, puts, lines } = rig((_, put) => (put === 1 ? new Error('SECRET') : true));
    expect(await publish(records(23))).toEqual(['11']);
    expect(puts).toHaveLength(2);
    expect(lines).toMatchObject([
      { level: 'INFO', outcome: 'published', EventPublished: 10 },
      {
        level: 'ERROR',
        message: 'event',
        outcome: 'not_published',
        EventFailed: 10,
        error: expect.anything(),
      },
    ]);
    expect(lines[1]?.['events']).toHaveLength(10);
    expect(JSON.stringify(lines)).not.toContain('SECRET');
  });

  it('passes over a record of which nothing can be made, and counts it', async () => {
    const { publish, puts, lines } = rig();
    const poison = [
      ...[{ events: 'x' }, { amount: 'x' }, { schema: 99 }, { sk: 'PAYMENT#1' }],
      ...[{ marked_at: undefined }, { marked_at: '2026' }, { marked_at: '2026-11-22T08:00:00Z' }],
      { marked_version: 0 },
    ].map((changes, index) => record(index + 2, changes));
    expect(await publish([record(1), ...poison, record(9)])).toEqual([]);
    expect(puts.map(({ length }) => length)).toEqual([2]);
    const [{ dynamodb } = {}] = poison;
    const order_no = dynamodb?.Keys?.['pk']?.S?.slice('ORDER#'.length);
    expect(lines.map(({ outcome, EventUnreadable }) => [outcome, EventUnreadable])).toEqual([
      ...poison.map(() => ['unreadable', 1]),
      ['published', undefined],
    ]);
    expect(lines[0]).toMatchObject({ level: 'ERROR', message: 'event', order_no });
    expect(lines.map(({ error }) => error)).toEqual([
      ...['DomainEventError', 'DomainEventError', 'SchemaVersionError'],
      ...Array.from({ length: 5 }, () => 'DomainEventError'),
      undefined,
    ]);
  });

  it('publishes nothing of what is not marked, or was taken away', async () => {
    const { publish, puts, lines } = rig();
    const unmarked = record(1, { events: undefined });
    const removed = { dynamodb: { SequenceNumber: '2', Keys: {} } } as DynamoDBRecord;
    expect(await publish([unmarked, removed])).toEqual([]);
    expect([puts, lines]).toEqual([[], []]);
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { type DynamoDBClient, paginateQuery, paginateScan } from '@aws-sdk/client-dynamodb';
import type { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { toRecord } from '../../../lib/store/items.ts';
import { itemKindOf, orderKey, orderNumberOf, paymentKey } from '../../../lib/store/keys.ts';
import type { Stoppable } from '../all-started.ts';
import type { StreamRecord } from '../stream/record.ts';
import { openStream } from '../stream/stream-reader.ts';
import type { OrderBook } from './order-book.ts';

export type Item = Readonly<Record<string, unknown>> & { readonly pk: string; readonly sk: string };

export interface Table {
  readonly dynamodb: DynamoDBClient;
  readonly tableName: string;
}

const POLL_INTERVAL_MS = 100;
const REOPEN_INTERVAL_MS = 1_000;
const BATCH = 1_000;
/** What the sort keys of payments begin with. */
const PAYMENT = paymentKey('', 0).sk.slice(0, -1);

/** Everything that is stored of one order. */
export async function readItems({ dynamodb, tableName }: Table, order_no: string): Promise<readonly Item[]> {
  const pages = paginateQuery(
    { client: dynamodb },
    {
      TableName: tableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: orderKey(order_no).pk } },
      ConsistentRead: true,
    },
  );
  const items: Item[] = [];
  for await (const { Items = [] } of pages) items.push(...Items.map((item) => unmarshall(item) as Item));
  return items;
}

export interface Following extends Stoppable {
  /** Settles once the book holds what was stored before. */
  readonly loaded: Promise<void>;
}

/** Keeps the book as the table is, however its orders are made: reads it once and then follows its stream. */
export function followTable(
  table: Table,
  streams: DynamoDBStreamsClient,
  streamArn: string,
  book: OrderBook,
  log: (line: string) => void,
): Following {
  const stopping = new AbortController();
  const loaded = Promise.withResolvers<void>();
  const { signal } = stopping;
  const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => {});

  async function follow(): Promise<void> {
    const reader = await openStream(streams, streamArn, {});
    await readOrders(table, book);
    loaded.resolve();
    while (!signal.aborted) {
      const records = await reader.read(BATCH);
      for (const record of records) apply(record, book);
      if (records.length === 0) await pause(POLL_INTERVAL_MS);
    }
  }

  const running = (async () => {
    while (!signal.aborted) {
      try {
        await follow();
      } catch (error) {
        if (signal.aborted) return;
        log(`the console cannot follow the table: ${error}`);
        await pause(REOPEN_INTERVAL_MS);
      }
    }
  })();
  return {
    loaded: loaded.promise,
    stop: async () => {
      stopping.abort();
      loaded.resolve();
      await running;
    },
  };
}

async function readOrders({ dynamodb, tableName }: Table, book: OrderBook): Promise<void> {
  const pages = paginateScan(
    { client: dynamodb },
    {
      TableName: tableName,
      FilterExpression: 'sk = :order OR begins_with(sk, :payment)',
      ExpressionAttributeValues: { ':order': { S: orderKey('').sk }, ':payment': { S: PAYMENT } },
    },
  );
  for await (const { Items = [] } of pages) for (const item of Items) enter(unmarshall(item) as Item, book);
}

function enter(item: Item, book: OrderBook): void {
  const kind = itemKindOf(item);
  if (kind === 'order') book.put(toRecord('order', item));
  if (kind === 'payment') book.putPayment(toRecord('payment', item));
}

function apply({ dynamodb: { Keys, NewImage } }: StreamRecord, book: OrderBook): void {
  const key = { pk: Keys?.['pk']?.S ?? '', sk: Keys?.['sk']?.S ?? '' };
  if (NewImage) enter(unmarshall(NewImage as Parameters<typeof unmarshall>[0]) as Item, book);
  else if (itemKindOf(key) === 'order') book.remove(orderNumberOf(key));
}

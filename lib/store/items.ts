import { isoTime } from '../io.ts';
import type { Marks, Put, RecordKind, Records } from '../orders/change.ts';
import { type Booking, ownerAccount } from '../orders/ledger.ts';
import type { Debt } from '../orders/schedule.ts';
import type { StoredItem } from './conditional-write.ts';
import {
  accountOf,
  accountShard,
  disputeKey,
  entryKey,
  exceptionKey,
  exceptionShard,
  type ItemKey,
  idempotencyKey,
  orderKey,
  ordersShard,
  paymentKey,
  refundKey,
  returnKey,
  shippingKey,
  suspenseKey,
  workShard,
} from './keys.ts';
import { readItem, schemaAttribute } from './schema.ts';
import { eventsAttribute, markedAtAttribute, markedVersionAttribute, timeToLiveAttribute } from './table.ts';

/** Index attributes of an item that owes something. */
export interface Work {
  readonly work: string;
  readonly work_due: string;
}

export const workAttributes = (order_no: string, { kind, due }: Debt): Work => ({
  work: workShard(kind, order_no),
  work_due: isoTime(due),
});

/** The marks are text: an event source mapping's filter knows no more of an attribute than whether it is there. */
export const markAttributes = ({ at, events }: Marks) => ({
  [eventsAttribute]: JSON.stringify(events),
  [markedAtAttribute]: at,
});

/** A booking with its places in the `debit` and `credit` indexes. */
export const bookingAttributes = (order_no: string, { debit, credit, booked_at }: Booking) => ({
  debit: accountShard(debit, order_no),
  credit: accountShard(credit, order_no),
  booked_at,
});

/** The item that a put of a change stores. */
export function toItem(order_no: string, put: Put): ItemKey & StoredItem {
  const work = put.owes ? workAttributes(order_no, put.owes) : {};
  const marks = put.marks ? { ...markAttributes(put.marks), [markedVersionAttribute]: versionOf(put) } : {};
  return { ...itemOf(order_no, put), ...schemaAttribute(put.put), ...work, ...marks };
}

const versionOf = ({ record }: Put): number => ('version' in record ? record.version : 1);

function itemOf(order_no: string, put: Put): ItemKey & StoredItem {
  switch (put.put) {
    case 'order':
      return {
        ...orderKey(order_no),
        ...put.record,
        listing: ordersShard(ownerAccount(put.record), order_no),
        listed_at: put.record.created_at,
      };
    case 'payment': {
      const { booking: _booking, payee, ...record } = put.record;
      const shard = accountShard(payee, order_no);
      return { ...paymentKey(order_no, record.n), ...record, payee: shard };
    }
    case 'suspense': {
      const { booking, ...record } = put.record;
      return { ...suspenseKey(order_no, record), ...record, ...bookingAttributes(order_no, booking) };
    }
    case 'refund':
      return { ...refundKey(order_no, put.record.n), ...put.record };
    case 'return':
      return { ...returnKey(order_no, put.record), ...put.record };
    case 'dispute':
      return { ...disputeKey(order_no, put.record), ...put.record };
    case 'shipping':
      return { ...shippingKey(order_no), ...put.record };
    case 'entry':
      return {
        ...entryKey(order_no, put.record),
        ...put.record,
        ...bookingAttributes(order_no, put.record),
      };
    case 'exception':
      return {
        ...exceptionKey(order_no, put.record),
        ...put.record,
        exception_shard: exceptionShard(put.record.state, order_no),
      };
    case 'idempotency': {
      // The caller stands in the key, as a digest, and nowhere else.
      const { operation: _operation, subject: _subject, key: _key, ...record } = put.record;
      const ttl = Math.ceil(Date.parse(record.expires_at) / 1_000);
      return { ...idempotencyKey(put.record), ...record, [timeToLiveAttribute]: ttl };
    }
  }
}

/** What an item says, without what the table needs of it. @throws SchemaVersionError */
function contentOf(item: StoredItem): Record<string, unknown> {
  const { pk: _pk, sk: _sk, schema: _schema, work: _work, work_due: _workDue, ...content } = readItem(item);
  const { [eventsAttribute]: _events, [markedAtAttribute]: _at, ...unmarked } = content;
  const { [markedVersionAttribute]: _version, ...record } = unmarked;
  return record;
}

/** What an item books; null while it books nothing. */
function bookingOf({ debit, credit, booked_at }: StoredItem): Booking | null {
  if (debit === undefined) return null;
  return {
    debit: accountOf(String(debit)),
    credit: accountOf(String(credit)),
    booked_at: String(booked_at),
  };
}

const readers: { readonly [K in RecordKind]: (content: Record<string, unknown>) => unknown } = {
  // Who asked was not always kept.
  order: ({ listing: _listing, listed_at: _listedAt, ...content }) => ({ closed_by: null, ...content }),
  payment: ({ debit, credit, booked_at, queried_at: _queriedAt, ...content }) => ({
    ...content,
    payee: accountOf(String(content['payee'])),
    booking: bookingOf({ debit, credit, booked_at }),
  }),
  suspense: ({ debit, credit, booked_at, ...content }) => ({
    ...content,
    booking: bookingOf({ debit, credit, booked_at }),
  }),
  refund: (content) => ({ requested_by: null, ...content }),
  return: (content) => content,
  dispute: (content) => content,
  shipping: (content) => content,
  entry: (content) => ({ ...content, ...bookingOf(content) }),
  exception: ({ exception_shard: _shard, ...content }) => content,
  idempotency: ({ [timeToLiveAttribute]: _ttl, ...content }) => content,
};

/** The record that an item of this kind holds. @throws SchemaVersionError */
export const toRecord = <K extends RecordKind>(kind: K, item: StoredItem): Records[K] =>
  readers[kind](contentOf(item)) as Records[K];

import type { WebhookEvent } from '../../../infra/client/webhook-events.ts';
import { itemKindOf } from '../../../lib/store/keys.ts';
import type { Bus } from '../bus.ts';
import type { Stream } from '../stream.ts';
import type { Item } from '../table/expression.ts';
import type { Change, MemoryTable } from '../table/memory-table.ts';

/** The shop is told what happened, by comparing what the table was with what it became: as no code of ours does. */

interface Happened {
  readonly type: string;
  readonly version: number;
}

/** Each thing that happened, by its type, what it is about and its version. */
const nameOf = (subject: string, { type, version }: Happened) => `${subject} ${type} ${version}`;

/** What a change of an item is to be told as. */
function whatHappened({ before, after }: Change): readonly Happened[] {
  if (!after) return [];
  const { sk, version } = after;
  const happened = typesOf(itemKindOf({ sk: String(sk) }), before, after);
  // Nothing comes before the opening of a dispute, though it be over.
  return happened.map((type) => ({ type, version: type === 'dispute.opened' ? 1 : Number(version) }));
}

function typesOf(kind: string | null, before: Item | undefined, after: Item): readonly string[] {
  const becomes = (field: string, value: unknown) => before?.[field] !== value && after[field] === value;
  switch (kind) {
    case 'order':
      if (after['paid_at'] !== null && before?.['paid_at'] === null) return ['order.paid'];
      if (becomes('status', 'closed')) return ['order.closed'];
      return becomes('status', 'failed') ? ['payment.failed'] : [];
    case 'refund':
      if (becomes('status', 'succeeded')) return ['refund.succeeded'];
      return becomes('status', 'failed') ? ['refund.failed'] : [];
    case 'exception':
      if (becomes('state', 'open')) return ['exception.raised'];
      return becomes('state', 'resolved') ? ['exception.resolved'] : [];
    case 'dispute': {
      const isClosed = after['state'] !== 'open' && before?.['state'] !== after['state'];
      return [...(before ? [] : ['dispute.opened']), ...(isClosed ? ['dispute.closed'] : [])];
    }
    default:
      return [];
  }
}

function subjectOf(item: Item): string {
  const { pk, sk } = item;
  const kind = itemKindOf({ sk: String(sk) });
  switch (kind) {
    case 'order':
      return `order ${item['order_no']}`;
    case 'refund':
      return `refund ${item['refund_no']}`;
    case 'dispute':
      return `dispute ${item['dispute_id']}`;
    default:
      return `${pk} ${sk}`;
  }
}

/** An exception is named to the outside by an id that says where it is stored. */
function subjectOfEvent({ type, data }: WebhookEvent): string {
  switch (type) {
    case 'order.paid':
    case 'order.closed':
    case 'payment.failed':
      return `order ${data.order_no}`;
    case 'refund.succeeded':
    case 'refund.failed':
      return `refund ${data.refund_no}`;
    case 'dispute.opened':
    case 'dispute.closed':
      return `dispute ${data.dispute_id}`;
    default: {
      const names = JSON.parse(String(Buffer.from(data.id, 'base64url'))) as string[];
      const owner = names.length === 2 ? `ORDER#${names[0]}` : `MERCHANT#${names[0]}.${names[1]}`;
      return `${owner} EXCEPTION#${names.at(-1)}`;
    }
  }
}

/**
 * Everything that happened came once or more, nothing else came, and whoever heard of it, in whatever order, knows what
 * is stored. What the stream gave up is made up for by hand before this is asked.
 */
export function checkTold(table: MemoryTable, bus: Bus, published: Stream): string[] {
  const isWhole = published.givenUp.length === 0;
  const happened = new Set(
    table.changes.flatMap((change) =>
      whatHappened(change).map((one) => nameOf(subjectOf(change.after ?? {}), one)),
    ),
  );
  const came = new Set(
    bus.came.map((event) => nameOf(subjectOfEvent(event), { type: event.type, version: event.data.version })),
  );
  return [
    ...[...happened].filter((name) => isWhole && !came.has(name)).map((name) => `never told: ${name}`),
    ...[...came]
      .filter((name) => isWhole && !happened.has(name))
      .map((name) => `told, though it never happened: ${name}`),
    ...checkIds(bus),
    ...checkTruth(table, bus),
  ];
}

/** Of each event there is one id, and of each id one event: what is published again is known, whatever it tells by then. */
function checkIds({ came }: Bus): string[] {
  const events = came.map((event) => `${subjectOfEvent(event)} ${event.type} ${event.recorded_at}`);
  const ids = new Map(events.map((name, index) => [name, came[index]?.id]));
  return [
    ...(new Set(ids.values()).size === ids.size ? [] : ['two events have one id']),
    ...events
      .filter((name, index) => ids.get(name) !== came[index]?.id)
      .map((name) => `published under two ids: ${name}`),
  ];
}

/** What a receiver ends with, against what is stored. */
function checkTruth(table: MemoryTable, { came, inbox }: Bus): string[] {
  const newest = new Map([...inbox.newest.values()].map((event) => [subjectOfEvent(event), event]));
  if (came.length > 0 && newest.size === 0) return ['the receiver keeps nothing'];
  return table.items().flatMap((item) => {
    const kind = itemKindOf({ sk: String(item['sk']) });
    const subject = subjectOf(item);
    const known = newest.get(subject)?.data as Readonly<Record<string, unknown>> | undefined;
    const wrong = (is: unknown, told: unknown) =>
      is === told ? [] : [`a receiver takes ${subject} for ${told}, and it is ${is}`];
    switch (kind) {
      case 'order': {
        const told = known && (newest.get(subject)?.type === 'order.paid' ? 'paid' : known['status']);
        const { status, paid_at } = item;
        // A payer who tries again is nothing to tell of; what goes back after is told as refunds.
        if (status === 'pending') return told === undefined || told === 'failed' ? [] : wrong(status, told);
        return wrong(paid_at === null ? status : 'paid', told);
      }
      case 'refund':
        return item['status'] === 'open' ? [] : wrong(item['status'], known?.['status']);
      case 'exception':
        return wrong(item['state'], known?.['state']);
      case 'dispute':
        return wrong(item['state'], known?.['state']);
      default:
        return [];
    }
  });
}

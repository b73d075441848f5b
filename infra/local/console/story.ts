import type { Records } from '../../../lib/orders/change.ts';
import type { Booking } from '../../../lib/orders/ledger.ts';
import type { Payment } from '../../../lib/orders/payment.ts';
import { toRecord } from '../../../lib/store/items.ts';
import { itemKindOf } from '../../../lib/store/keys.ts';
import type { Payment as SimulatedPayment } from '../simulators/payments.ts';
import { amountText } from './amount-text.ts';
import type { ApiRequest, Entry, LogLine } from './journal.ts';
import type { StoredKind, StoryEntry, WebhookRow } from './rows.ts';
import type { Item } from './table.ts';

type RequestEntry = Extract<Entry, { type: 'request' }>;
type DeliveryEntry = Extract<Entry, { type: 'delivery' }>;

const LONGEST_STORY = 300;

/**
 * What happened to one order, oldest first. A callback says whose it is only once it is decrypted, so that those
 * which were refused are found by their bytes among what the simulators sent for the order.
 */
export function tellStory(
  order_no: string,
  entries: readonly Entry[],
  items: readonly Item[],
  isCallback: (functionName: string) => boolean,
): readonly StoryEntry[] {
  const deliveries = entries.filter(
    (entry): entry is DeliveryEntry => entry.type === 'delivery' && entry.order_nos.includes(order_no),
  );
  const sent = Map.groupBy(deliveries, ({ delivery }) => delivery.body);
  const told: StoryEntry[] = [];
  for (const entry of entries) {
    const named = entry.order_nos.includes(order_no);
    if (entry.type === 'request' && isCallback(entry.function)) {
      const delivered = sent.get(entry.body.toString())?.shift();
      if (named || delivered) told.push(callback(entry, delivered));
    } else if (named && entry.type !== 'delivery') told.push(...tellEntry(entry));
  }
  const undelivered = [...sent.values()].flat().filter(({ delivery }) => delivery.status === null);
  told.push(...undelivered.map(tellUndelivered), ...items.flatMap(tellItem));
  const inOrder = told.toSorted(
    (a, b) => compare(a.at, b.at) || CAUSES.indexOf(a.kind) - CAUSES.indexOf(b.kind),
  );
  return group(inOrder).slice(-LONGEST_STORY);
}

/** Of what happened within one millisecond, what comes before what it brings about. */
const CAUSES: readonly StoryEntry['kind'][] = [
  ...(['request', 'begun', 'refund_requested', 'shipping', 'provider_call', 'payment'] as const),
  ...(['undelivered', 'callback', 'refund_decided', 'shipping_told', 'journal_entry'] as const),
  ...(['exception', 'exception_resolved', 'event', 'wecom', 'webhook'] as const),
];

function tellEntry(entry: Entry): StoryEntry[] {
  // What is written down when it is answered comes before what it brought about.
  const at = 'started_at' in entry ? entry.started_at : entry.at;
  const id = String(entry.id);
  switch (entry.type) {
    case 'request': {
      const { function: name, method, target, status, duration_ms } = entry;
      return [{ id, at, kind: 'request', function: name, method, target, status, duration_ms }];
    }
    case 'call':
      return entry.to === 'wecom'
        ? [{ id, at, kind: 'wecom', ...readWecomCall(entry) }]
        : [
            {
              id,
              at,
              kind: 'provider_call',
              to: entry.to,
              method: entry.method,
              path: entry.path,
              status: entry.status,
            },
          ];
    case 'payment':
      return [{ id, at, kind: 'payment', ...paymentFacts(entry.payment) }];
    case 'delivery':
      return [];
    case 'event':
      return [{ id, at, kind: 'event', type: entry.event.type }];
    case 'webhook':
      return [webhookRow(entry)];
  }
}

/** Of a message that is not verified, nothing that it says is told. */
export function webhookRow({ id, at, webhook }: Extract<Entry, { type: 'webhook' }>): WebhookRow {
  const { receiver, event, refusal, attempt, outcome, status } = webhook;
  return {
    ...{ id: String(id), at, kind: 'webhook', receiver, refusal, attempt, outcome, status },
    ...{ type: event?.type ?? null, order_no: event?.data.order_no ?? null },
  };
}

const paymentFacts = ({ provider, payment_no, state }: SimulatedPayment) => ({ provider, payment_no, state });

/** What the group would see, and whether the robot took it. */
export function readWecomCall({ body, status, answer }: { body: string; status: number; answer: string }) {
  const content = parse(body)?.markdown?.content;
  return {
    content: typeof content === 'string' ? content : '',
    taken: status === 200 && parse(answer)?.errcode === 0,
  };
}

function parse(text: string): { markdown?: { content?: unknown }; errcode?: unknown } | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function callback(entry: RequestEntry, delivered: DeliveryEntry | undefined): StoryEntry {
  const line = entry.log.find(({ message }) => message === 'callback');
  return {
    id: String(entry.id),
    at: entry.started_at,
    kind: 'callback',
    target: entry.target,
    status: entry.status,
    duration_ms: entry.duration_ms,
    verification: verification(line),
    reason: String(line?.['reason'] ?? [line?.['mismatched_fields'] ?? []].flat().join(', ')),
    outcome: String(line?.['outcome'] ?? ''),
    attempt: delivered?.delivery.attempt ?? 1,
    answer_dropped: delivered !== undefined && delivered.delivery.status === null,
    count: 1,
  };
}

function verification(line: LogLine | undefined): 'verified' | 'refused' | 'malformed' | 'unknown' {
  const outcome = line?.['outcome'];
  if (outcome === undefined || outcome === 'failed') return 'unknown';
  return outcome === 'refused' || outcome === 'malformed' ? outcome : 'verified';
}

function tellUndelivered({ id, at, delivery: { provider, attempt } }: DeliveryEntry): StoryEntry {
  return { id: String(id), at, kind: 'undelivered', provider, attempt };
}

/** What is stored beside an order: what was begun, booked, asked back, and what did not fit. */
function tellItem(item: Item): StoryEntry[] {
  const kind = itemKindOf(item);
  switch (kind) {
    case 'payment':
      return tellPayment(item.sk, toRecord(kind, item));
    case 'suspense': {
      const suspense = toRecord(kind, item);
      return [booked(item.sk, suspense, suspense.booking)];
    }
    case 'entry': {
      const entry = toRecord(kind, item);
      return [booked(item.sk, entry, entry)];
    }
    case 'refund': {
      const { refund_no, payment_no, status, created_at, updated_at, ...refund } = toRecord(kind, item);
      const facts = { refund_no, payment_no, ...amountOf(refund) };
      const requested = stored('refund_requested', item.sk, created_at, facts);
      if (status === 'open') return [requested];
      return [requested, stored('refund_decided', item.sk, updated_at, { status, refund_no })];
    }
    case 'shipping': {
      const { payment_no, state, logistics_type, items: sent, ...shipping } = toRecord(kind, item);
      const { refusal, requested_at, told_at } = shipping;
      const facts = { payment_no, logistics_type, items: sent };
      if (told_at === null) return [stored('shipping', item.sk, requested_at, { ...facts, state, refusal })];
      return [
        stored('shipping', item.sk, requested_at, facts),
        stored('shipping_told', item.sk, told_at, { state, refusal }),
      ];
    }
    case 'exception': {
      const { kind: name, payment_no, fields, recorded_at, resolved, ...record } = toRecord(kind, item);
      const facts = { kind: name, payment_no, fields: fields.join(', '), ...amountOf(record) };
      const raised = stored('exception', item.sk, recorded_at, facts);
      if (!resolved) return [raised];
      const { resolution, reason, at } = resolved;
      return [raised, stored('exception_resolved', item.sk, at, { kind: name, resolution, reason })];
    }
    default:
      return [];
  }
}

function tellPayment(sk: string, payment: Payment): StoryEntry[] {
  const { payment_no, provider, begun_at, booking } = payment;
  const begun = { id: sk, at: begun_at, kind: 'begun', payment_no, provider } as const;
  return booking ? [begun, booked(sk, payment, booking)] : [begun];
}

type Money = Pick<Records['exception'], 'amount' | 'currency' | 'provider'> & {
  readonly transaction_id?: string | null;
};

const booked = (sk: string, money: Money, { debit, credit, booked_at }: Booking): StoryEntry =>
  stored('journal_entry', sk, booked_at, { debit, credit, ...amountOf(money) });

/** As a decimal text, where a record says enough to write it so. */
const amountOf = ({ amount, currency, provider, transaction_id = null }: Money) => ({
  amount: amount === null ? null : amountText(amount, currency ?? '', provider),
  currency,
  transaction_id,
});

function stored(
  kind: StoredKind,
  sk: string,
  at: string,
  facts: Readonly<Record<string, string | null>>,
): StoryEntry {
  const known = Object.entries(facts).filter(([, value]) => value !== null && value !== '');
  return { id: sk, at, kind, summary: Object.fromEntries(known) as Record<string, string> };
}

/** Joins neighbours that differ only in when they came. */
function group(entries: readonly StoryEntry[]): StoryEntry[] {
  const grouped: StoryEntry[] = [];
  for (const entry of entries) {
    const last = grouped.at(-1);
    if (last?.kind === 'callback' && entry.kind === 'callback' && alike(last, entry)) {
      grouped[grouped.length - 1] = { ...last, count: last.count + 1 };
    } else grouped.push(entry);
  }
  return grouped;
}

type CallbackEntry = Extract<StoryEntry, { kind: 'callback' }>;

const alike = (a: CallbackEntry, b: CallbackEntry): boolean =>
  a.target === b.target &&
  a.status === b.status &&
  a.outcome === b.outcome &&
  a.attempt === b.attempt &&
  a.answer_dropped === b.answer_dropped;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Only callbacks: any other request carries a token. */
export const isRepeatable = (
  entry: Entry | undefined,
  isCallback: (functionName: string) => boolean,
): entry is Entry & ApiRequest => entry?.type === 'request' && isCallback(entry.function);

import {
  isOneOf,
  type OrderKind,
  type OrderStatus,
  type PaymentState,
  type Provider,
  payableStatuses,
  providers,
} from '../../../lib/orders/kinds.ts';
import type { ReceivedWebhook } from '../simulators/received-webhook.ts';

/** What the page and its server tell each other. Nothing here needs a browser or Node. */

/** An order as the table of orders shows it. */
export interface OrderRow {
  readonly order_no: string;
  readonly kind: OrderKind;
  /** Of the payment that paid it, else of its newest; null while it has none. */
  readonly provider: Provider | null;
  /** A decimal text. */
  readonly amount: string;
  readonly currency: string;
  readonly status: OrderStatus;
  /** Empty for a tenant's. */
  readonly description: string;
  readonly tenant_id: number | null;
  readonly created_at: string;
  readonly updated_at: string;
}

/** A payment of an order, as the order's page lists it. */
export interface PaymentRow {
  readonly payment_no: string;
  readonly provider: Provider;
  readonly merchant: string;
  /** A decimal text. */
  readonly amount: string;
  readonly currency: string;
  readonly state: PaymentState;
  /** `paying`: it paid the order; `current`: the order is to be paid with it; `superseded`: the order has given it up. */
  readonly role: 'paying' | 'current' | 'superseded' | 'other';
  readonly transaction_id: string | null;
  readonly begun_at: string;
  /** What its payer did not pay, by who bears it, as decimal texts; null where nobody says, or nothing. */
  readonly discount: { readonly merchant: string; readonly provider: string } | null;
  /** What is neither returned nor on its way back, as a decimal text; null while it is not paid. */
  readonly refundable: string | null;
}

export const isPayable = ({ status }: Pick<OrderRow, 'status'>): boolean => isOneOf(payableStatuses, status);

/** Where an order is paid: a shop's in the mini-program; null for one that costs nothing. */
export function paidAt({ provider, kind, amount }: OrderRow): Provider | null {
  if (Number(amount) === 0) return null;
  return provider ?? (kind === 'tenant' ? null : 'wechat');
}

/** Where an order of the tenant can be paid, or, with null, a shop's. */
export const providersFor = (payees: Hello['payees'], tenant_id: number | null): readonly Provider[] =>
  (payees.find((payee) => payee.tenant_id === tenant_id) ?? payees.find((payee) => payee.tenant_id === null))
    ?.providers ?? [];

/** Where anybody can be paid. */
export const offeredProviders = (payees: Hello['payees']): readonly Provider[] =>
  providers.filter((provider) => payees.some((payee) => payee.providers.includes(provider)));

/** Empty texts let everything through. */
export interface OrderFilter {
  readonly status: string;
  readonly provider: string;
  readonly kind: string;
  readonly search: string;
}

export const noFilter: OrderFilter = { status: '', provider: '', kind: '', search: '' };

export function matches(row: OrderRow, { status, provider, kind, search }: OrderFilter): boolean {
  const wanted = search.trim().toLowerCase();
  const wantedAmount = wanted.replace(/[¥,\s]/g, '');
  return (
    (status === '' || row.status === status) &&
    (provider === '' || row.provider === provider) &&
    (kind === '' || row.kind === kind) &&
    (wanted === '' ||
      row.order_no.toLowerCase().includes(wanted) ||
      (wantedAmount !== '' && row.amount.includes(wantedAmount)) ||
      String(row.tenant_id) === wanted ||
      row.description.toLowerCase().includes(wanted))
  );
}

/** Negative when `a` comes before `b`: the newest first, and in a fixed order among those of one instant. */
export function compareRows(
  a: Pick<OrderRow, 'created_at' | 'order_no'>,
  b: Pick<OrderRow, 'created_at' | 'order_no'>,
): number {
  const [one, other] = [a.created_at + a.order_no, b.created_at + b.order_no];
  return one < other ? 1 : one > other ? -1 : 0;
}

export interface OrderPage {
  readonly rows: readonly OrderRow[];
  /** How many match in all. */
  readonly matching: number;
  readonly has_older: boolean;
}

export type Counts = Readonly<Partial<Record<OrderStatus, number>>>;

/** What happened in `seconds`, which it began with: settlement outcomes by provider, callback latencies in ms. */
export interface Measurement {
  /** Seconds since 1970. */
  readonly time: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly max_ms: number | null;
}

export const MEASURED_SECONDS = 5;
export const MEASUREMENTS_KEPT = 120;

export interface WecomMessage {
  readonly at: string;
  readonly content: string;
  /** Whether the robot took it. */
  readonly taken: boolean;
}

/** A message that came to a shop's inbox; `type` and `order_no` as its event says, where it is one. */
export type WebhookRow = {
  readonly id: string;
  readonly at: string;
  readonly kind: 'webhook';
  readonly type: string | null;
  readonly order_no: string | null;
} & Pick<ReceivedWebhook, 'receiver' | 'refusal' | 'attempt' | 'outcome' | 'status'>;

export const WEBHOOKS_KEPT = 50;

/** The first thing that a page is told, again after each interruption. */
export interface Hello {
  readonly counts: Counts;
  readonly measurements: readonly Measurement[];
  readonly wecom: readonly WecomMessage[];
  readonly webhooks: readonly WebhookRow[];
  /** Where one can be paid: the stage, with null, and the tenants that have merchants of their own. */
  readonly payees: readonly { readonly tenant_id: number | null; readonly providers: readonly Provider[] }[];
  readonly simulated: readonly Provider[];
  readonly wecom_simulated: boolean;
  readonly inbox_simulated: boolean;
  /** False when there are no ready-made tokens to create orders with. */
  readonly can_create: boolean;
  readonly user_id: string;
  readonly api_url: string;
}

/** What happened since the last one. */
export interface Update {
  readonly rows: readonly OrderRow[];
  readonly counts: Counts;
  /** Orders whose story has gone on. */
  readonly told: readonly string[];
  readonly measurements: readonly Measurement[];
  readonly wecom: readonly WecomMessage[];
  readonly webhooks: readonly WebhookRow[];
}

/** What a callback's log line says came of it. `failed`: not stored; or a payment's failure, which was. */
export const callbackOutcomes = [
  'settled',
  'already_settled',
  'failed',
  'closed',
  'unchanged',
  'mismatch',
  'number_spent',
  'paid_after_close',
  'paid_twice',
  'paid_superseded',
  'not_found',
  'not_settled',
  'refunded',
  'already_refunded',
  'refund_failed',
  'refund_abnormal',
  'unnamed_refund',
  'unknown_refund',
  'disputed',
  'dispute_updated',
  'dispute_known',
  'no_action',
  'refused',
  'malformed',
] as const;
export type CallbackOutcome = (typeof callbackOutcomes)[number];

/** What is told of the records beside an order, each at its own time: a record that came to its end is told of twice. */
export const storedKinds = [
  'begun',
  'journal_entry',
  'refund_requested',
  'refund_decided',
  'shipping',
  'shipping_told',
  'exception',
  'exception_resolved',
] as const;
export type StoredKind = Exclude<(typeof storedKinds)[number], 'begun'>;

export type StoryEntry = { readonly id: string; readonly at: string } & (
  | {
      readonly kind: 'request';
      readonly function: string;
      readonly method: string;
      readonly target: string;
      readonly status: number | null;
      readonly duration_ms: number;
    }
  | {
      readonly kind: 'provider_call';
      readonly to: string;
      readonly method: string;
      readonly path: string;
      readonly status: number;
    }
  | {
      readonly kind: 'payment';
      readonly provider: Provider;
      readonly payment_no: string;
      readonly state: PaymentState;
    }
  | {
      readonly kind: 'callback';
      readonly target: string;
      readonly status: number | null;
      readonly duration_ms: number;
      readonly verification: 'verified' | 'refused' | 'malformed' | 'unknown';
      readonly reason: string;
      readonly outcome: string;
      /** From 1; more than one for the provider's retries. */
      readonly attempt: number;
      readonly answer_dropped: boolean;
      /** Copies of the same bytes with the same result, one after the other. */
      readonly count: number;
    }
  | { readonly kind: 'undelivered'; readonly provider: Provider; readonly attempt: number }
  | { readonly kind: 'begun'; readonly payment_no: string; readonly provider: Provider }
  | { readonly kind: 'wecom'; readonly content: string; readonly taken: boolean }
  | { readonly kind: 'event'; readonly type: string }
  | WebhookRow
  | {
      readonly kind: StoredKind;
      readonly summary: Readonly<Record<string, string>>;
    }
);

export interface Story {
  readonly order: OrderRow | null;
  /** In the order in which they were begun. */
  readonly payments: readonly PaymentRow[];
  /** What the payer of a checkout opens. */
  readonly pay_url: string | null;
  readonly entries: readonly StoryEntry[];
}

/** The bytes behind an entry, secrets masked. */
export interface EntryDetails {
  readonly parts: readonly {
    readonly title: 'event' | 'request' | 'answer' | 'decrypted' | 'log' | 'item';
    /** As it went over the wire. */
    readonly text: string;
    /** The same to be read: a field a line; null where that is the text itself. */
    readonly readable: string | null;
  }[];
  /** Whether it can be copied as a curl line and sent again. */
  readonly repeatable: boolean;
}

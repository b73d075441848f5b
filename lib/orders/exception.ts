import { isoTime } from '../io.ts';
import type {
  ComparedField,
  EntryKind,
  ExceptionKind,
  ExceptionState,
  exceptionEnds,
  Provider,
} from './kinds.ts';
import { type Entry, type MerchantName, ownerAccount, providerAccount } from './ledger.ts';
import type { Order } from './order.ts';
import { alert, type Debt } from './schedule.ts';

/** What tells the exceptions of an order, or of a merchant, apart; of a mismatch, what disagrees as well. */
export type ExceptionIdentity = Pick<
  ExceptionRecord,
  'kind' | 'provider' | 'payment_no' | 'refund_no' | 'transaction_id'
> &
  Partial<Pick<ExceptionRecord, 'merchant' | 'fields' | 'amount' | 'currency'>>;

/** Something genuine that did not fit. Written once, however often it comes; open until somebody resolves it. */
export interface ExceptionRecord {
  /** Null of one that names no order of ours: it is its merchant's. */
  readonly order_no: string | null;
  /** The account of its order's owner; without an order, its provider's. */
  readonly owner: string;
  /** Of the payment that it is about; null for one about the order. */
  readonly payment_no: string | null;
  readonly kind: ExceptionKind;
  readonly state: ExceptionState;
  readonly version: number;
  readonly provider: Provider | null;
  readonly merchant: string | null;
  readonly transaction_id: string | null;
  readonly refund_no: string | null;
  /** The fields in which the message and the payment disagree; only a mismatch has any. */
  readonly fields: readonly ComparedField[];
  /** As the message says, in the provider's smallest unit. */
  readonly amount: number | null;
  readonly currency: string | null;
  /** What the provider names as the cause: of a dispute. */
  readonly reason: string | null;
  /** Until when something can be done about it; ISO 8601. */
  readonly due_by: string | null;
  readonly recorded_at: string;
  /** How it ended, why, by whom and when; null while it is open. */
  readonly resolved: ExceptionEnd | null;
}

export interface ExceptionEnd {
  readonly resolution: (typeof exceptionEnds)[number];
  readonly reason: string;
  /** The `sub` of who said so. */
  readonly by: string;
  readonly at: string;
  /** What was booked by it. */
  readonly entries: readonly EndEntry[];
  /** What goes back to the payer by it; null where nothing does. */
  readonly refund_no: string | null;
}

/** A booking by which an exception ended, wherever that is stored. */
export type EndEntry = Pick<Entry, 'debit' | 'credit' | 'amount' | 'currency'> & { readonly kind: EntryKind };

/** What an exception is about, besides its order. */
export type ExceptionSubject = Pick<ExceptionRecord, 'kind'> &
  Partial<Omit<ExceptionRecord, 'order_no' | 'owner' | 'state' | 'version' | 'recorded_at' | 'resolved'>>;

/** What is stored of an order that its exceptions depend on. */
export interface Recorded {
  readonly order: Order;
  readonly exceptions: readonly ExceptionRecord[];
}

/** A write of a change. */
interface ExceptionPut {
  readonly put: 'exception';
  readonly record: ExceptionRecord;
  readonly owes: Debt;
}

/**
 * Another merchant's words of what is not its own, each under a number of its own, are recorded so often and not again:
 * whoever has the keys of one could fill every order with them.
 */
const MOST_OF_STRANGERS = 10;

/** An exception to be recorded, with its alert; nothing when it is there already. */
export function exceptionOnce(
  { order, exceptions }: Recorded,
  subject: ExceptionSubject,
  now: number,
): readonly ExceptionPut[] {
  const record = openException({ order_no: order.order_no, owner: ownerAccount(order) }, subject, now);
  const isThere = exceptions.some((known) => exceptionId(known) === exceptionId(record));
  const isOfStranger = ({ fields }: Pick<ExceptionRecord, 'fields'>) => fields.includes('merchant');
  const isEnough = isOfStranger(record) && exceptions.filter(isOfStranger).length >= MOST_OF_STRANGERS;
  return isThere || isEnough ? [] : [{ put: 'exception', record, owes: alert(now) }];
}

/** One that belongs to no order: its merchant's own. */
export const merchantException = (
  name: MerchantName,
  subject: ExceptionSubject,
  now: number,
): ExceptionRecord =>
  openException({ order_no: null, owner: providerAccount(name) }, { ...name, ...subject }, now);

const openException = (
  of: Pick<ExceptionRecord, 'order_no' | 'owner'>,
  subject: ExceptionSubject,
  now: number,
): ExceptionRecord => ({
  payment_no: null,
  provider: null,
  merchant: null,
  transaction_id: null,
  refund_no: null,
  fields: [],
  amount: null,
  currency: null,
  reason: null,
  due_by: null,
  resolved: null,
  ...subject,
  ...of,
  state: 'open',
  version: 1,
  recorded_at: isoTime(now),
});

/** What tells the exceptions of an order apart. One that says otherwise than a mismatch that people know is another. */
export const exceptionId = (identity: ExceptionIdentity): string => {
  const { kind, provider, payment_no, refund_no, transaction_id } = identity;
  const about = [kind, provider ?? '-', payment_no ?? '-', refund_no ?? transaction_id ?? '-'];
  return [...about, ...(kind === 'mismatch' ? saidBy(identity) : [])].join('#');
};

function saidBy({ fields = [], amount, currency, merchant }: ExceptionIdentity): readonly unknown[] {
  const isOfStranger = fields.includes('merchant');
  return [fields.join(), amount ?? '-', currency ?? '-', ...(isOfStranger ? [merchant] : [])];
}

/** By which the outside names an exception: opaque to it, and enough to find it again. */
export function encodeExceptionId(record: ExceptionRecord): string {
  const { order_no, provider, merchant } = record;
  const owner = order_no === null ? [provider, merchant] : [order_no];
  return Buffer.from(JSON.stringify([...owner, exceptionId(record)])).toString('base64url');
}

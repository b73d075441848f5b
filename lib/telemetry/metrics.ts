/** The metrics that log lines carry. The code that counts, the alarms and the dashboard read this one table. */

export const NAMESPACE = 'Settle';

/** Fields of a log line whose values are few; none names an order or a person. */
export type Dimension = 'provider' | 'outcome' | 'reason';

export interface MetricDefinition {
  readonly unit: 'Count' | 'Milliseconds' | 'Seconds';
  /** What it is told apart by: one series for each set, and each of them by stage besides. */
  readonly dimensions: readonly (readonly Dimension[])[];
}

const together: MetricDefinition['dimensions'] = [[]];
const byProvider: MetricDefinition['dimensions'] = [['provider']];
const count = (dimensions = together): MetricDefinition => ({ unit: 'Count', dimensions });

export const metrics = {
  /** Payment parameters or a payment page, given to a payer. */
  PaymentRequested: count(byProvider),
  /** What a provider's word of a payment or a refund came to. */
  Settlement: count([['provider', 'outcome']]),
  /** From the payment, by the provider's clock, to its booking here. */
  SettlementLatency: { unit: 'Milliseconds', dimensions: byProvider },
  /** What a person must decide about. A message that comes again, and what is looked at again, counts again. */
  Exception: count([[], ['provider', 'outcome']]),
  /** Those of them that name another amount than the payment's or the refund's. */
  AmountMismatch: count(),
  VerificationFailed: count([['reason'], ['provider', 'reason']]),
  /** Messages whose form is wrong, whoever sent them. */
  MessageMalformed: count(byProvider),
  /** Callbacks that were not stored, so that the provider must send them again. */
  CallbackFailed: count(),
  /** Orders that could not be written: the store refused what the code took for allowed, or they never stood still. */
  UnexpectedRefusal: count(),
  /** Configuration documents that were refused while the one before stays in use. */
  DocumentRefused: count(),
  /** Those that could not be read. */
  DocumentUnread: count(),
  /** Requests that were answered with 500. */
  RequestFailed: count(),
  /** Calls to a provider that brought no usable answer. */
  ProviderFailed: count(byProvider),

  /** Runs of the sweep that came to their end. */
  SweepCompleted: count(),
  ChecksMade: count(),
  ChecksFailed: count(),
  /** Checks that a run put off, for lack of time or because their provider is down. */
  ChecksLeft: count(),
  /** Checks that were due when a run began. */
  ChecksOverdue: count(),
  /** For how long the oldest of them was due. */
  OldestCheckAge: { unit: 'Seconds', dimensions: together },
  /** Since when the oldest refund that was due to be checked has been undecided. */
  OldestRefundAge: { unit: 'Seconds', dimensions: together },
  /** Announcements that the stream's consumer has left to the sweep. */
  AnnouncementsOverdue: count(),
  /** For how long people have been waiting for the oldest of them. */
  OldestAnnouncementAge: { unit: 'Seconds', dimensions: together },

  /** Messages that WeCom took. */
  NotificationSent: count(),
  NotificationFailed: count(),
  /** Announcements in messages that WeCom took more than five minutes after what they tell of. */
  NotificationLate: count(),
  /** From what is announced to the message that WeCom took, for the oldest in it. */
  NotificationLatency: { unit: 'Milliseconds', dimensions: together },
  /** Items that owe an announcement, cannot be read and were set aside for a person. */
  RecordParked: count(),
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof metrics;

/** Of one line: how many, or how much in the metric's unit. */
export type MetricValues = Readonly<Partial<Record<MetricName, number>>>;

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
  /**
   * Those of them that are answered with 500, as the document of `/v2/payments/notify` has it, and messages there of a
   * stage where nobody is paid: no failure of ours.
   */
  MalformedAnswered500: count(),
  /** Callbacks that were not stored, so that the provider must send them again. */
  CallbackFailed: count(),
  /** Orders that could not be written: the store refused what the code took for allowed, or they never stood still. */
  UnexpectedRefusal: count(),
  /** Configuration documents that were refused while the one before stays in use. */
  DocumentRefused: count(),
  /** Those that could not be read. */
  DocumentUnread: count(),
  /** Requests whose reply was 500. */
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
  /** Items that owe something and that this code does not understand, each time that it comes to them. */
  ItemUnreadable: count(),
  /** Orders that were closed more than two minutes after their time was over. */
  OrdersClosedLate: count(),
  /** For how long the oldest of them was due. */
  OldestCheckAge: { unit: 'Seconds', dimensions: together },
  /** Since when the oldest refund that was due to be checked has been undecided. */
  OldestRefundAge: { unit: 'Seconds', dimensions: together },
  /** Announcements that the stream's consumer has left to the sweep. */
  AnnouncementsOverdue: count(),
  /** For how long people have been waiting for the oldest of them. */
  OldestAnnouncementAge: { unit: 'Seconds', dimensions: together },

  /** Merchants' days that were reconciled, whether they agree or not. */
  DayReconciled: count(byProvider),
  /** Of the days since the last digest, how many do not agree with their bill. */
  ReconciliationDiffers: count(),
  /** Days that have been waited for, or been under way, for more than three days. */
  ReconciliationLate: count(),
  /** Open exceptions that are older than their kind allows. */
  ExceptionOverdue: count(),

  /** Messages that WeCom took. */
  NotificationSent: count(),
  NotificationFailed: count(),
  /** Announcements in messages that WeCom took more than five minutes after what they tell of. */
  NotificationLate: count(),
  /** From what is announced to the message that WeCom took, for the oldest in it. */
  NotificationLatency: { unit: 'Milliseconds', dimensions: together },
  /** Items that owe an announcement, cannot be read and were set aside for a person. */
  RecordParked: count(),

  /** Domain events that the bus took. */
  EventPublished: count(),
  /** Those that it did not take, each time that they are tried. */
  EventFailed: count(),
  /** Marked items of which nothing can be made: the shop is not told of what was done to them. */
  EventUnreadable: count(),
  /** From what an event tells of to the bus, for the oldest of those that were put together. */
  EventLatency: { unit: 'Milliseconds', dimensions: together },

  /** Deliveries that an endpoint took. */
  WebhookDelivered: count(),
  /** Attempts that an endpoint did not take. */
  WebhookFailed: count(),
  /** Deliveries that were given up after days of attempts, or because nobody wants them any more. */
  WebhookGivenUp: count(),
  /** From what an event tells of to the answer of the endpoint that took it. */
  WebhookLatency: { unit: 'Milliseconds', dimensions: together },
  /** Runs of the release that came to their end. */
  ReleaseCompleted: count(),
  /** Deliveries that were due when a run began, apart from those that wait for their endpoint. */
  DeliveriesOverdue: count(),
  /** For how long the oldest of them was due. */
  OldestDeliveryAge: { unit: 'Seconds', dimensions: together },
  /** Endpoints that have taken nothing for a day. */
  EndpointsFailing: count(),
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof metrics;

/** Of one line: how many, or how much in the metric's unit. */
export type MetricValues = Readonly<Partial<Record<MetricName, number>>>;

/** In place of a dimension that a line does not have: an order that costs nothing has no provider. */
const NONE = 'none';

interface Layout {
  readonly dimensions: readonly Dimension[];
  /** Tells CloudWatch which fields of the line are metrics and which are their dimensions. */
  readonly directives: readonly object[];
}

/**
 * What makes a log line a document of the CloudWatch embedded metric format: the values, the dimensions that the line
 * lacks, and the directives that tell which of its fields are which. The line itself holds `stage`.
 * @param at milliseconds since 1970
 */
export function embedMetrics(
  values: MetricValues,
  fields: Readonly<Partial<Record<Dimension, string | null>>>,
  at: number,
): Readonly<Record<string, unknown>> {
  const names = Object.keys(values) as MetricName[];
  if (names.length === 0) return {};
  const { dimensions, directives } = layoutOf(names);
  const embedded: Record<string, unknown> = {};
  for (const dimension of dimensions) embedded[dimension] = fields[dimension] ?? NONE;
  return { ...embedded, ...values, _aws: { Timestamp: at, CloudWatchMetrics: directives } };
}

/** Lines carry few combinations of metrics, and the same ones again and again. */
const layouts = new Map<string, Layout>();

function layoutOf(names: readonly MetricName[]): Layout {
  const key = names.join();
  const known = layouts.get(key);
  if (known) return known;
  const alike = Map.groupBy(names, (name): MetricDefinition['dimensions'] => metrics[name].dimensions);
  const layout = {
    dimensions: [...new Set([...alike.keys()].flat(2))],
    directives: [...alike].map(([dimensions, group]) => ({
      Namespace: NAMESPACE,
      Dimensions: dimensions.map((set) => ['stage', ...set]),
      Metrics: group.map((name) => ({ Name: name, Unit: metrics[name].unit })),
    })),
  };
  layouts.set(key, layout);
  return layout;
}

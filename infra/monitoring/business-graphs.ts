import { type IWidget, type Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { exceptionKinds, providers } from '../../lib/orders/kinds.ts';
import type { EventResult } from '../../lib/orders/settle.ts';
import type { VerificationReason } from '../../lib/providers/message.ts';
import type { MetricName } from '../../lib/telemetry/metrics.ts';
import { graph, row, whatWentWrong } from './dashboard-widgets.ts';
import { settleMetric } from './metrics.ts';
import type { MonitoredStage } from './monitored.ts';

/** What becomes of payments and refunds besides being settled. A repeat of what is known already says nothing new. */
const otherOutcomes: readonly EventResult['outcome'][] = [
  'failed',
  'closed',
  'refunded',
  'refund_failed',
  'refund_abnormal',
  'not_found',
  'not_settled',
];

const verificationReasons: readonly VerificationReason[] = [
  'signature_mismatch',
  'unknown_key',
  'timestamp_out_of_range',
  'signature_missing',
  'signature_malformed',
  'probe',
];

/** The graphs about payments, and the lines of what went wrong with them. */
export function businessGraphs({ stage, functions }: MonitoredStage): IWidget[][] {
  const of = (name: MetricName) => settleMetric(stage, name);
  const highest = (name: MetricName) => settleMetric(stage, name, {}, Stats.MAXIMUM);
  const byProvider = (name: MetricName, statistic: string = Stats.SUM) =>
    providers.map((provider) =>
      settleMetric(stage, name, { provider }, statistic).with({ label: `${provider} ${name}` }),
    );
  const byOutcome = (name: MetricName, outcomes: readonly string[]): Metric[] =>
    outcomes.flatMap((outcome) =>
      providers.map((provider) =>
        settleMetric(stage, name, { provider, outcome }).with({ label: `${provider} ${outcome}` }),
      ),
    );
  return [
    row(
      graph('Payments settled', byOutcome('Settlement', ['settled']), { stacked: true }),
      graph('Payers sent to pay', byProvider('PaymentRequested'), { stacked: true }),
      graph('Other outcomes', byOutcome('Settlement', otherOutcomes)),
    ),
    row(
      graph('Exceptions: a person decides', [
        of('AmountMismatch'),
        ...byOutcome('Exception', exceptionKinds),
      ]),
      graph(
        'Messages that do not verify',
        verificationReasons.map((reason) =>
          settleMetric(stage, 'VerificationFailed', { reason }).with({ label: reason }),
        ),
      ),
      graph('From the payment to its booking, p50 and p99 (ms)', [
        ...byProvider('SettlementLatency', 'p50'),
        ...byProvider('SettlementLatency', 'p99'),
      ]),
    ),
    row(
      graph('Not stored or not understood', [
        of('CallbackFailed'),
        of('UnexpectedRefusal'),
        of('RequestFailed'),
        of('DocumentRefused'),
        of('DocumentUnread'),
        ...byProvider('MessageMalformed'),
        of('MalformedAnswered500'),
      ]),
      graph('Providers that do not answer', byProvider('ProviderFailed')),
      graph('The group is told', [of('NotificationSent'), of('NotificationFailed'), of('NotificationLate')], {
        right: [highest('NotificationLatency')],
      }),
    ),
    row(
      graph('Work that is due', [highest('ChecksOverdue'), highest('AnnouncementsOverdue')]),
      graph('How old the oldest of it is (s)', [
        highest('OldestCheckAge'),
        highest('OldestAnnouncementAge'),
        highest('OldestRefundAge'),
      ]),
      graph('The sweep', [
        of('SweepCompleted'),
        of('ChecksMade'),
        of('ChecksFailed'),
        of('ChecksLeft'),
        of('OrdersClosedLate'),
        of('RecordParked'),
        of('ItemUnreadable'),
      ]),
    ),
    row(
      graph('Days reconciled', byProvider('DayReconciled'), { stacked: true }),
      graph('Days that differ or are late', [
        highest('ReconciliationDiffers'),
        highest('ReconciliationLate'),
      ]),
      graph('Exceptions open for too long', [highest('ExceptionOverdue')]),
    ),
    [whatWentWrong(functions, ['order_no', 'payment_no', 'provider', 'outcome', 'reason'])],
  ];
}

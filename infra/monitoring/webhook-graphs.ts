import { type IWidget, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { MetricName } from '../../lib/telemetry/metrics.ts';
import { eventPublisher } from '../endpoints.ts';
import { graph, ofFunctions, row, whatWentWrong } from './dashboard-widgets.ts';
import { settleMetric } from './metrics.ts';
import { functionOf, type MonitoredWebhooks } from './monitored.ts';

/** The graphs about what the shop is told: the events, their deliveries, and what carries both. */
export function webhookGraphs(monitored: MonitoredWebhooks): IWidget[][] {
  const { stage, functions, failedBatches, deliveries, deliveriesTable } = monitored;
  const of = (name: MetricName) => settleMetric(stage, name);
  const highest = (name: MetricName) => settleMetric(stage, name, {}, Stats.MAXIMUM);
  const latencies = (name: MetricName) =>
    ['p50', 'p99'].map((statistic) => settleMetric(stage, name, {}, statistic).with({ label: statistic }));
  const ofTable = (metricName: string) =>
    new Metric({
      namespace: 'AWS/DynamoDB',
      metricName,
      dimensionsMap: { TableName: deliveriesTable.tableName },
      statistic: Stats.SUM,
    });
  const waiting = { statistic: Stats.MAXIMUM };
  return [
    row(
      graph('Events published', [of('EventPublished'), of('EventFailed'), of('EventUnreadable')]),
      graph('From what happened to its publishing (ms)', latencies('EventLatency')),
      graph('Stream: age of what is read (ms)', [
        functionOf(monitored, eventPublisher.name).metric('IteratorAge', { statistic: Stats.MAXIMUM }),
      ]),
    ),
    row(
      graph('Deliveries', [of('WebhookDelivered'), of('WebhookFailed'), of('WebhookGivenUp')]),
      graph('From what happened to its delivery (ms)', latencies('WebhookLatency')),
      graph('Endpoints that have taken nothing for a day', [highest('EndpointsFailing')]),
    ),
    row(
      graph('Due deliveries', [highest('DeliveriesOverdue')], { right: [highest('OldestDeliveryAge')] }),
      graph('Runs of the release', [of('ReleaseCompleted')]),
      graph('Given up: batches of the stream, messages', [
        failedBatches.metricApproximateNumberOfMessagesVisible(waiting),
        deliveries.deadLetters.metricApproximateNumberOfMessagesVisible(waiting),
      ]),
    ),
    row(
      graph('Queue: messages', [
        deliveries.queue.metricApproximateNumberOfMessagesVisible(waiting),
        deliveries.queue.metricApproximateNumberOfMessagesNotVisible(waiting),
      ]),
      graph('Queue: age of the oldest message (s)', [
        deliveries.queue.metricApproximateAgeOfOldestMessage(waiting),
      ]),
      graph('Table of deliveries', [
        ofTable('ConsumedReadCapacityUnits'),
        ofTable('ConsumedWriteCapacityUnits'),
        ofTable('ReadThrottleEvents'),
        ofTable('WriteThrottleEvents'),
      ]),
    ),
    row(
      graph('Functions: at once', ofFunctions(functions, 'ConcurrentExecutions', Stats.MAXIMUM)),
      graph('Functions: errors and throttles', [
        ...ofFunctions(functions, 'Errors', Stats.SUM),
        ...ofFunctions(functions, 'Throttles', Stats.SUM),
      ]),
      graph('Functions: duration, p99 (ms)', ofFunctions(functions, 'Duration', 'p99')),
    ),
    [whatWentWrong(functions, ['delivery', 'order_no', 'type', 'outcome', 'status'])],
  ];
}

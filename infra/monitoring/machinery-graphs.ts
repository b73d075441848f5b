import { type IWidget, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { tableIndexes } from '../../lib/store/table.ts';
import { streamConsumer } from '../endpoints.ts';
import { graph, ofFunctions, row } from './dashboard-widgets.ts';
import { functionOf, type MonitoredStage } from './monitored.ts';

/** The graphs about what payments run on. */
export function machineryGraphs(monitored: MonitoredStage): IWidget[][] {
  const { api, table, failedBatches, functions, reconciliation } = monitored;
  const ofTable = (metricName: string, dimensions: Readonly<Record<string, string>> = {}) =>
    new Metric({
      namespace: 'AWS/DynamoDB',
      metricName,
      dimensionsMap: { TableName: table.tableName, ...dimensions },
      statistic: Stats.SUM,
      label: [metricName, ...Object.values(dimensions)].join(' '),
    });
  const throttles = ['ReadThrottleEvents', 'WriteThrottleEvents'].flatMap((metricName) => [
    ofTable(metricName),
    ...Object.values(tableIndexes).map(({ name }) => ofTable(metricName, { GlobalSecondaryIndexName: name })),
  ]);
  const streamAge = functionOf(monitored, streamConsumer.name).metric('IteratorAge', {
    statistic: Stats.MAXIMUM,
  });
  const givenUp = failedBatches.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM });
  return [
    row(
      graph('API: requests', [api.metricCount(), api.metricClientError(), api.metricServerError()]),
      graph('API: latency (ms)', [
        api.metricLatency({ statistic: 'p50', label: 'p50' }),
        api.metricLatency({ statistic: 'p99', label: 'p99' }),
      ]),
      graph('Functions: at once', ofFunctions(functions, 'ConcurrentExecutions', Stats.MAXIMUM)),
    ),
    row(
      graph('Functions: errors', ofFunctions(functions, 'Errors', Stats.SUM)),
      graph('Functions: throttles', ofFunctions(functions, 'Throttles', Stats.SUM)),
      graph('Functions: duration, p99 (ms)', ofFunctions(functions, 'Duration', 'p99')),
    ),
    row(
      graph('Table: units', [ofTable('ConsumedReadCapacityUnits'), ofTable('ConsumedWriteCapacityUnits')]),
      graph('Table: throttles', throttles),
      graph('Table: conflicts', [ofTable('TransactionConflict'), ofTable('ConditionalCheckFailedRequests')]),
    ),
    row(
      graph('Stream: age of what is read (ms)', [streamAge]),
      graph('Given up: batches of the stream, days', [
        givenUp,
        reconciliation.deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM }),
      ]),
      graph('Days that wait to be reconciled', [
        reconciliation.queue.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM }),
      ]),
    ),
  ];
}

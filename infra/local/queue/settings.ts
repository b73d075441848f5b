import * as z from 'zod/mini';
import type { Template } from '../../stacks/template.ts';
import { onlyOne, referredFunction, referredResource, resourcesOfType } from '../resource.ts';

/** What SQS and Lambda are told of the one queue that feeds a function. */
export interface QueueSettings {
  readonly visibilityTimeoutMs: number;
  /** Received so often, a message goes to the dead letters in place of being received once more. */
  readonly maxReceiveCount: number;
  readonly batchSize: number;
  /** Batches that are under way at once. */
  readonly maximumConcurrency: number;
  readonly reportBatchItemFailures: boolean;
}

const mappingSchema = z.object({
  EventSourceArn: z.unknown(),
  FunctionName: z.unknown(),
  BatchSize: z.int(),
  ScalingConfig: z.object({ MaximumConcurrency: z.int() }),
  FunctionResponseTypes: z._default(z.array(z.string()), []),
});
const queueSchema = z.object({
  VisibilityTimeout: z.int(),
  RedrivePolicy: z.object({ maxReceiveCount: z.int() }),
});
const functionSchema = z.object({ Timeout: z.int() });

/** @throws Error when there is not exactly one such queue, or Lambda would refuse its settings */
export function readQueueSettings(template: Template): QueueSettings {
  const mappings = resourcesOfType(template, 'AWS::Lambda::EventSourceMapping')
    .map(([, { Properties }]) => Properties)
    .filter((properties) => properties['StartingPosition'] === undefined);
  const mapping = mappingSchema.parse(onlyOne(mappings, 'queue that feeds a function'));
  const [, queue] = referredResource(template, mapping.EventSourceArn);
  const { VisibilityTimeout, RedrivePolicy } = queueSchema.parse(queue.Properties);
  const [, consumer] = referredFunction(template, mapping.FunctionName);
  const { Timeout } = functionSchema.parse(consumer.Properties);
  if (VisibilityTimeout < Timeout) {
    throw new Error("Lambda refuses a visibility timeout that is shorter than the function's");
  }
  return {
    visibilityTimeoutMs: VisibilityTimeout * 1_000,
    maxReceiveCount: RedrivePolicy.maxReceiveCount,
    batchSize: mapping.BatchSize,
    maximumConcurrency: mapping.ScalingConfig.MaximumConcurrency,
    reportBatchItemFailures: mapping.FunctionResponseTypes.includes('ReportBatchItemFailures'),
  };
}

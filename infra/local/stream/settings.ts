import * as z from 'zod/mini';
import type { Template } from '../../stacks/template.ts';
import { onlyOne, referredFunction, resourcesOfType } from '../resource.ts';
import { compileFilters, type Matcher } from './filter-pattern.ts';

export interface EventSourceSettings {
  readonly matches: Matcher;
  readonly batchSize: number;
  readonly batchingWindowMs: number;
  /** Infinite when the template sets no bound. */
  readonly maximumRetryAttempts: number;
  readonly maximumRecordAgeMs: number;
  readonly bisectBatchOnFunctionError: boolean;
  readonly reportBatchItemFailures: boolean;
  /** Of the function that is fed. */
  readonly functionTimeoutMs: number;
}

const unbounded = z.pipe(
  z._default(z.int(), -1),
  z.transform((value: number) => (value === -1 ? Number.POSITIVE_INFINITY : value)),
);

/** The defaults are those of `AWS::Lambda::EventSourceMapping` for a DynamoDB stream. */
const propertiesSchema = z.object({
  BatchSize: z._default(z.int(), 100),
  MaximumBatchingWindowInSeconds: z._default(z.int(), 0),
  MaximumRetryAttempts: unbounded,
  MaximumRecordAgeInSeconds: unbounded,
  BisectBatchOnFunctionError: z._default(z.boolean(), false),
  FunctionResponseTypes: z._default(z.array(z.string()), []),
  FilterCriteria: z._default(z.object({ Filters: z.array(z.object({ Pattern: z.string() })) }), {
    Filters: [],
  }),
  StartingPosition: z.literal('TRIM_HORIZON'),
  FunctionName: z.unknown(),
});

const functionSchema = z.object({ Timeout: z.int() });

/** The template's one event source mapping of a stream. @throws Error when it asks for what is not supported here */
export function readEventSourceSettings(template: Template): EventSourceSettings {
  const mappings = resourcesOfType(template, 'AWS::Lambda::EventSourceMapping')
    .map(([, { Properties }]) => Properties)
    .filter((properties) => properties['StartingPosition'] !== undefined);
  const properties = propertiesSchema.parse(onlyOne(mappings, 'event source mapping of a stream'));
  const [, consumer] = referredFunction(template, properties.FunctionName);
  return {
    matches: compileFilters(properties.FilterCriteria.Filters.map(({ Pattern }) => JSON.parse(Pattern))),
    batchSize: properties.BatchSize,
    batchingWindowMs: properties.MaximumBatchingWindowInSeconds * 1_000,
    maximumRetryAttempts: properties.MaximumRetryAttempts,
    maximumRecordAgeMs: properties.MaximumRecordAgeInSeconds * 1_000,
    bisectBatchOnFunctionError: properties.BisectBatchOnFunctionError,
    reportBatchItemFailures: properties.FunctionResponseTypes.includes('ReportBatchItemFailures'),
    functionTimeoutMs: functionSchema.parse(consumer.Properties).Timeout * 1_000,
  };
}

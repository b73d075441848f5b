import * as z from 'zod/mini';
import type { Template } from '../../stacks/template.ts';
import { compileFilters, type Matcher } from '../event-pattern.ts';
import { onlyOne, referredFunction, resourcesOfType } from '../resource.ts';
import { createdAt, type StreamRecord } from './record.ts';

export interface EventSourceSettings {
  /** Where a mapping begins that is new: at the oldest record there is, or with what is written from then on. */
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
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
  StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST']),
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
    startingPosition: properties.StartingPosition,
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

/**
 * Leaves out what was written before the mapping was made, where that begins with the latest: by the time of a record,
 * which is in whole seconds, and not by where the stream ends when it is first opened. So nothing is lost that is
 * written while the system starts. @param madeAt milliseconds since 1970
 */
export function beginAt(settings: EventSourceSettings, madeAt: number): EventSourceSettings {
  const { startingPosition, matches } = settings;
  if (startingPosition === 'TRIM_HORIZON') return settings;
  const since = madeAt - (madeAt % 1_000);
  return { ...settings, matches: (record) => createdAt(record as StreamRecord) >= since && matches(record) };
}

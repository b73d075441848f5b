import { describe, expect, it } from 'vitest';
import { beginAt, readEventSourceSettings } from '../../../../infra/local/stream/settings.ts';
import { numbers, record, settings } from './records.ts';

function templateWith(properties: Record<string, unknown>) {
  return {
    Outputs: {},
    Resources: {
      consumer: { Type: 'AWS::Lambda::Function', Properties: { Timeout: 60 } },
      live: { Type: 'AWS::Lambda::Alias', Properties: { FunctionName: { Ref: 'consumer' }, Name: 'live' } },
      mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: { FunctionName: { Ref: 'consumer' }, StartingPosition: 'TRIM_HORIZON', ...properties },
      },
    },
  };
}

describe('readEventSourceSettings', () => {
  it('reads what the template sets, in milliseconds', () => {
    const { matches, ...others } = readEventSourceSettings(
      templateWith({
        BatchSize: 10,
        MaximumBatchingWindowInSeconds: 3,
        MaximumRetryAttempts: 5,
        MaximumRecordAgeInSeconds: 60,
        BisectBatchOnFunctionError: true,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        FilterCriteria: { Filters: [{ Pattern: '{"dynamodb":{"NewImage":{"work":{"S":["x"]}}}}' }] },
      }),
    );
    expect(others).toEqual({
      startingPosition: 'TRIM_HORIZON',
      batchSize: 10,
      batchingWindowMs: 3_000,
      maximumRetryAttempts: 5,
      maximumRecordAgeMs: 60_000,
      bisectBatchOnFunctionError: true,
      reportBatchItemFailures: true,
      functionTimeoutMs: 60_000,
    });
    expect(matches({ dynamodb: { NewImage: { work: { S: 'x' } } } })).toBe(true);
    expect(matches({ dynamodb: { OldImage: { work: { S: 'x' } } } })).toBe(false);
  });

  it('finds the function behind an alias', () => {
    const FunctionName = { 'Fn::Join': ['', [{ 'Fn::Select': [6, { Ref: 'live' }] }, ':live']] };
    expect(readEventSourceSettings(templateWith({ FunctionName })).functionTimeoutMs).toBe(60_000);
  });

  it('fills in the defaults of CloudFormation, which retry without bound', () => {
    expect(readEventSourceSettings(templateWith({ MaximumRecordAgeInSeconds: -1 }))).toMatchObject({
      batchSize: 100,
      batchingWindowMs: 0,
      maximumRetryAttempts: Number.POSITIVE_INFINITY,
      maximumRecordAgeMs: Number.POSITIVE_INFINITY,
      bisectBatchOnFunctionError: false,
      reportBatchItemFailures: false,
    });
  });

  it('reads whether a new mapping begins with the latest', () => {
    expect(readEventSourceSettings(templateWith({ StartingPosition: 'LATEST' }))).toMatchObject({
      startingPosition: 'LATEST',
    });
  });

  it('refuses what it cannot do', () => {
    expect(() => readEventSourceSettings(templateWith({ StartingPosition: 'AT_TIMESTAMP' }))).toThrow(
      'TRIM_HORIZON',
    );
    expect(() => readEventSourceSettings({ Outputs: {}, Resources: {} })).toThrow(
      'exactly one event source mapping of a stream',
    );
  });
});

describe('beginAt', () => {
  const written = [record(1, 8), record(2, 9), record(3, 10)];
  const taken = (startingPosition: 'TRIM_HORIZON' | 'LATEST', madeAt: number) =>
    numbers(written.filter(beginAt({ ...settings, startingPosition }, madeAt).matches));

  it('leaves out what is older than the mapping, to the second, where that begins with the latest', () => {
    expect(taken('LATEST', 9_900)).toEqual([2, 3]);
    expect(taken('LATEST', 11_000)).toEqual([]);
  });

  it('leaves out nothing at the horizon, nor lets through what the filter does not', () => {
    expect(taken('TRIM_HORIZON', 11_000)).toEqual([1, 2, 3]);
    const nothing = beginAt({ ...settings, startingPosition: 'LATEST', matches: () => false }, 0);
    expect(written.filter(nothing.matches)).toEqual([]);
  });
});

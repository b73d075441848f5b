import { describe, expect, it } from 'vitest';
import { readQueueSettings } from '../../../../infra/local/queue/settings.ts';

function templateWith({
  mapping = {},
  queue = {},
}: {
  readonly mapping?: object;
  readonly queue?: object;
} = {}) {
  return {
    Outputs: {},
    Resources: {
      days: {
        Type: 'AWS::SQS::Queue',
        Properties: { VisibilityTimeout: 5_400, RedrivePolicy: { maxReceiveCount: 3 }, ...queue },
      },
      deadLetters: { Type: 'AWS::SQS::Queue', Properties: {} },
      consumer: { Type: 'AWS::Lambda::Function', Properties: { Timeout: 900 } },
      live: { Type: 'AWS::Lambda::Alias', Properties: { FunctionName: { Ref: 'consumer' } } },
      stream: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: { StartingPosition: 'TRIM_HORIZON', FunctionName: { Ref: 'consumer' } },
      },
      mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          EventSourceArn: { 'Fn::GetAtt': ['days', 'Arn'] },
          FunctionName: { Ref: 'live' },
          BatchSize: 1,
          ScalingConfig: { MaximumConcurrency: 2 },
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          ...mapping,
        },
      },
    },
  };
}

describe('readQueueSettings', () => {
  it('reads what queue and mapping are told', () => {
    expect(readQueueSettings(templateWith())).toEqual({
      visibilityTimeoutMs: 5_400_000,
      maxReceiveCount: 3,
      batchSize: 1,
      maximumConcurrency: 2,
      reportBatchItemFailures: true,
    });
  });

  it('takes all for done unless item failures are reported', () => {
    const template = templateWith({ mapping: { FunctionResponseTypes: undefined } });
    expect(readQueueSettings(template).reportBatchItemFailures).toBe(false);
  });

  it('refuses a message that comes back while its function may still be at it, as Lambda does', () => {
    expect(() => readQueueSettings(templateWith({ queue: { VisibilityTimeout: 899 } }))).toThrow(
      'shorter than the function',
    );
  });

  it('refuses a template without such a queue', () => {
    expect(() => readQueueSettings({ Outputs: {}, Resources: {} })).toThrow('exactly one queue');
    const elsewhere = { EventSourceArn: { 'Fn::GetAtt': ['other', 'Arn'] } };
    expect(() => readQueueSettings(templateWith({ mapping: elsewhere }))).toThrow('what it refers to');
  });
});

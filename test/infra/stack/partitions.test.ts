import { describe, expect, it } from 'vitest';
import { testStage } from './stage.ts';
import { resourcesIn } from './template-reader.ts';
import { synthesizeWithWebhooks } from './webhooks-template.ts';

const commercial = { ...testStage, region: 'eu-central-1' };
const china = { ...testStage, region: 'cn-north-1' };

describe.each([commercial, china])('in $region', (stage) => {
  const text = JSON.stringify(synthesizeWithWebhooks(stage));

  it('every ARN is of the partition that it is deployed in', () => {
    expect(text.match(/arn:(?!"|<)[^"]*/g) ?? []).toEqual([]);
    expect(text).toContain('{"Ref":"AWS::Partition"}');
  });

  it('no endpoint is written down, and services are named as in every partition', () => {
    const names = new Set(text.match(/[a-z0-9.-]*amazonaws\.com[a-z.]*/g) ?? []);
    expect([...names].toSorted()).toEqual([
      'apigateway.amazonaws.com',
      'cloudwatch.amazonaws.com',
      'codedeploy.amazonaws.com',
      'events.amazonaws.com',
      'lambda.amazonaws.com',
    ]);
  });

  it('no resource is given tags: it has those of its stack, if it can have any there', () => {
    expect(text).not.toContain('"Tags"');
  });

  it('nothing is asked of recursion detection, which China lacks and a table does not take part in', () => {
    expect(text).not.toContain('RecursiveLoop');
  });
});

describe('X-Ray', () => {
  const tracingOf = ({ service, webhooks }: ReturnType<typeof synthesizeWithWebhooks>) =>
    new Set(
      [service, webhooks]
        .flatMap((template) => resourcesIn(template, 'AWS::Lambda::Function'))
        .map(({ Properties }) => JSON.stringify(Properties['TracingConfig'])),
    );

  it('traces every function where it exists', () => {
    expect(tracingOf(synthesizeWithWebhooks(commercial))).toEqual(new Set(['{"Mode":"Active"}']));
  });

  it('is neither asked for nor allowed in China', () => {
    const inChina = synthesizeWithWebhooks(china);
    expect(tracingOf(inChina)).toEqual(new Set([undefined]));
    expect(JSON.stringify(inChina)).not.toContain('xray:');
  });
});

import { describe, expect, it } from 'vitest';
import { functions } from '../../../infra/endpoints.ts';
import type { Template } from '../../../infra/stacks/template.ts';
import type { Stage } from '../../../infra/stages.ts';
import { metrics } from '../../../lib/telemetry/metrics.ts';
import { chinaStage, testStage } from '../stack/stage.ts';
import { parameterBehind, render, resourcesIn } from '../stack/template-reader.ts';
import { synthesizeWithWebhooks, withWebhooks } from '../stack/webhooks-template.ts';
import { runbookSections } from './runbook-sections.ts';
import { alarmsIn, metricsOf, type TemplateAlarm } from './template-alarms.ts';

const sectionOf = ({ AlarmDescription }: TemplateAlarm) =>
  / docs\/runbook\.md#([a-z-]+)$/.exec(AlarmDescription)?.[1];

describe('alarms', () => {
  const template = withWebhooks.service;
  const alarms = [...bothOf(withWebhooks), withWebhooks.console].flatMap(alarmsIn);

  it('have names of their own, that say which stage', () => {
    const names = alarms.map(({ AlarmName }) => render(AlarmName));
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^settle-test-[a-z-]+(-deployment-<.+>)?$/);
  });

  it('lead to a section of the runbook each, and every section has an alarm', () => {
    const sections = runbookSections('Alarms');
    const general = ['reading-the-log', 'going-back-to-the-version-before'];
    expect(alarms.filter((alarm) => sectionOf(alarm) === undefined)).toEqual([]);
    expect([...new Set(alarms.map(sectionOf))].toSorted()).toEqual(
      sections
        .map(({ anchor }) => anchor)
        .filter((anchor) => !general.includes(anchor))
        .toSorted(),
    );
  });

  it('have sections that say what it means, what to look at and what to do', () => {
    const named = new Set(alarms.map(sectionOf));
    for (const { anchor, text } of runbookSections('Alarms')) {
      if (named.has(anchor))
        expect([anchor, text]).toEqual([
          anchor,
          expect.stringMatching(/^\*\*Means\*\*:[\s\S]*^\*\*Look\*\*[\s\S]*^\*\*Do\*\*/m),
        ]);
    }
  });

  it('look back no further than CloudWatch does', () => {
    for (const alarm of alarms) {
      const longest_s = Math.max(
        ...(alarm.Metrics ?? []).map(({ MetricStat }) => MetricStat?.Period ?? 0),
        alarm.Period ?? 0,
      );
      const limit_days = longest_s < 3_600 ? 1 : 7;
      expect(longest_s * alarm.EvaluationPeriods).toBeLessThanOrEqual(limit_days * 86_400);
    }
  });

  it('watch metrics that the code counts so, in this stage', () => {
    const ours = alarms
      .flatMap(metricsOf)
      // Counted by a filter on the log, for one version.
      .filter(({ Namespace, MetricName }) => Namespace === 'Settle' && MetricName !== 'VersionFailed');
    expect(ours.length).toBeGreaterThan(15);
    for (const { MetricName, Dimensions = [] } of ours) {
      const known = Object.hasOwn(metrics, MetricName)
        ? metrics[MetricName as keyof typeof metrics].dimensions
        : [];
      const names = Dimensions.map(({ Name }) => Name).filter((name) => name !== 'stage');
      expect(known.map((set) => set.toSorted().join())).toContain(names.toSorted().join());
      expect(Dimensions).toContainEqual({ Name: 'stage', Value: 'test' });
    }
  });

  it('watch the errors, throttles and duration of every function', () => {
    const lambda = alarms.flatMap(metricsOf).filter(({ Namespace }) => Namespace === 'AWS/Lambda');
    for (const name of ['Errors', 'Throttles', 'Duration']) {
      const watched = lambda
        .filter(({ MetricName, Dimensions }) => MetricName === name && Dimensions?.length === 1)
        .map(({ Dimensions }) => JSON.stringify(Dimensions));
      expect(new Set(watched).size).toBe(functions.length);
    }
  });

  it('take silence for good news, save that of what runs every minute', () => {
    const breaching = alarms.filter(({ TreatMissingData }) => TreatMissingData === 'breaching');
    expect(breaching.map(({ AlarmName }) => AlarmName)).toEqual([
      'settle-test-sweep-stopped',
      'settle-test-release-stopped',
    ]);
    expect(alarms.filter(({ TreatMissingData }) => !/^(notB|b)reaching$/.test(TreatMissingData))).toEqual([]);
  });

  it('tell by mail what is wrong and when it is well again', () => {
    const [topic, ...others] = resourcesIn(template, 'AWS::SNS::Topic');
    expect(others).toEqual([]);
    expect(resourcesIn(template, 'AWS::SNS::Subscription')).toMatchObject([
      { Properties: { Protocol: 'email', Endpoint: 'on-call@example.com' } },
    ]);
    const told = { Ref: expect.stringContaining(topic?.name ?? '') };
    for (const alarm of alarmsIn(template)) {
      expect(alarm).toMatchObject({ AlarmActions: [told], OKActions: [told] });
    }
  });

  it.each(['webhooks', 'console'] as const)(
    'tell of the %s by the same topic, so that its address confirms one',
    (stack) => {
      const other = withWebhooks[stack];
      expect(resourcesIn(other, 'AWS::SNS::Topic')).toEqual([]);
      for (const { AlarmActions = [], OKActions } of alarmsIn(other)) {
        expect(AlarmActions.map((action) => parameterBehind(other, action))).toEqual([
          '/settle/test/mail-topic-arn',
        ]);
        expect(OKActions).toEqual(AlarmActions);
      }
    },
  );

  it('let CloudWatch alone publish to their topic, for alarms of this stage', () => {
    const [policy] = resourcesIn(template, 'AWS::SNS::TopicPolicy');
    expect(policy?.Properties['PolicyDocument']).toMatchObject({
      Statement: [
        { Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
        {
          Effect: 'Allow',
          Action: 'sns:Publish',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Condition: {
            ArnLike: {
              'aws:SourceArn': {
                'Fn::Join': ['', expect.arrayContaining([expect.stringContaining(':alarm:settle-test-*')])],
              },
            },
          },
        },
      ],
    });
  });
});

/** The stacks of a stage that have many alarms. */
function bothOf({ service, webhooks }: { readonly service: Template; readonly webhooks: Template }) {
  return [service, webhooks];
}

describe('alarms of other stages', () => {
  const synthesize = (changes: Partial<Stage>) =>
    bothOf(synthesizeWithWebhooks({ ...testStage, ...changes }));

  it('tell nobody when nobody is named, and are there all the same', () => {
    for (const template of synthesize({ alarms: {} })) {
      expect(resourcesIn(template, 'AWS::SNS::Topic')).toEqual([]);
      expect(alarmsIn(template).length).toBeGreaterThan(20);
      for (const alarm of alarmsIn(template)) expect(alarm).not.toHaveProperty('AlarmActions');
    }
  });

  it('tell a topic that is there already, in China too', () => {
    const topicArn = 'arn:aws-cn:sns:cn-north-1:123456789012:on-call';
    for (const template of synthesize({ ...chinaStage, alarms: { topicArn } })) {
      expect(resourcesIn(template, 'AWS::SNS::Topic')).toEqual([]);
      for (const alarm of alarmsIn(template))
        expect(alarm).toMatchObject({ AlarmActions: [topicArn], OKActions: [topicArn] });
      const watching = [
        ...resourcesIn(template, 'AWS::CloudWatch::Alarm'),
        ...resourcesIn(template, 'AWS::CloudWatch::Dashboard'),
      ];
      expect(JSON.stringify(watching)).not.toMatch(/arn:aws:|amazonaws\.com(?!\.cn)/);
    }
  });
});

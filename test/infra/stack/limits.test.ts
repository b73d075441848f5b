import { describe, expect, it } from 'vitest';
import { readStage, stages } from '../../../infra/stages.ts';
import { alarmsIn, metricsOf } from '../monitoring/template-alarms.ts';
import { chinaStage, fullStage, testStage } from './stage.ts';
import { synthesizeWithWebhooks } from './webhooks-template.ts';

const all = [...Object.keys(stages).map((name) => readStage(name)), testStage, fullStage, chinaStage];

describe.each(all)('the templates of $name, with webhooks', (stage) => {
  const templates = Object.entries(synthesizeWithWebhooks(stage));

  it.each(templates)(
    '%s leaves room within the 500 resources that CloudFormation takes',
    (_, { Resources }) => {
      expect(Object.keys(Resources).length).toBeLessThanOrEqual(400);
    },
  );

  it.each(templates)('%s has no alarm of more metrics than CloudWatch takes in one', (_, template) => {
    const counts = alarmsIn(template).map((alarm) => metricsOf(alarm).length);
    expect(Math.max(0, ...counts)).toBeLessThanOrEqual(10);
  });
});

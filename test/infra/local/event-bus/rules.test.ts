import { describe, expect, it } from 'vitest';
import { groupOf, readBusRules } from '../../../../infra/local/event-bus/rules.ts';

const queue = { Type: 'AWS::SQS::Queue', Properties: {} };
const Arn = { 'Fn::GetAtt': ['deliveries', 'Arn'] };

/** The rules of a template whose one rule has these properties. */
function rulesWith(properties: object, resources: object = {}) {
  const rule = { Type: 'AWS::Events::Rule', Properties: properties as Record<string, unknown> };
  return readBusRules({ Outputs: {}, Resources: { deliveries: queue, rule, ...resources } });
}

/** Of a rule with this group. */
function groupBy(MessageGroupId: string, of: unknown) {
  const [rule] = rulesWith({ EventPattern: {}, Targets: [{ Arn, SqsParameters: { MessageGroupId } }] });
  return rule && groupOf(rule, of);
}

const event = { source: 'settle', detail: { owner: 'tenant:7', n: 1 } };

describe('readBusRules', () => {
  it('reads what a rule takes', () => {
    const [rule, ...others] = rulesWith({ EventPattern: { source: ['settle'] }, Targets: [{ Arn }] });
    expect(others).toEqual([]);
    expect([event, { source: 'other' }].map((one) => rule?.matches(one))).toEqual([true, false]);
    expect(rule && groupOf(rule, event)).toBeUndefined();
  });

  it('reads from the event whose message it is', () => {
    expect(groupBy('$.detail.owner', event)).toBe('tenant:7');
    expect(groupBy('$.detail.owner', { detail: null })).toBeUndefined();
    expect(groupBy('$.detail.n', event)).toBeUndefined();
    expect(groupBy('all', event)).toBe('all');
  });

  it('leaves schedules alone', () => {
    expect(rulesWith({ ScheduleExpression: 'rate(1 minute)', Targets: [{ Arn }] })).toEqual([]);
  });

  it('refuses what it cannot do', () => {
    const target = { Type: 'AWS::Lambda::Function', Properties: {} };
    const toFunction = { EventPattern: {}, Targets: [{ Arn: { 'Fn::GetAtt': ['target', 'Arn'] } }] };
    expect(() => rulesWith(toFunction, { target })).toThrow('must be a queue');
    expect(() => rulesWith({ EventPattern: { source: [{ suffix: 'x' }] }, Targets: [] })).toThrow('suffix');
  });
});

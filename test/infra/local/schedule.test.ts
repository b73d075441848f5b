import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Stoppable } from '../../../infra/local/all-started.ts';
import { startSchedules } from '../../../infra/local/schedule.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
let running: Stoppable | undefined;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-22T03:00:00Z') });
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  vi.useRealTimers();
});

/** Rules by the function that each is to invoke. */
function start(rules: Readonly<Record<string, string>>, run: () => Promise<unknown> = async () => {}) {
  const events: [string, unknown][] = [];
  const lines: string[] = [];
  const resources = Object.entries(rules).flatMap(([name, ScheduleExpression]) => [
    [name, { Type: 'AWS::Lambda::Function', Properties: {} }],
    [`${name}Live`, { Type: 'AWS::Lambda::Alias', Properties: { FunctionName: { Ref: name } } }],
    [
      `${name}Rule`,
      {
        Type: 'AWS::Events::Rule',
        Properties: { ScheduleExpression, Targets: [{ Arn: { Ref: `${name}Live` } }] },
      },
    ],
  ]);
  running = startSchedules({
    template: { Outputs: {}, Resources: Object.fromEntries(resources) },
    invoke: (logicalId, event) => {
      events.push([logicalId, event]);
      return run();
    },
    log: (line) => lines.push(line),
  });
  return { running, events, lines };
}

describe('the schedules', () => {
  it('invoke a function every minute, as EventBridge would', async () => {
    const { events } = start({ sweep: 'rate(1 minute)' });
    await vi.advanceTimersByTimeAsync(MINUTE_MS - 1);
    expect(events).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(events).toEqual([['sweep', expect.objectContaining({ source: 'aws.events' })]]);
    await vi.advanceTimersByTimeAsync(9 * MINUTE_MS);
    expect(events).toHaveLength(10);
  });

  it.each([
    ['rate(15 minutes)', 8],
    ['rate(1 hour)', 2],
  ])('take %s from the rule', async (expression, times) => {
    const { events } = start({ sweep: expression });
    await vi.advanceTimersByTimeAsync(2 * HOUR_MS);
    expect(events).toHaveLength(times);
  });

  it('invoke a function at its time of each day, by UTC', async () => {
    const { events } = start({ digest: 'cron(30 4 * * ? *)' });
    await vi.advanceTimersByTimeAsync(90 * MINUTE_MS - 1);
    expect(events).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(events).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(24 * HOUR_MS - 1);
    expect(events).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(events).toHaveLength(2);
  });

  it('wait for tomorrow when the time of today is over', async () => {
    const { events } = start({ digest: 'cron(0 3 * * ? *)' });
    await vi.advanceTimersByTimeAsync(24 * HOUR_MS - 1);
    expect(events).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(events).toHaveLength(1);
  });

  it('invoke each function by its own rule', async () => {
    const { events } = start({ sweep: 'rate(1 minute)', days: 'rate(1 hour)' });
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    const times = (name: string) => events.filter(([invoked]) => invoked === name).length;
    expect([times('sweep'), times('days')]).toEqual([60, 1]);
  });

  it('go on after a run that fails, and say so', async () => {
    const { events, lines } = start({ sweep: 'rate(1 minute)' }, () =>
      Promise.reject(new Error('no provider')),
    );
    await vi.advanceTimersByTimeAsync(2 * MINUTE_MS);
    expect(events).toHaveLength(2);
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'WARN',
      error: expect.stringContaining('no provider'),
    });
  });

  it('do not wait for an earlier run', async () => {
    const { events } = start({ sweep: 'rate(1 minute)' }, () => new Promise(() => {}));
    await vi.advanceTimersByTimeAsync(3 * MINUTE_MS);
    expect(events).toHaveLength(3);
  });

  it('end when they are stopped', async () => {
    const schedule = start({ sweep: 'rate(1 minute)', digest: 'cron(30 4 * * ? *)' });
    await schedule.running.stop();
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(2 * HOUR_MS);
    expect(schedule.events).toEqual([]);
  });

  it.each(['cron(0 * * * ? *)', 'cron(0 4 ? * MON *)', 'rate(1 day)', 'rate(0.5 minutes)', ''])(
    'refuse %j, and begin nothing',
    (expression) => {
      expect(() => start({ sweep: 'rate(1 minute)', digest: expression })).toThrow('is not supported');
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it('are no rules of a bus', () => {
    const rule = {
      Type: 'AWS::Events::Rule',
      Properties: { EventPattern: {}, Targets: [{ Arn: { Ref: 'gone' } }] },
    };
    const template = { Outputs: {}, Resources: { rule } };
    running = startSchedules({ template, invoke: async () => {}, log: () => {} });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('refuse a rule whose function is not in the template', () => {
    const rule = {
      Type: 'AWS::Events::Rule',
      Properties: { ScheduleExpression: 'rate(1 hour)', Targets: [{ Arn: { Ref: 'gone' } }] },
    };
    const template = { Outputs: {}, Resources: { rule } };
    expect(() => startSchedules({ template, invoke: async () => {}, log: () => {} })).toThrow(
      'what it refers to',
    );
  });
});

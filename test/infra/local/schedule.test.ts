import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Stoppable } from '../../../infra/local/all-started.ts';
import { startSchedule } from '../../../infra/local/schedule.ts';

const MINUTE_MS = 60_000;
let running: Stoppable | undefined;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  vi.useRealTimers();
});

const ruleOf = (ScheduleExpression: string) => ({
  Type: 'AWS::Events::Rule',
  Properties: { ScheduleExpression },
});

function start(
  rules: Record<string, ReturnType<typeof ruleOf>>,
  run: () => Promise<unknown> = async () => {},
) {
  const events: unknown[] = [];
  const lines: string[] = [];
  let stopped = 0;
  const target = {
    invoke: (event: unknown) => {
      events.push(event);
      return run();
    },
    stop: async () => {
      stopped += 1;
    },
  };
  const template = { Outputs: {}, Resources: rules };
  running = startSchedule({ template, target, log: (line) => lines.push(line) });
  return { running, events, lines, stopped: () => stopped };
}

describe('the schedule', () => {
  it('invokes the function every minute, as EventBridge would', async () => {
    const { events } = start({ sweep: ruleOf('rate(1 minute)') });
    await vi.advanceTimersByTimeAsync(MINUTE_MS - 1);
    expect(events).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(events).toEqual([expect.objectContaining({ source: 'aws.events' })]);
    await vi.advanceTimersByTimeAsync(9 * MINUTE_MS);
    expect(events).toHaveLength(10);
  });

  it('takes the rate from the rule', async () => {
    const { events } = start({ sweep: ruleOf('rate(15 minutes)') });
    await vi.advanceTimersByTimeAsync(60 * MINUTE_MS);
    expect(events).toHaveLength(4);
  });

  it('goes on after a run that fails, and says so', async () => {
    const { events, lines } = start({ sweep: ruleOf('rate(1 minute)') }, () =>
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

  it('does not wait for an earlier run', async () => {
    const { events } = start({ sweep: ruleOf('rate(1 minute)') }, () => new Promise(() => {}));
    await vi.advanceTimersByTimeAsync(3 * MINUTE_MS);
    expect(events).toHaveLength(3);
  });

  it('ends with its function', async () => {
    const schedule = start({ sweep: ruleOf('rate(1 minute)') });
    await schedule.running.stop();
    expect(schedule.stopped()).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(2 * MINUTE_MS);
    expect(schedule.events).toEqual([]);
  });

  it.each(['cron(0 * * * ? *)', 'rate(1 hour)', 'rate(0.5 minutes)', ''])('refuses %j', (expression) => {
    expect(() => start({ sweep: ruleOf(expression) })).toThrow();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('refuses a template without a rule, or with more than one', () => {
    expect(() => start({})).toThrow('exactly one AWS::Events::Rule');
    const rule = ruleOf('rate(1 minute)');
    expect(() => start({ one: rule, other: rule })).toThrow('exactly one AWS::Events::Rule');
  });
});

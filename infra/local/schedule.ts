import * as z from 'zod/mini';
import type { Template } from '../stacks/template.ts';
import type { Stoppable } from './all-started.ts';
import { referredFunction, resourcesOfType } from './resource.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const unitsMs = { minute: MINUTE_MS, hour: 60 * MINUTE_MS } as const;

const ruleSchema = z.object({
  ScheduleExpression: z.string(),
  Targets: z.array(z.object({ Arn: z.unknown() })),
});

/** What a function gets that a schedule calls, as far as ours look at it. */
export const scheduledEvent = { 'detail-type': 'Scheduled Event', source: 'aws.events' } as const;

export interface ScheduleOptions {
  readonly template: Template;
  /** Invokes the function of this logical id in the template. */
  readonly invoke: (logicalId: string, event: object) => Promise<unknown>;
  readonly log: (line: string) => void;
}

/**
 * Invokes functions as the template's EventBridge rules would, on top of an earlier run if that is not done.
 * @throws Error for an expression that is not supported, before anything is begun
 */
export function startSchedules({ template, invoke, log }: ScheduleOptions): Stoppable {
  const run = (logicalId: string) => {
    invoke(logicalId, scheduledEvent).catch((error: unknown) => {
      log(JSON.stringify({ level: 'WARN', message: 'scheduled run failed', error: String(error) }));
    });
  };
  const rules = resourcesOfType(template, 'AWS::Events::Rule').filter(
    ([, { Properties }]) => Properties['ScheduleExpression'] !== undefined,
  );
  const scheduled = rules.flatMap(([, { Properties }]) => {
    const { ScheduleExpression, Targets } = ruleSchema.parse(Properties);
    const next = readExpression(ScheduleExpression);
    return Targets.map(({ Arn }) => ({ next, logicalId: referredFunction(template, Arn)[0] }));
  });
  const stops = scheduled.map(({ next, logicalId }) => repeat(next, () => run(logicalId)));
  return {
    stop: async () => {
      for (const stop of stops) stop();
    },
  };
}

/** @returns what ends it */
function repeat(next: (now: number) => number, run: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (from: number) => {
    const at = next(from);
    timer = setTimeout(() => {
      run();
      wait(at);
    }, at - Date.now());
  };
  wait(Date.now());
  return () => clearTimeout(timer);
}

/**
 * When a schedule is due next: so many minutes or hours later, or at a time of each day, which is UTC's in a rule
 * (EventBridge user guide, "Rate expressions", "Cron expressions").
 * @throws Error when it is neither
 */
function readExpression(expression: string): (now: number) => number {
  const [, count, unit] = /^rate\((\d+) (minute|hour)s?\)$/.exec(expression) ?? [];
  if (count !== undefined) {
    const period_ms = Number(count) * unitsMs[unit as keyof typeof unitsMs];
    return (now) => now + period_ms;
  }
  const [, minute, hour] = /^cron\((\d+) (\d+) \* \* \? \*\)$/.exec(expression) ?? [];
  if (minute === undefined) throw new Error(`the schedule ${JSON.stringify(expression)} is not supported`);
  const ofDay_ms = Number(hour) * unitsMs.hour + Number(minute) * MINUTE_MS;
  return (now) => {
    const today = now - (now % DAY_MS) + ofDay_ms;
    return today > now ? today : today + DAY_MS;
  };
}

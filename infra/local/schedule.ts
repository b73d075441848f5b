import * as z from 'zod/mini';
import type { Template } from '../stacks/template.ts';
import type { Stoppable } from './all-started.ts';
import type { LocalFunction } from './lambda/function.ts';
import { resourceOfType } from './resource.ts';

const MINUTE_MS = 60_000;
const rateSchema = z.object({ ScheduleExpression: z.string().check(z.regex(/^rate\([0-9]+ minutes?\)$/)) });

export interface ScheduleOptions {
  readonly template: Template;
  readonly target: Pick<LocalFunction, 'invoke' | 'stop'>;
  readonly log: (line: string) => void;
}

/** Invokes the function as the template's one EventBridge rule would, on top of an earlier run if that is not done. */
export function startSchedule({ template, target, log }: ScheduleOptions): Stoppable {
  const { ScheduleExpression } = rateSchema.parse(resourceOfType(template, 'AWS::Events::Rule').Properties);
  const minutes = Number.parseInt(ScheduleExpression.slice('rate('.length), 10);
  const timer = setInterval(() => {
    target.invoke({ 'detail-type': 'Scheduled Event', source: 'aws.events' }).catch((error: unknown) => {
      log(JSON.stringify({ level: 'WARN', message: 'scheduled run failed', error: String(error) }));
    });
  }, minutes * MINUTE_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await target.stop();
    },
  };
}

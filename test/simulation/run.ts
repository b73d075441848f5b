import { createHash } from 'node:crypto';
import { type BugName, bugs } from './bugs.ts';
import { checkEverything } from './checker.ts';
import { drain } from './drain.ts';
import type { FaultCounts } from './faults.ts';
import { createProviders } from './gateways.ts';
import { createMail } from './mail.ts';
import { createProviderBooks } from './provider-books.ts';
import { planScenario } from './scenario.ts';
import type { Stage } from './stage.ts';
import { createStream } from './stream.ts';
import { createWecom } from './wecom.ts';
import { createWorld, type TraceEvent, type Violation } from './world.ts';

export interface RunResult {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly trace: readonly TraceEvent[];
  readonly faults: FaultCounts;
}

/** One run: a system, its payers and its troubles, all from one seed. */
export async function simulate(
  seed: number,
  bugName: BugName | null = null,
  onRequest: (request: object) => void = () => {},
): Promise<RunResult> {
  const restore = replaceGlobals();
  try {
    const world = createWorld(seed, bugName && bugs[bugName]);
    const books = createProviderBooks();
    const mail = createMail(world);
    const wecom = createWecom(world);
    world.plugs.onRequest = onRequest;
    world.plugs.fetch = wecom.fetch;
    world.plugs.onChange = createStream(world);
    const providers = createProviders(world, books, mail);
    const stage: Stage = { world, providers, books, mail, wecom, given: new Map() };
    await world.scheduler.run(planScenario(stage));
    await drain(stage);
    checkEverything(stage);
    return { seed, violations: world.violations, trace: world.trace, faults: world.faults.counts };
  } finally {
    restore();
  }
}

/**
 * Time limits are the world's to keep: those of the machine would be real timers, of no use to a virtual clock. Errors
 * are thrown by the thousand, and nobody reads where.
 */
function replaceGlobals(): () => void {
  const { timeout } = AbortSignal;
  const { stackTraceLimit } = Error;
  const never = new AbortController().signal;
  AbortSignal.timeout = () => never;
  Error.stackTraceLimit = 0;
  return () => {
    AbortSignal.timeout = timeout;
    Error.stackTraceLimit = stackTraceLimit;
  };
}

/** Two runs with the same hash went the same way. */
export function traceHash({ trace }: RunResult): string {
  return createHash('sha256').update(JSON.stringify(trace)).digest('hex');
}

/** The story of one order, or of all that a run did when the violation is of none. */
export function traceOf({ trace }: RunResult, order: string): string {
  return trace
    .filter((event) => order === '' || event.order === order || event.text.includes(order))
    .map(({ time, text }) => `  ${new Date(time).toISOString()}  ${text}`)
    .join('\n');
}

import type { Change } from '../../lib/orders/change.ts';
import type { ProviderEvent } from '../../lib/orders/event.ts';
import type { IdempotentCaller } from '../../lib/orders/idempotency.ts';
import type { PaymentReference, RefundReference, RefundRequest } from '../../lib/orders/provider-gateway.ts';
import type { Shipping } from '../../lib/orders/shipping.ts';
import { describeRequest } from './describe.ts';

/** What a process asks of the world, and then waits for. */
export type Request =
  | { readonly ask: 'read'; readonly order_no: string }
  | { readonly ask: 'write'; readonly change: Change }
  | { readonly ask: 'find'; readonly caller: IdempotentCaller }
  | { readonly ask: 'postpone'; readonly key: string; readonly seen: string; readonly next: string }
  | { readonly ask: 'clear'; readonly key: string; readonly seen: string }
  | ProviderCall;

export type ProviderCall = PaymentCall | RefundCall | ShippingCall;

export interface PaymentCall {
  readonly ask: 'createPayment' | 'query' | 'close';
  readonly payment: PaymentReference;
}

export interface ShippingCall {
  readonly ask: 'reportShipping';
  readonly payment: PaymentReference;
  readonly shipping: Shipping;
}

export type RefundCall =
  | { readonly ask: 'refund'; readonly refund: RefundRequest }
  | { readonly ask: 'queryRefund'; readonly refund: RefundReference };

/** What the world replies, and in one text, the same for the same. */
export interface Reply {
  readonly text: string;
  readonly value?: unknown;
  readonly error?: Error;
}

/** All that a process has of the world. */
export interface Surroundings {
  readonly ask: <T>(request: Request) => Promise<T>;
  readonly now: () => number;
}

/** What runs: a real function of `lib/orders` over ports that ask the world. */
export interface Program {
  /** Two programs of one name are the same. */
  readonly name: string;
  /** What it was told, when that is what started it. */
  readonly event?: ProviderEvent;
  readonly run: (surroundings: Surroundings) => Promise<unknown>;
}

export type End = { readonly result: unknown } | { readonly error: unknown };

/**
 * Where a process stands. It is what it was replied so far, and when: what a function does next depends on that alone,
 * since it has nothing else of the world. So the function is run once for each history, and known from then on.
 */
export interface Standing {
  readonly id: number;
  readonly program: Program;
  readonly before: Standing | null;
  readonly turn: Turn;
  readonly waits: Request | null;
  /** The same in words. */
  readonly does: string;
  readonly end: End | null;
  readonly next: Map<string, Standing>;
}

interface Turn {
  readonly reply: Reply | null;
  readonly now: number;
}

export interface Processes {
  start(program: Program, now: number): Standing | Promise<Standing>;
  resume(standing: Standing, reply: Reply, now: number): Standing | Promise<Standing>;
  /** How often a function was run. */
  readonly runs: () => number;
}

export function createProcesses(): Processes {
  const starts = new Map<string, Standing>();
  let runs = 0;

  async function runOn(program: Program, before: Standing | null, turn: Turn): Promise<Standing> {
    runs += 1;
    const history = [turn];
    for (let at = before; at; at = at.before) history.unshift(at.turn);
    const stop = await play(program, history);
    const does = stop.waits ? `${program.name} ${describeRequest(stop.waits)}` : program.name;
    return { id: runs, program, before, turn, ...stop, does, next: new Map() };
  }

  async function keep(
    places: Map<string, Standing>,
    place: string,
    ...[program, before, turn]: Parameters<typeof runOn>
  ): Promise<Standing> {
    const standing = await runOn(program, before, turn);
    places.set(place, standing);
    return standing;
  }

  return {
    start(program, now) {
      const place = `${program.name}@${now}`;
      return starts.get(place) ?? keep(starts, place, program, null, { reply: null, now });
    },
    resume(standing, reply, now) {
      const place = `${reply.text}@${now}`;
      return (
        standing.next.get(place) ?? keep(standing.next, place, standing.program, standing, { reply, now })
      );
    },
    runs: () => runs,
  };
}

/** More than any function takes between two requests: one that neither asks nor ends waits for something else. */
const MAX_TICKS = 10_000;

/** Runs a function with what it was replied before, until it asks for more or ends. */
async function play(
  program: Program,
  [start, ...turns]: readonly Turn[],
): Promise<Pick<Standing, 'waits' | 'end'>> {
  let now = start?.now ?? 0;
  let taken = 0;
  let waits: Request | null = null;
  let end: End | null = null;
  let isAskingTwice = false;
  const ask = async <T>(request: Request): Promise<T> => {
    const turn = turns[taken++];
    if (!turn) {
      isAskingTwice = waits !== null;
      waits = request;
      return new Promise<T>(() => {});
    }
    now = turn.now;
    if (turn.reply?.error) throw turn.reply.error;
    return turn.reply?.value as T;
  };
  program.run({ ask, now: () => now }).then(
    (result) => {
      end = { result };
    },
    (error: unknown) => {
      end = { error };
    },
  );
  for (let tick = 0; tick < MAX_TICKS && !waits && !end; tick++) await undefined;
  if (!waits && !end) throw new Error(`${program.name} waits for something that it did not ask of the world`);
  if (isAskingTwice) throw new Error(`${program.name} asks for two things at once`);
  if (taken < turns.length) throw new Error(`${program.name} does not do the same again`);
  return { waits, end };
}

import type { Io } from '../../lib/io.ts';
import type { StoreContext } from '../../lib/store/client.ts';
import type { Telemetry } from '../../lib/telemetry/telemetry.ts';
import type { Bug } from './bugs.ts';
import { createFaults, type Faults } from './faults.ts';
import type { InvariantName } from './invariants.ts';
import { createRandom, type Random } from './prng.ts';
import { createScheduler, type Scheduler, type Task } from './scheduler.ts';
import { createMemoryClient } from './table/client.ts';
import { type Change, createMemoryTable, type MemoryTable } from './table/memory-table.ts';

export interface TraceEvent {
  readonly time: number;
  readonly order: string;
  readonly text: string;
}

export interface Violation {
  readonly invariant: InvariantName;
  readonly order: string;
  readonly detail: string;
}

/** One run of one function: it has its own clock and its own connections, and it can die at any await. */
export interface Invocation {
  readonly task: Task;
  readonly io: Io;
  readonly context: StoreContext;
  /** Moves this machine's clock. */
  jumpClock(offset_ms: number): void;
  /** The sort keys of what it wrote. */
  readonly written: string[];
  /** How many requests it made to the table. */
  readonly requests: { count: number };
}

export type Outcome<T> =
  | { readonly state: 'answered'; readonly value: T }
  | { readonly state: 'threw'; readonly error: unknown }
  | { readonly state: 'died' };

export interface World {
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly table: MemoryTable;
  readonly bug: Bug | null;
  readonly trace: TraceEvent[];
  readonly violations: Violation[];
  readonly telemetry: Telemetry;
  /** What is plugged in once it is made: the network, the table's stream, and who listens to its requests. */
  readonly plugs: {
    fetch: Io['fetch'];
    onChange: (change: Change) => void;
    onRequest: (request: object) => void;
  };
  log(order: string, text: string): void;
  violate(invariant: InvariantName, order: string, detail: string): void;
  invoke<T>(name: string, order: string, run: (invocation: Invocation) => Promise<T>): Promise<Outcome<T>>;
  /** Waits as long as a message is under way. */
  travel(task: Task): Promise<void>;
}

export const START = Date.parse('2026-03-01T08:00:00.000Z');
export const TABLE_NAME = 'settle-test';
const CLOCK_JUMP_MS = 10 * 60_000;
const programmingErrors = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError']);

export function createWorld(seed: number, bug: Bug | null): World {
  const random = createRandom(seed);
  const faults = createFaults(random);
  const trace: TraceEvent[] = [];
  const violations: Violation[] = [];
  const plugs: World['plugs'] = {
    fetch: () => Promise.reject(new Error('there is no network')),
    onChange: () => {},
    onRequest: () => {},
  };
  const log = (order: string, text: string) => trace.push({ time: scheduler.now(), order, text });
  const scheduler: Scheduler = createScheduler(START, random, ({ name, order }) => {
    faults.count('crash');
    log(order, `${name} dies`);
  });
  const table = createMemoryTable(scheduler.now, (change) => plugs.onChange(change));
  const violate: World['violate'] = (invariant, order, detail) => {
    log(order, `BROKEN ${invariant}: ${detail}`);
    violations.push({ invariant, order, detail });
  };
  let invocations = 0;
  const world: World = {
    random,
    scheduler,
    faults,
    table,
    bug,
    trace,
    violations,
    log,
    violate,
    plugs,
    telemetry: {
      log(_level, message, { order_no = '' } = {}, { error } = {}) {
        if (isProgrammingError(error)) violate('no_unknown_error', order_no, `${message}: ${String(error)}`);
      },
    },
    travel: (task) => scheduler.pause(task, latency(random, faults)),
    invoke(name, order, run) {
      invocations += 1;
      return start(world, `${name} ${invocations}`, order, run);
    },
  };
  return world;
}

function start<T>(
  world: World,
  name: string,
  order: string,
  run: (invocation: Invocation) => Promise<T>,
): Promise<Outcome<T>> {
  return new Promise((resolve) => {
    const invocation = createInvocation(world, name, order, () => resolve({ state: 'died' }));
    if (world.faults.happens('clock_jump')) jump(world, invocation);
    run(invocation).then(
      (value) => resolve({ state: 'answered', value }),
      (error) => {
        world.log(order, `${name} throws ${error instanceof Error ? error.name : 'something'}`);
        if (isProgrammingError(error)) world.violate('no_unknown_error', order, String(error));
        resolve({ state: 'threw', error });
      },
    );
  });
}

function createInvocation(world: World, name: string, order: string, onCrash: () => void): Invocation {
  const { scheduler, faults, random } = world;
  const task: Task = { name, order, crashRate: faults.rate('crash') / 10, isDead: false, onCrash };
  let offset_ms = 0;
  const io: Io = {
    now: () => scheduler.now() + offset_ms,
    randomBytes: random.bytes,
    sleep: (duration_ms) => scheduler.pause(task, duration_ms),
    async fetch(...request) {
      await world.travel(task);
      const answer = await world.plugs.fetch(...request);
      await world.travel(task);
      if (faults.happens('wecom_reply_lost')) throw new Error('the reply is lost');
      return answer;
    },
  };
  const invocation: Omit<Invocation, 'context'> = {
    task,
    io,
    written: [],
    requests: { count: 0 },
    jumpClock: (jump_ms) => {
      offset_ms = jump_ms;
    },
  };
  const client = createMemoryClient(world, invocation);
  return { ...invocation, context: { client, tableName: TABLE_NAME, io } };
}

function jump({ random, log }: World, { task, jumpClock }: Invocation): void {
  const offset_ms = random.pick([-CLOCK_JUMP_MS, CLOCK_JUMP_MS]);
  jumpClock(offset_ms);
  log(task.order, `the clock of ${task.name} is off by ${offset_ms / 60_000} min`);
}

function latency(random: Random, faults: Faults): number {
  if (faults.happens('slow')) return random.between(100, 1_400);
  return random.chance(0.7) ? random.between(1, 5) : random.between(5, 60);
}

const isProgrammingError = (error: unknown): boolean =>
  error instanceof Error && programmingErrors.has(error.name);

import { isoTime } from '../../lib/io.ts';
import type { IssueResult } from '../../lib/orders/begin-payment.ts';
import type { Change } from '../../lib/orders/change.ts';
import type { SettlementResult } from '../../lib/orders/payment-event.ts';
import { checkHandedOut, checkPaidIsFinal, checkStored } from './invariants.ts';
import type { End, Program, ProviderCall, Reply, Request } from './process.ts';
import { type Answer, arrive, ProviderDown, pageOf } from './provider.ts';
import { type Running, type State, spend, without } from './state.ts';
import { debtOf, type Written } from './table.ts';
import { Violation } from './violation.ts';
import { checked, setProvider, type World } from './world.ts';

/** What a process does, one step at a time, and what can go wrong with it. */

interface Stepped {
  readonly state: State;
  /** How the process ended, when it did. */
  readonly end: End | null;
}

/** Takes a state that can be reached by what `world.doing` says. */
export type Add = (state: State) => void;

export async function start(
  world: World,
  state: State,
  program: Program,
  actor: number | null = null,
): Promise<Stepped> {
  const standing = await world.processes.start(program, state.now);
  return place(world, state, { standing, started: state.now, actor, answer: null });
}

async function resume(world: World, state: State, process: Running, reply: Reply): Promise<Stepped> {
  const next = world.processes.resume(process.standing, reply, state.now);
  const standing = next instanceof Promise ? await next : next;
  return place(world, without(state, process), { ...process, standing, answer: null });
}

/** A process goes on, or ends with what that means. */
function place(world: World, state: State, process: Running): Stepped {
  const { program, end } = process.standing;
  if (end) return { state: ended(world, state, program, end), end };
  return { state: { ...state, running: [...state.running, process] }, end: null };
}

/** What a success that is acknowledged comes to, and that it is stored then. */
const storedOutcomes: readonly string[] = [
  'settled',
  'already_settled',
  'paid_after_close',
  'paid_twice',
  'paid_superseded',
];

/** @throws Violation */
function ended(world: World, state: State, { name, event }: Program, end: End): State {
  const outcome = outcomeOf(end);
  world.ends.set(outcome, (world.ends.get(outcome) ?? 0) + 1);
  if ('error' in end) {
    if (end.error instanceof ProviderDown) return state;
    throw new Violation('no_unexpected_error', `${name}: ${outcome}`);
  }
  if (event?.type === 'succeeded' && storedOutcomes.includes(outcome)) {
    checkStored(state.table, event.payment_no, event.transaction_id);
  }
  return outcome === 'issued' ? handedOut(world, state, end.result as Issued) : state;
}

type Issued = Extract<IssueResult, { outcome: 'issued' }>;

/** What a process came to, in a word. */
export function outcomeOf(end: End): string {
  if ('error' in end) return String(end.error);
  const { outcome = 'swept' } = (end.result ?? {}) as Partial<IssueResult | SettlementResult>;
  return outcome;
}

/** The payer has the page from now on. @throws Violation */
function handedOut(world: World, state: State, { payment, page }: Issued): State {
  const { payment_no, amount, expires_at } = payment;
  if (page !== pageOf(payment_no)) throw new Violation('handed_out_is_current', page);
  checkHandedOut(state.table, payment_no);
  const { state: provider } = state.provider;
  const out = { ...provider.out, [payment_no]: { amount, expires_at } };
  return setProvider(world, state, { ...provider, out });
}

/**
 * What a process asked for happens; a call of the provider arrives there, or its answer arrives.
 * @throws Violation
 */
export async function step(world: World, state: State, process: Running): Promise<Stepped> {
  const request = process.standing.waits;
  if (!request) throw new Error('a process that has ended waits for nothing');
  world.doing = process.standing.does;
  if (!isCall(request)) return serve(world, state, process, request);
  if (process.answer) {
    world.doing += ` is answered ${process.answer.text}`;
    return resume(world, state, process, process.answer);
  }
  world.doing += ' arrives';
  const { provider, reply: answer } = arrival(world, state, process, request);
  const { running } = without(state, process);
  return { state: { ...state, provider, running: [...running, { ...process, answer }] }, end: null };
}

const isCall = (request: Request): request is ProviderCall => 'payment' in request || 'refund' in request;

function arrival(world: World, state: State, { standing }: Running, call: ProviderCall) {
  const key = `${state.provider.id} ${standing.id} ${state.now}`;
  const known = world.arrivals.get(key);
  if (known) return known;
  const arrived = arrive(state.provider.state, call, world.scenario.habits, state.now);
  const answer = world.undone.answer ? world.undone.answer(call, arrived.answer) : arrived.answer;
  const after = { provider: world.internProvider(arrived.state), reply: replyOf(answer) };
  world.arrivals.set(key, after);
  return after;
}

function replyOf(answer: Answer): Reply {
  if (answer instanceof ProviderDown) return { text: 'down', error: answer };
  return { text: JSON.stringify(answer), value: answer };
}

/** What a process asks of the store. */
function serve(
  world: World,
  state: State,
  process: Running,
  request: Exclude<Request, ProviderCall>,
): Promise<Stepped> {
  const { tables, undone } = world;
  const { table } = state;
  switch (request.ask) {
    case 'read':
      return resume(world, state, process, read(world, state, process, request.order_no));
    case 'find': {
      const record = tables.findIdempotencyRecord(table, request.caller);
      return resume(world, state, process, { text: `f${JSON.stringify(record)}`, value: record });
    }
    case 'write': {
      const written = write(world, state, request.change);
      if (!written.answer.applied) world.doing += ' (refused)';
      return resume(world, { ...state, table: written.table }, process, writeReply(written));
    }
    case 'postpone': {
      const { applied, table: after } = tables.postpone(table, request.key, request.seen, request.next);
      return resume(world, { ...state, table: after }, process, { text: `p${applied}`, value: applied });
    }
    case 'clear': {
      const owed = undone.clearsAnything ? debtOf(table, request.key) : null;
      const after = tables.clear(table, request.key, owed ? isoTime(owed.due) : request.seen);
      return resume(world, { ...state, table: after }, process, { text: 'c' });
    }
  }
}

function read({ undone }: World, { table }: State, { standing }: Running, order_no: string): Reply {
  const { snapshot, snapshotId } = table;
  if (snapshot?.order.order_no !== order_no) return { text: 'none', value: null };
  const value = undone.snapshot ? undone.snapshot(snapshot, standing.program) : snapshot;
  return { text: `r${snapshotId}`, value };
}

function write({ tables, undone }: World, { table }: State, change: Change): Written {
  const written = tables.write(table, undone.change ? undone.change(change, table) : change);
  if (written.table !== table) checkPaidIsFinal(table, written.table);
  return written;
}

const writeReply = ({ answer, answerId }: Written): Reply => ({ text: `w${answerId}`, value: answer });

/** Something goes wrong with a process. @throws Violation */
export async function fail(world: World, state: State, process: Running, add: Add): Promise<void> {
  const { waits: request, does } = process.standing;
  if (!request) return;
  const { crashes, timeouts, rewrites } = state.may;
  const left = process.answer ? state : leave(state, request);
  if (crashes > 0) {
    world.doing = `dies${process.answer ? ' after' : ''}: ${does}`;
    add(spend(without(left, process), 'crashes'));
  }
  if (timeouts > 0 && isCall(request)) {
    world.doing = `gives up waiting: ${does}`;
    const reply = { text: 'down', error: new ProviderDown('no answer') };
    add((await resume(world, spend(left, 'timeouts'), process, reply)).state);
  }
  if (rewrites > 0 && request.ask === 'write') {
    const first = write(world, state, request.change);
    if (!first.answer.applied) return;
    world.doing = `${does}, and once more`;
    const again = write(world, { ...state, table: first.table }, request.change);
    const after = spend({ ...state, table: again.table }, 'rewrites');
    add((await resume(world, after, process, writeReply(again))).state);
  }
}

/** A request that makes a difference at the provider may still arrive when nobody waits for it. */
function leave(state: State, request: Request): State {
  switch (request.ask) {
    case 'createPayment':
    case 'close':
    case 'refund':
    case 'reportShipping':
      return { ...state, late: [...state.late, { call: request, sent: state.now }] };
    default:
      return state;
  }
}

/** More than any process takes. */
const MOST_STEPS = 200;

/** Runs a process until it ends, while nothing else happens. @throws Violation */
export async function runAlone(
  world: World,
  state: State,
  program: Program,
): Promise<{ readonly state: State; readonly end: End }> {
  world.doing = program.name;
  let { state: at, end } = await start(world, { ...state, running: [] }, program);
  for (let steps = 0; steps < MOST_STEPS && !end; steps++) {
    const [process] = at.running;
    if (!process) throw new Error(`${program.name} neither runs nor ended`);
    ({ state: at, end } = await step(world, at, process));
    at = checked(world, at);
  }
  if (!end) throw new Violation('no_unexpected_error', `${program.name} does not end`);
  return { state: at, end };
}

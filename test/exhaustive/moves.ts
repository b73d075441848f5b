import { isoTime } from '../../lib/io.ts';
import type { DisputeState } from '../../lib/orders/kinds.ts';
import { CLOCK_DIFFERENCE_MS } from '../../lib/orders/schedule.ts';
import { describeMail, describeRequest } from './describe.ts';
import { sweeps } from './programs.ts';
import {
  arrive,
  decideRefund,
  dispute,
  expire,
  failPayment,
  giveBack,
  type Habits,
  hesitate,
  isSurelyOver,
  nothingHeld,
  open,
  openable,
  type ProviderState,
  pay,
  payable,
  returnable,
  sendBack,
  taken,
} from './provider.ts';
import type { Budget, Scenario } from './scenario.ts';
import { type Running, START, type State, spend } from './state.ts';
import { type Add, fail, runAlone, start, step } from './steps.ts';
import {
  callback,
  canOutlive,
  checked,
  isBeyond,
  moveClock,
  nextTime,
  setProvider,
  type World,
} from './world.ts';

/** What can happen next. */

export interface Move {
  readonly label: string;
  readonly state: State;
}

/** The state in which the search begins. @throws Violation */
export async function begin(world: World): Promise<State> {
  const { scenario } = world;
  let state: State = {
    table: world.tables.empty,
    provider: world.internProvider(scenario.provider ?? nothingHeld),
    now: START,
    running: [],
    late: [],
    begun: scenario.actors.map(() => 0),
    ahead: scenario.clock.length,
    may: scenario.may,
  };
  for (const one of scenario.before) state = await happened(world, state, one);
  return state;
}

/** Of what the console gives back: a part. */
const PART = 40;

async function happened(world: World, state: State, what: Scenario['before'][number]): Promise<State> {
  const { state: provider } = state.provider;
  if (typeof what === 'number') return moveClock(world, state, START + what);
  if (what === 'pays') {
    const { habits } = world.scenario;
    const [payment_no = ''] = payable(provider, habits, state.now);
    return setProvider(world, state, pay(provider, payment_no, habits, state.now));
  }
  if (what === 'returns') {
    const [first] = returnable(provider);
    if (!first) throw new Error('nothing to give back');
    return setProvider(world, state, giveBack(provider, first, PART, world.scenario.habits));
  }
  if (what !== 'told') return (await runAlone(world, state, what)).state;
  let after = setProvider(world, state, { ...provider, mail: [] });
  for (const mail of provider.mail) ({ state: after } = await runAlone(world, after, callback(world, mail)));
  return after;
}

/** Every move that can be made in a state; none where the order has more payments than are looked into. @throws Violation */
export async function movesOf(world: World, state: State): Promise<Move[]> {
  const moves: Move[] = [];
  if (isBeyond(world, state)) return moves;
  const add: Add = (next) => moves.push({ label: world.doing, state: checked(world, next) });
  const idle = idleActors(world, state);
  const [actor] = idle;
  // While the clock stands, beginning earlier or later makes no difference: the first request is a step of its own.
  if (nextTime(world, state) === null && actor !== undefined) {
    await beginActor(world, state, actor, add);
    return moves;
  }
  const inward = await findInward(world, state);
  for (const process of inward ? [inward] : state.running) {
    add((await step(world, state, process)).state);
    await fail(world, state, process, add);
  }
  if (inward) return moves;
  for (const one of idle) await beginActor(world, state, one, add);
  if (state.running.filter((process) => process.actor === null).length < world.scenario.atOnce) {
    await addSweeps(world, state, add);
    await addCallbacks(world, state, add);
  }
  addPayer(world, state, add);
  addProvider(world, state, add);
  addClock(world, state, add);
  return moves;
}

/** The actors that have something to begin. */
const idleActors = ({ scenario }: World, { begun, running }: State): readonly number[] =>
  scenario.actors.flatMap((programs, actor) => {
    const isBusy = running.some((process) => process.actor === actor);
    return isBusy || (begun[actor] ?? 0) >= programs.length ? [] : [actor];
  });

async function beginActor(world: World, state: State, actor: number, add: Add): Promise<void> {
  const program = world.scenario.actors[actor]?.[state.begun[actor] ?? 0];
  if (!program) throw new Error('nothing to begin');
  world.doing = `${program.name} begins`;
  const begun = state.begun.map((count, other) => (other === actor ? count + 1 : count));
  add((await start(world, { ...state, begun }, program, actor)).state);
}

/**
 * A process whose answer changes nothing but where it stands. While the clock stands nothing that happens before it
 * is taken makes a difference to that, nor that to anything: such an answer is taken at once. What else can happen to
 * the process meanwhile is tried beside it.
 */
async function findInward(world: World, state: State): Promise<Running | undefined> {
  for (const process of state.running) {
    if (!process.answer || canOutlive(world, state, process.started)) continue;
    const next = world.processes.resume(process.standing, process.answer, state.now);
    const { end } = next instanceof Promise ? await next : next;
    if (!end) return process;
  }
  return undefined;
}

async function addSweeps(world: World, state: State, add: Add): Promise<void> {
  if (state.may.sweeps < 1) return;
  for (const item of state.table.items) {
    if (item.owes?.kind !== 'check' || item.owes.due > state.now) continue;
    world.doing = `the sweep takes ${item.key}`;
    add((await start(world, spend(state, 'sweeps'), sweeps(item))).state);
  }
}

async function addCallbacks(world: World, state: State, add: Add): Promise<void> {
  for (const mail of state.provider.state.mail) {
    if (mail.copies < 1) continue;
    world.doing = `a callback begins: ${describeMail(mail)}`;
    const delivered = setProvider(world, state, taken(state.provider.state, mail));
    add((await start(world, delivered, callback(world, mail))).state);
  }
}

/** What changes at the provider, and by what of the budget. */
function providerMoves(world: World, state: State, add: Add) {
  return (label: string, what: keyof Budget | null, next: () => ProviderState): void => {
    if (what && state.may[what] < 1) return;
    world.doing = label;
    add(setProvider(world, what ? spend(state, what) : state, next()));
  };
}

function addPayer(world: World, state: State, add: Add): void {
  const { habits } = world.scenario;
  const { now } = state;
  const { state: provider } = state.provider;
  const move = providerMoves(world, state, add);
  for (const no of openable(provider, habits, now))
    move(`the payer opens ${no}`, null, () => open(provider, no));
  for (const no of payable(provider, habits, now)) {
    const held = provider.held[no];
    if (!held) continue;
    move(`the payer pays ${no}`, 'transactions', () => pay(provider, no, habits, now));
    if (held.isBeingPaid) move(`the payer does not pay ${no}`, null, () => hesitate(provider, no, false));
    if (held.state !== 'open') continue;
    if (!held.isBeingPaid)
      move(`the payer is about to pay ${no}`, 'hesitations', () => hesitate(provider, no, true));
    move(`${no} fails`, 'failures', () => failPayment(provider, no, habits));
  }
  for (const [no, { state: stands, transactions }] of Object.entries(provider.held)) {
    const paid = () => pay(provider, no, habits, now);
    if (stands === 'paid' && transactions.length === 1) {
      move(`the payer pays ${no} again`, 'secondTransactions', paid);
    }
    if (stands === 'closed') move(`${no} is paid though it was closed`, 'paidAfterClose', paid);
  }
}

function addProvider(world: World, state: State, add: Add): void {
  const { habits } = world.scenario;
  const { now, late } = state;
  const { state: provider } = state.provider;
  const move = providerMoves(world, state, add);
  for (const [no, { state: stands, expires_at }] of Object.entries(provider.held)) {
    // The provider's clock may be ahead of ours.
    const isOverThere = isSurelyOver(expires_at, now + 2 * CLOCK_DIFFERENCE_MS);
    if (stands === 'open' && isOverThere) {
      move(`${no} expires at the provider`, 'expiries', () => expire(provider, no, habits));
    }
  }
  for (const [no, { state: stands }] of Object.entries(provider.refunds)) {
    const failed = () => decideRefund(provider, no, 'failed', habits);
    if (stands === 'open') {
      move(`the provider returns ${no}`, null, () => decideRefund(provider, no, 'succeeded', habits));
      move(`the provider does not return ${no}`, null, failed);
    }
    if (stands === 'succeeded') move(`${no} is sent back`, 'sentBack', failed);
  }
  addUnasked(provider, habits, move);
  for (const request of late) {
    world.doing = `${describeRequest(request.call)} arrives late`;
    const rest = { ...state, late: late.filter((other) => other !== request) };
    add(setProvider(world, rest, arrive(provider, request.call, habits, now).state));
  }
}

/** Money that moves without our asking. */
function addUnasked(
  provider: ProviderState,
  habits: Habits,
  move: (label: string, what: keyof Budget | null, next: () => ProviderState) => void,
): void {
  for (const one of returnable(provider)) {
    const of = `of ${one.transaction_id} under ${one.payment_no}`;
    for (const amount of new Set([one.rest, PART].filter((some) => some > 0 && some <= one.rest))) {
      move(`the console gives ${amount} back ${of}`, 'returns', () =>
        giveBack(provider, one, amount, habits),
      );
    }
  }
  for (const { id, state: stands } of provider.returns) {
    if (stands === 'succeeded' && habits.tellsReturns.includes('named')) {
      move(`${id} of the console is sent back`, 'sentBack', () => sendBack(provider, id, habits));
    }
  }
  for (const [no, { state: stands }] of Object.entries(provider.held)) {
    const known = provider.disputes[no]?.state;
    const becomes = (state: DisputeState) => () => dispute(provider, no, state, habits);
    if (stands === 'paid' && !known) move(`the bank disputes ${no}`, 'disputes', becomes('open'));
    if (known === 'open') move(`the dispute of ${no} is won`, null, becomes('won'));
    if (known === 'open') move(`the dispute of ${no} is lost`, null, becomes('lost'));
  }
}

function addClock(world: World, state: State, add: Add): void {
  const next = nextTime(world, state);
  if (next === null || !state.running.every(({ started }) => canOutlive(world, state, started))) return;
  world.doing = `it is ${isoTime(next)}`;
  add(moveClock(world, { ...state, ahead: state.ahead - 1 }, next));
}

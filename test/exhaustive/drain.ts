import { checkGivenUp, checkRest, isPayable } from './invariants.ts';
import { sweeps } from './programs.ts';
import { decideRefund, hesitate } from './provider.ts';
import { nothing } from './scenario.ts';
import type { State } from './state.ts';
import { outcomeOf, runAlone } from './steps.ts';
import { recordsOf } from './table.ts';
import { Violation } from './violation.ts';
import { callback, keyOf, moveClock, setProvider, type World } from './world.ts';

/**
 * Brings a state in which nothing runs to rest: no more faults, nobody pays, the sweep runs whenever something is due,
 * and messages either all arrive in the end or are lost for good. Then holds it to what must be by then.
 */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** More rounds than anything takes that comes to rest. */
const MOST_ROUNDS = 30;

/** @param known the keys of states from which rest was found already. @throws Violation */
export async function drain(
  world: World,
  from: State,
  isAllTold: boolean,
  known: Set<string>,
): Promise<void> {
  let state: State = {
    ...nobodyPays(world, from),
    begun: world.scenario.actors.map((programs) => programs.length),
    late: [],
    ahead: 0,
    may: nothing,
  };
  const way: string[] = [];
  const told = new Set<string>();
  for (const now of [state.now, ...timesAfter(state)]) {
    state = moveClock(world, state, Math.max(now, state.now));
    state = await round(world, state, isAllTold ? told : null);
    const key = `${isAllTold} ${keyOf(world, state)}`;
    way.push(key);
    if (known.has(key)) break;
  }
  if (!known.has(way.at(-1) ?? '')) {
    checkRest(state.table, state.provider.state, world.scenario.habits, isAllTold);
    await checkPayableAgain(world, state);
  }
  for (const key of way) known.add(key);
}

function nobodyPays(world: World, state: State): State {
  const provider = Object.keys(state.provider.state.held).reduce(
    (before, payment_no) => hesitate(before, payment_no, false),
    state.provider.state,
  );
  return setProvider(world, state, provider);
}

/** When something ends, with what is then due; and when everything surely has. */
function timesAfter({ table, now }: State): readonly number[] {
  const ends = [
    table.snapshot?.order.expires_at,
    ...recordsOf(table, 'payment').map(({ expires_at }) => expires_at),
  ]
    .filter((end) => typeof end === 'string')
    .map((end) => Date.parse(end));
  const turns = ends.flatMap((end) => [end - 6 * MINUTE, end + 2 * SECOND, end + 5 * MINUTE + 14 * SECOND]);
  const last = Math.max(now, ...ends);
  const times = [...turns, last + DAY, last + 2 * DAY].filter((time) => time > now);
  return [...new Set(times)].toSorted((one, other) => one - other);
}

/** Delivers what was not delivered yet; what nobody can make anything of is sent again, after the others. */
async function tellAll(world: World, from: State, told: Set<string>): Promise<State> {
  let state = from;
  let isHeard = true;
  while (isHeard) {
    isHeard = false;
    for (const mail of state.provider.state.mail) {
      if (told.has(JSON.stringify(mail.event))) continue;
      const { state: after, end } = await runAlone(world, state, callback(world, mail));
      state = after;
      if (['not_found', 'not_settled'].includes(outcomeOf(end))) continue;
      told.add(JSON.stringify(mail.event));
      isHeard = true;
    }
  }
  return state;
}

/** Delivers, decides and sweeps until nothing more is due now. */
async function round(world: World, from: State, told: Set<string> | null): Promise<State> {
  let state = from;
  const swept = new Set<string>();
  for (let rounds = 0; rounds < MOST_ROUNDS; rounds++) {
    for (const [refund_no, { state: stands }] of Object.entries(state.provider.state.refunds)) {
      if (stands !== 'open') continue;
      const { provider } = state;
      const decided = decideRefund(provider.state, refund_no, 'succeeded', world.scenario.habits);
      state = setProvider(world, state, told ? decided : { ...decided, mail: provider.state.mail });
    }
    if (told) state = await tellAll(world, state, told);
    const { now } = state;
    const due = state.table.items.find(({ owes }) => owes?.kind === 'check' && owes.due <= now);
    if (!due) {
      checkGivenUp(state.table, state.provider.state, swept);
      return state;
    }
    swept.add(due.key);
    ({ state } = await runAlone(world, state, sweeps(due)));
  }
  throw new Violation('everything_ends', 'the sweep finds the same due again and again');
}

/** An order that can be paid, can be: or waits on an exception. */
async function checkPayableAgain(world: World, state: State): Promise<void> {
  const order = state.table.snapshot?.order;
  if (!order || !isPayable(order)) return;
  if (recordsOf(state.table, 'exception').some((exception) => exception.state === 'open')) return;
  const { end } = await runAlone(world, state, world.scenario.payer);
  const outcome = outcomeOf(end);
  if (outcome !== 'issued' && outcome !== 'paid')
    throw new Violation('order_can_be_paid_or_is_over', `${order.status}, pay: ${outcome}`);
}

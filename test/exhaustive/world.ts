import { describeRequest } from './describe.ts';
import { checkAgainstProvider, checkTable } from './invariants.ts';
import { createProcesses, type Processes, type Program, type Reply, type Standing } from './process.ts';
import { takes } from './programs.ts';
import { expire, isSurelyOver, type Mail, type ProviderState } from './provider.ts';
import type { Scenario, Undone } from './scenario.ts';
import { LONGEST_LIFE_MS, type Provider, START, type State } from './state.ts';
import { createTables, type Tables } from './table.ts';

/** What a search knows of its scenario: everything that was seen once is kept, so that the same is the same object. */
export interface World {
  readonly scenario: Scenario;
  readonly undone: Undone;
  readonly tables: Tables;
  readonly processes: Processes;
  readonly internProvider: (state: ProviderState) => Provider;
  /** What arriving at the provider came to, by what arrived where. */
  readonly arrivals: Map<string, { readonly provider: Provider; readonly reply: Reply }>;
  /** What processes came to, and how often. */
  readonly ends: Map<string, number>;
  /** What was held to the invariants. */
  readonly checked: Set<string>;
  /** What is being tried, for the end of a trace. */
  doing: string;
}

export function createWorld(scenario: Scenario, undone: Undone = {}): World {
  return {
    scenario,
    undone,
    tables: createTables(),
    processes: createProcesses(),
    internProvider: createProviders(),
    arrivals: new Map(),
    ends: new Map(),
    checked: new Set(),
    doing: '',
  };
}

function createProviders(): World['internProvider'] {
  const byText = new Map<string, Provider>();
  return (state) => {
    const { held, out, refunds, returns, disputes, shipped, mail } = state;
    const text = JSON.stringify([...[held, out, refunds, disputes, shipped].map(inOrder), returns, mail]);
    const known = byText.get(text);
    if (known) return known;
    const provider = { id: byText.size, state };
    byText.set(text, provider);
    return provider;
  };
}

const inOrder = (named: Readonly<Record<string, unknown>>) =>
  Object.entries(named).toSorted(([one], [other]) => (one < other ? -1 : 1));

export const setProvider = (world: World, state: State, provider: ProviderState): State => ({
  ...state,
  provider: world.internProvider(provider),
});

/** What delivers a message. */
export const callback = ({ undone }: World, { event }: Mail): Program =>
  takes(undone.event ? undone.event(event) : event);

/** The clock moves on, and the provider's with it. */
export function moveClock(world: World, state: State, now: number): State {
  const { habits } = world.scenario;
  const provider = Object.entries(state.provider.state.held).reduce(
    (before, [payment_no, { expires_at }]) =>
      isSurelyOver(expires_at, now) ? expire(before, payment_no, habits) : before,
    state.provider.state,
  );
  const late = state.late.filter(({ sent }) => now - sent <= LONGEST_LIFE_MS);
  return setProvider(world, { ...state, now, late }, provider);
}

/** When the clock moves on next; null when it does not. */
export const nextTime = ({ scenario }: World, { ahead }: State): number | null =>
  ahead > 0 ? START + (scenario.clock.at(-ahead) ?? 0) : null;

/** Whether the clock can move on while a process that was started then is alive. */
export function canOutlive(world: World, state: State, started: number): boolean {
  const next = nextTime(world, state);
  return next !== null && next - started <= LONGEST_LIFE_MS;
}

/** Whether the order has more payments than are looked into. */
export const isBeyond = ({ scenario }: World, { table }: State): boolean =>
  (table.snapshot?.order.payments ?? 0) > scenario.payments;

/** Tells states apart that can come to something else. */
export function keyOf({ scenario }: World, state: State): string {
  const { table, provider, now, running, late, begun, ahead, may } = state;
  const places = running.map(({ standing, started, actor, answer }) => {
    const hasMore = actor !== null && (begun[actor] ?? 0) < (scenario.actors[actor]?.length ?? 0);
    const age = ahead > 0 ? started - START : '';
    return `${standing.id}/${age}/${hasMore ? actor : ''}/${answer?.text ?? ''}`;
  });
  const requests = late.map(({ call, sent }) => `${describeRequest(call)}/${sent - START}`).toSorted();
  const left = Object.values(may).join('');
  return `${table.id} ${provider.id} ${now - START} ${ahead} ${begun.join('')} ${left} ${places.join()} ${requests.join()}`;
}

/** Of two orders in which the same processes run one, held to what always holds. @throws Violation */
export function checked(world: World, state: State): State {
  const { table, provider, now, late } = state;
  const running = state.running.toSorted((one, other) => one.standing.id - other.standing.id);
  const inFlight = [
    ...running.flatMap(({ standing, answer }) => (answer ? [] : creation(standing.waits))),
    ...late.flatMap(({ call }) => creation(call)),
  ];
  const key = `${table.id} ${provider.id} ${now} ${inFlight.join()}`;
  if (!world.checked.has(key)) {
    checkTable(table);
    checkAgainstProvider(table, provider.state, world.scenario.habits, inFlight, now);
    world.checked.add(key);
  }
  return { ...state, running };
}

const creation = (request: Standing['waits']): string[] =>
  request?.ask === 'createPayment' ? [request.payment.payment_no] : [];

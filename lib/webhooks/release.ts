import { forEachConcurrently } from '../concurrency.ts';
import { isoTime } from '../io.ts';
import { isFailing, isPaused, isPauseOver, isTimeOver, leaseUntil } from './attempt-schedule.ts';
import type { EndpointState, Receiver } from './delivery.ts';
import type { DeliveryStore, DueDelivery } from './delivery-store.ts';
import { dueAgainMessage } from './queue-message.ts';

export interface ReleasePorts {
  readonly store: Pick<
    DeliveryStore,
    'listEndpoints' | 'keepEndpoint' | 'listDue' | 'listWaiting' | 'postpone' | 'setWaiting' | 'giveUp'
  >;
  /** Puts a message into the queue of deliveries; those of a group do not hold up others'. */
  readonly send: (message: object, group: string) => Promise<void>;
  readonly now: () => number;
  readonly shouldStop: () => boolean;
  /** A delivery was given up, as it has waited too long. */
  readonly onGivenUp: (delivery: DueDelivery) => void;
  /** A delivery could not be released: it is due again later. */
  readonly onFailure: (delivery: DueDelivery, error: unknown) => void;
}

export interface Released {
  readonly released: number;
  /** What was due as the run began, as far as it was looked at, and for how long the oldest was; not what waits. */
  readonly overdue: number;
  readonly oldest_ms: number;
  /** Endpoints without a success for a day. */
  readonly failing: number;
}

/** In one run: what is left of a receiver's is released by the next. */
const MOST_PER_RECEIVER = 3_000;
const PER_SHARD = 100;
const PER_SLICE = 100;
const CONCURRENT_RELEASES = 20;
const CONCURRENT_RECEIVERS = 5;
/** The queue or the table is down: what was put off is due again in minutes. */
const MOST_FAILURES = 20;

/**
 * Puts what is due into the queue. Its due time is put off first, so that whatever dies leaves it due. What is due at an
 * endpoint that is paused waits, apart from all else, until one of those that wait was taken; of each receiver only so
 * many are released in a run, the oldest first, and each receiver has its turn.
 * @throws the store's error after retries, where it cannot be read
 */
export async function release(ports: ReleasePorts): Promise<Released> {
  const { store, now } = ports;
  const endpoints = await store.listEndpoints();
  const run = createRun(ports);
  const { overdue, oldest_ms } = await releaseDue(run, ports, endpoints);
  await releaseWaiting(run, ports, endpoints);
  const failing = endpoints.filter((endpoint) => isFailing(endpoint, now())).length;
  return { released: run.released(), overdue, oldest_ms, failing };
}

type Run = ReturnType<typeof createRun>;

/** What a run has done so far. */
function createRun({ store, send, now, shouldStop, onGivenUp, onFailure }: ReleasePorts) {
  const byReceiver = new Map<Receiver, number>();
  let [released, failures] = [0, 0];
  const isOver = () => shouldStop() || failures >= MOST_FAILURES;
  const attempt = async (delivery: DueDelivery, task: () => Promise<boolean>): Promise<boolean> => {
    if (isOver()) return false;
    try {
      return await task();
    } catch (error) {
      failures += 1;
      onFailure(delivery, error);
      return false;
    }
  };
  return {
    released: () => released,
    isOver,
    left: (receiver: Receiver) => MOST_PER_RECEIVER - (byReceiver.get(receiver) ?? 0),
    /** @returns whether it was still due */
    releaseOne: (delivery: DueDelivery) =>
      attempt(delivery, async () => {
        if (!(await store.postpone(delivery, leaseUntil(now())))) return false;
        byReceiver.set(delivery.receiver, (byReceiver.get(delivery.receiver) ?? 0) + 1);
        await send(dueAgainMessage(delivery, now()), delivery.receiver);
        released += 1;
        return true;
      }),
    letWait: (delivery: DueDelivery) => attempt(delivery, () => store.setWaiting(delivery)),
    giveUp: (delivery: DueDelivery) =>
      attempt(delivery, async () => {
        if (!(await store.giveUp(delivery, isoTime(now())))) return false;
        onGivenUp(delivery);
        return true;
      }),
  };
}

async function releaseDue(
  run: Run,
  { store, now }: ReleasePorts,
  endpoints: readonly EndpointState[],
): Promise<Pick<Released, 'overdue' | 'oldest_ms'>> {
  const paused = new Set(endpoints.filter(isPaused).map(({ receiver }) => receiver));
  const listed = new Set(endpoints.map(({ receiver }) => receiver));
  const began = now();
  const first = await store.listDue(isoTime(began), PER_SHARD);
  const oldest_ms = Math.max(0, ...first.map(({ due_at }) => began - Date.parse(due_at)));
  let done = 0;
  const see = async (delivery: DueDelivery) => {
    const { receiver } = delivery;
    const mustWait = paused.has(receiver) || run.left(receiver) <= 0;
    if (mustWait && !listed.has(receiver)) {
      listed.add(receiver);
      await store.keepEndpoint(receiver);
    }
    if (await (mustWait ? run.letWait(delivery) : run.releaseOne(delivery))) done += 1;
  };
  for (
    let due = first;
    due.length > 0 && !run.isOver();
    due = await store.listDue(isoTime(now()), PER_SHARD)
  ) {
    done = 0;
    await forEachConcurrently(due, CONCURRENT_RELEASES, see);
    // What is left is another run's, or is in the index a moment longer than in the table.
    if (done === 0) break;
  }
  return { overdue: first.length, oldest_ms };
}

/** Slice by slice, so that one with many does not take the time of the others. */
async function releaseWaiting(
  run: Run,
  ports: ReleasePorts,
  endpoints: readonly EndpointState[],
): Promise<void> {
  let turns = [...endpoints];
  while (turns.length > 0 && !run.isOver()) {
    const again: EndpointState[] = [];
    await forEachConcurrently(turns, CONCURRENT_RECEIVERS, async (endpoint) => {
      if (!run.isOver() && (await releaseSlice(run, ports, endpoint))) again.push(endpoint);
    });
    turns = again;
  }
}

/** @returns whether there may be more to do for this endpoint */
async function releaseSlice(
  run: Run,
  { store, now }: ReleasePorts,
  endpoint: EndpointState,
): Promise<boolean> {
  const { receiver } = endpoint;
  const waiting = await store.listWaiting(receiver, PER_SLICE);
  const { late = [], others = [] } = Object.groupBy(waiting, ({ due_at }) =>
    isTimeOver(due_at, now()) ? 'late' : 'others',
  );
  let done = 0;
  const count = async (isDone: Promise<boolean>) => {
    if (await isDone) done += 1;
  };
  await forEachConcurrently(late, CONCURRENT_RELEASES, (one) => count(run.giveUp(one)));
  if (isPaused(endpoint)) {
    // Only one, to see whether it is taken, and only when all before it were given up.
    const [probe] = isPauseOver(endpoint, now()) ? others : [];
    if (probe) await run.releaseOne(probe);
    return others.length === 0 && done > 0;
  }
  const taken = others.slice(0, Math.max(0, run.left(receiver)));
  await forEachConcurrently(taken, CONCURRENT_RELEASES, (one) => count(run.releaseOne(one)));
  return done > 0 && run.left(receiver) > 0;
}

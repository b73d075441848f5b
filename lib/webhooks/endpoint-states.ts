import { isoTime } from '../io.ts';
import { isPaused, isPauseOver, pauseAfterFailure } from './attempt-schedule.ts';
import type { EndpointState, Receiver } from './delivery.ts';
import type { DeliveryStore } from './delivery-store.ts';

/** How long the state of an endpoint is used before it is read again: a new event costs no read where many come. */
const LIFETIME_MS = 5_000;

/** As many as anybody has endpoints, and more. */
const MOST_HELD = 1_000;

/** How endpoints do, as one execution environment knows it. Each call may throw the store's error. */
export interface EndpointStates {
  /** Whether new events wait for the endpoint; known as of the last seconds. */
  isPaused(receiver: Receiver): Promise<boolean>;
  /** Whether one of the events that wait for the endpoint is to be tried; known as of the last seconds. */
  isPauseOver(receiver: Receiver): Promise<boolean>;
  /** It took something, or wants no more of it. Costs a write only after failures, which `isFresh` looks for anew. */
  answered(receiver: Receiver, isFresh: boolean): Promise<void>;
  /** It did not. */
  failed(receiver: Receiver): Promise<void>;
}

type Store = Pick<DeliveryStore, 'findEndpoint' | 'countFailure' | 'pause' | 'recover'>;

export function createEndpointStates(store: Store, now: () => number): EndpointStates {
  const held = new Map<Receiver, { readonly state: EndpointState | null; readonly at: number }>();

  const hold = (receiver: Receiver, state: EndpointState | null): EndpointState | null => {
    if (held.size >= MOST_HELD) held.clear();
    held.set(receiver, { state, at: now() });
    return state;
  };
  const read = async (receiver: Receiver) => hold(receiver, await store.findEndpoint(receiver));
  const find = async (receiver: Receiver): Promise<EndpointState | null> => {
    const known = held.get(receiver);
    return known && now() < known.at + LIFETIME_MS ? known.state : read(receiver);
  };
  return {
    isPaused: async (receiver) => isPaused(await find(receiver)),
    async isPauseOver(receiver) {
      const state = await find(receiver);
      return state !== null && isPauseOver(state, now());
    },
    async answered(receiver, isFresh) {
      const state = await (isFresh ? read(receiver) : find(receiver));
      if (!state?.failing_since) return;
      await store.recover(receiver);
      hold(receiver, null);
    },
    async failed(receiver) {
      const state = await store.countFailure(receiver, isoTime(now()));
      const until = pauseAfterFailure(state, now());
      const isPausedNow = until !== null && (await store.pause(state, until));
      hold(receiver, isPausedNow ? { ...state, paused_until: until } : state);
    },
  };
}

import { type Inbox, keepEvent } from '../../infra/client/receive-webhook.ts';
import type { WebhookEvent } from '../../infra/client/webhook-events.ts';
import type { DomainEvent } from '../../lib/domain-events/domain-event.ts';
import type { PutEvents } from '../../lib/domain-events/publish.ts';
import { type Instance, passage } from './instance.ts';
import type { Surroundings } from './surroundings.ts';

/** EventBridge with what comes after it, as a shop sees that: each event once or more, in any order, sooner or later. */
export interface Bus {
  readonly putEventsOf: (instance: Instance) => PutEvents;
  /** Brings an event to the shop, as the bus does with what it took. */
  readonly deliver: (event: DomainEvent) => void;
  /** What the shop's receiver knows. */
  readonly inbox: Inbox;
  /** What came, in its order. */
  readonly came: readonly DomainEvent[];
}

const MINUTE_MS = 60_000;
/** A receiver that was down for a day gets it then. */
const LATEST_MS = 25 * 60 * MINUTE_MS;
/** EventBridge takes no more at once. */
const MOST_ENTRIES = 10;

export function createBus(world: Surroundings): Bus {
  const { clock, random, faults, marks, tell } = world;
  const inbox: Inbox = { ids: new Set(), newest: new Map() };
  const came: DomainEvent[] = [];

  const arrive = (event: DomainEvent) => {
    if (inbox.ids.has(event.id)) marks.take('event_came_again');
    came.push(event);
    const { type, timestamp, data } = event;
    keepEvent(inbox, event.id, { type, timestamp, data } as WebhookEvent);
  };
  const deliver = (event: DomainEvent) => {
    const repeats = faults.happens('event_repeated') ? 2 : 1;
    for (let times = 0; times < repeats; times += 1) {
      const late = faults.happens('event_late');
      clock.after(late ? random.between(MINUTE_MS, LATEST_MS) : random.between(50, 5_000), () =>
        arrive(event),
      );
    }
  };

  return {
    inbox,
    came,
    deliver,
    putEventsOf: (instance) => async (events) => {
      if (events.length > MOST_ENTRIES) throw new Error('not understood: more entries than a request takes');
      await passage(world, instance, random.between(5, 60));
      if (faults.happens('bus_unreachable')) {
        await passage(world, instance, random.between(10, 3_000));
        throw new Error('the bus is not there');
      }
      const taken = events.map(() => !faults.happens('bus_refuses_some'));
      for (const [index, event] of events.entries()) if (taken[index]) deliver(event);
      await passage(world, instance, random.between(5, 60));
      if (faults.happens('bus_reply_lost')) {
        tell('the reply of the bus is lost');
        throw new Error('the reply is lost');
      }
      return taken;
    },
  };
}

import { systemIo } from '../../../lib/io.ts';
import type { Provider } from '../../../lib/orders/kinds.ts';
import { tenantOrderNumber } from '../../../lib/orders/order-number.ts';
import type { RawMessage, ReceivedEvent, ReceiveMessage } from '../../../lib/providers/message.ts';

/** Verifies a message and reads it, to the number of the order that it pays. */
export type Receive = (message: RawMessage) => string | Promise<string>;

export interface Contestant {
  readonly name: string;
  readonly receive: Receive;
  /** What of Settle's work it leaves out. */
  readonly omits: string;
}

export interface Peer extends Contestant {
  /** Its cost over Settle's is to be at least this; null where that is not asked. */
  readonly goal: number | null;
}

/** Settle, what it cannot go below, and the packages that do the same. All parse their keys once, if they can. */
export interface Contest {
  readonly provider: Provider;
  /** Different from each other, as real ones are; each pays the order at its place in `orderNumbers`. */
  readonly messages: readonly RawMessage[];
  /** What Settle's function reads from its secret. */
  readonly document: object;
  readonly settle: Receive;
  readonly floor: Contestant;
  /** Settle's cost over the floor's is to be at most this; null where that is not asked. */
  readonly floorGoal: number | null;
  readonly peers: readonly Peer[];
}

const MESSAGE_COUNT = 64;

/** The orders of tenant 7 that the messages pay. */
export const orderNumbers: readonly string[] = Array.from({ length: MESSAGE_COUNT }, () =>
  tenantOrderNumber(Date.now(), systemIo.randomBytes),
);

/** Settle's own way, from a function's first look at a message to the event that it stores; at once where that is. */
export function receiveWithSettle(receive: ReceiveMessage): Receive {
  const orderNumberOf = (event: ReceivedEvent) => event?.payment_no ?? '';
  return (message) => {
    const event = receive(message);
    return event instanceof Promise ? event.then(orderNumberOf) : orderNumberOf(event);
  };
}

/** The header of that name, which a genuine message has. */
export function header({ headers }: RawMessage, name: string): string {
  const value = headers[name];
  if (value === undefined) throw new Error(`the message has no ${name}`);
  return value;
}

/** @throws Error when a contestant takes a genuine message for a forged one */
export function assertGenuine(isGenuine: boolean): void {
  if (!isGenuine) throw new Error('a genuine message was refused');
}

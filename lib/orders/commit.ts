import { type Io, jitter } from '../io.ts';
import type { Change, Records } from './change.ts';
import { markEvents } from './event-marks.ts';
import type { IdempotencyRecord } from './idempotency.ts';
import type { Payment } from './payment.ts';
import type { Snapshot } from './snapshot.ts';

/** What is stored of orders. Each call rejects when the outcome is unknown. */
export interface OrderStore {
  /** Everything of an order, read at once; null when there is none. */
  read(order_no: string): Promise<Snapshot | null>;
  /** Writes a change as a whole, if all that it expects holds. */
  write(change: Change): Promise<WriteResult>;
}

export type WriteResult =
  | { readonly applied: true }
  /** For each of the change's writes: null where its expectation held, else the item as it is stored. */
  | { readonly applied: false; readonly refused: readonly (Refusal | null)[] };

export interface Refusal {
  /** Undefined when there is no such item. */
  readonly order?: Records['order'];
  readonly payment?: Records['payment'];
  readonly idempotency?: Records['idempotency'];
}

/** What is to be written and what that comes to; or a payment that its provider must be asked to close first. */
export type Step<R> =
  | {
      readonly result: R;
      readonly change: Change | null;
      /** What it comes to when the change's idempotency key was used before. */
      readonly taken?: (record: IdempotencyRecord) => R;
    }
  | { readonly close: Payment };

/**
 * What closing a payment came to at its provider. `absent`: it holds none (yet); `being_paid`; `changed`: it told of
 * something that is stored now; `unknown`: nobody can be asked, as its merchant is not configured.
 */
export type Closing = 'closed' | 'absent' | 'being_paid' | 'changed' | 'unknown';

/** What a step was told when it asked: about this very version of the payment. */
export interface Closed {
  readonly payment: Payment;
  readonly closing: Exclude<Closing, 'changed'>;
}

export interface CommitPorts {
  readonly store: OrderStore;
  readonly io: Pick<Io, 'now' | 'sleep' | 'randomBytes'>;
}

export interface ClosingPorts extends CommitPorts {
  readonly closeAtProvider: (payment: Payment) => Promise<Closing>;
}

/** The order changes faster than a change of it can be written. Nothing was written. */
export class ContentionError extends Error {
  override readonly name = 'ContentionError';

  constructor() {
    super('the order changes faster than it can be written');
  }
}

const MAX_TRIES = 12;
const FIRST_DELAY_MS = 10;
const LONGEST_DELAY_MS = 300;

/**
 * The one loop: reads an order, decides, and writes; when what was decided on has changed meanwhile, once more. A step
 * that asks for a payment to be closed is told, and decides again about the same reading.
 * @throws ContentionError, and what the store and the provider throw
 */
export async function commit<R>(
  ports: CommitPorts | ClosingPorts,
  order_no: string,
  decide: (snapshot: Snapshot | null, closed: Closed | null) => Step<R>,
): Promise<R> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    if (tries > 0) {
      const longest_ms = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** tries);
      await ports.io.sleep(jitter(ports.io, longest_ms));
    }
    const snapshot = await ports.store.read(order_no);
    const step = await decideWithProvider(ports, decide, snapshot);
    if (step === 'changed') continue;
    if (!step.change) return step.result;
    const answer = await ports.store.write(markEvents(step.change, snapshot, ports.io.now()));
    if (answer.applied) return step.result;
    const record = answer.refused.find((refusal) => refusal?.idempotency)?.idempotency;
    if (record && step.taken) return step.taken(record);
  }
  throw new ContentionError();
}

async function decideWithProvider<R>(
  ports: CommitPorts | ClosingPorts,
  decide: (snapshot: Snapshot | null, closed: Closed | null) => Step<R>,
  snapshot: Snapshot | null,
): Promise<Exclude<Step<R>, { close: Payment }> | 'changed'> {
  const step = decide(snapshot, null);
  if (!('close' in step)) return step;
  if (!('closeAtProvider' in ports)) throw new Error('nobody can close a payment here');
  const closing = await ports.closeAtProvider(step.close);
  if (closing === 'changed') return closing;
  const next = decide(snapshot, { payment: step.close, closing });
  if ('close' in next) throw new Error('a payment is asked about once for a decision');
  return next;
}

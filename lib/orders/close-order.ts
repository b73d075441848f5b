import { asSeen, changeOf, type ItemWrite } from './change.ts';
import { type AskingPorts, closeAtProvider, missingMerchant } from './check-payment.ts';
import { closeOrder, paymentClosed } from './close-payment.ts';
import { type Closed, commit, type Step } from './commit.ts';
import { isOneOf, payableStatuses } from './kinds.ts';
import type { Order } from './order.ts';
import type { Payment } from './payment.ts';
import { currentPayment, type Snapshot } from './snapshot.ts';

export interface CloseOrderRequest {
  readonly order_no: string;
  /** The `sub` of who asks. */
  readonly by: string;
}

/** `not_closed`: it is paid, or is being paid. */
export type CloseOrderResult =
  | { readonly outcome: 'closed'; readonly snapshot: Snapshot }
  | { readonly outcome: 'not_closed' | 'not_found' };

/**
 * Gives an order up: its payment is closed at the provider first. Nothing remembers that it was asked: what cannot be
 * closed at once is not. To whom `mayClose` denies it there is no such order.
 * @throws what `commit` throws
 */
export function closeOrderOnRequest(
  ports: AskingPorts,
  { order_no, by }: CloseOrderRequest,
  mayClose: (order: Order) => boolean,
): Promise<CloseOrderResult> {
  const closing = { ...ports, closeAtProvider: (payment: Payment) => closeAtProvider(ports, payment) };
  return commit<CloseOrderResult>(closing, order_no, (snapshot, closed) =>
    snapshot && mayClose(snapshot.order)
      ? decideClosing(snapshot, by, closed, ports.io.now())
      : { result: { outcome: 'not_found' }, change: null },
  );
}

/** What a wish to close an order means for it as it is stored. */
function decideClosing(
  snapshot: Snapshot,
  by: string,
  closed: Closed | null,
  now: number,
): Step<CloseOrderResult> {
  const { order } = snapshot;
  if (order.status === 'closed') return { result: { outcome: 'closed', snapshot }, change: null };
  const refusal = { result: { outcome: 'not_closed' }, change: null } as const;
  if (!isOneOf(payableStatuses, order.status)) return refusal;
  const current = currentPayment(snapshot);
  if (current && current.state !== 'closed' && !closed) return { close: current };
  if (current && closed?.closing === 'unknown') {
    return { ...refusal, change: changeOf(order.order_no, missingMerchant(snapshot, current, now)) };
  }
  if (closed && closed.closing !== 'closed' && closed.closing !== 'absent') return refusal;
  return {
    result: {
      outcome: 'closed',
      snapshot: { ...snapshot, order: { ...order, status: 'closed', closed_by: by } },
    },
    change: changeOf(order.order_no, [closeOrder(order, now, by), ...endOf(current, closed)]),
  };
}

/** A payment that its provider does not hold may still arrive there, and is asked about until it cannot. */
function endOf(current: Payment | undefined, closed: Closed | null): ItemWrite[] {
  if (!current) return [];
  // Stryker disable next-line OptionalChaining: what is not closed was asked about
  return current.state === 'closed' || closed?.closing === 'closed'
    ? [paymentClosed(current)]
    : [{ check: 'payment', of: current.n, expects: asSeen(current) }];
}

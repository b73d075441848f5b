import { isoTime } from '../iso-time.ts';
import type { Order, ShopOrder } from './order.ts';
import { paymentNumber } from './order-number.ts';
import type { PaymentEvent } from './payment-event.ts';
import type { SettlementResult, WriteAnswer } from './settle.ts';
import { payableStatuses } from './transition.ts';

/** The provider takes payment for at most 7 days; a day less leaves room for clocks and retries. */
const PAYABLE_MS = 6 * 24 * 3_600_000;

/** "prepay_id 有效期为 2 小时", whatever `time_expire` says. */
const PREPAY_MS = 2 * 3_600_000;

/** A payer needs this long to finish what is given out. */
const PREPAY_MARGIN_MS = 5 * 60_000;

const MAX_WRITES = 4;

export interface PayStore {
  getOrder(order_no: string): Promise<Order | undefined>;
  /** Makes the order one whose payment the provider is asked for, and about which it will be asked. */
  startPayment(seen: ShopOrder, changes: Partial<ShopOrder> & { updated_at: string }): Promise<WriteAnswer>;
  updateOrder(seen: ShopOrder, changes: Partial<ShopOrder>): Promise<WriteAnswer>;
}

export interface PayPorts {
  readonly store: PayStore;
  readonly now: () => number;
  /** Asks the provider for a prepay_id. */
  readonly createPrepay: (order: ShopOrder & { openid: string; expires_at: string }) => Promise<string>;
  /** The very same settlement as that of a callback; for an order that costs nothing. */
  readonly settle: (event: PaymentEvent) => Promise<SettlementResult>;
}

export type PayResult =
  | { readonly outcome: 'not_found' | 'not_payable' | 'paid' }
  | { readonly outcome: 'prepaid'; readonly prepay_id: string };

/** Pays an order of `user_id`: at once when it costs nothing, else with a prepay_id for its payer. */
export async function payShopOrder(ports: PayPorts, order_no: string, user_id: string): Promise<PayResult> {
  const order = await ports.store.getOrder(order_no);
  if (!order || order.kind === 'tenant' || order.user_id !== user_id) return { outcome: 'not_found' };
  if (!isPayable(order, ports.now())) return { outcome: 'not_payable' };
  if (order.amount === 0) return payFree(ports, order);
  return payWithPrepay(ports, order);
}

async function payFree({ settle }: PayPorts, order: ShopOrder): Promise<PayResult> {
  const { outcome } = await settle({
    type: 'succeeded',
    order_no: paymentNumber(order),
    provider: null,
    amount: 0,
    currency: order.currency,
    transaction_id: null,
  });
  return { outcome: outcome === 'settled' || outcome === 'already_settled' ? 'paid' : 'not_payable' };
}

async function payWithPrepay(ports: PayPorts, found: ShopOrder): Promise<PayResult> {
  const started = await start(ports, found);
  if (!started) return { outcome: 'not_payable' };
  if (hasGoodPrepay(started, ports.now())) return { outcome: 'prepaid', prepay_id: started.prepay.prepay_id };

  const prepay_id = await ports.createPrepay(started);
  const now = ports.now();
  const prepay = { prepay_id, expires_at: isoTime(now + PREPAY_MS) };
  // Only a cache: when the order has moved on meanwhile, the next request asks the provider again.
  await ports.store.updateOrder(started, { prepay, updated_at: isoTime(now) });
  return { outcome: 'prepaid', prepay_id };
}

type StartedOrder = ShopOrder & { readonly openid: string; readonly expires_at: string };

/**
 * Stores that the provider is being asked before it is: from then on what it holds cannot change, and
 * `expires_at` is the one that it was first told. Null when the order has become one that takes no payment.
 */
async function start({ store, now }: PayPorts, found: ShopOrder): Promise<StartedOrder | null> {
  let order = found;
  for (let writes = 0; writes < MAX_WRITES; writes++) {
    if (!isPayable(order, now()) || order.amount === 0) return null;
    if (order.openid === null) throw new Error('an order that costs money has no openid');
    const { openid, expires_at, status } = order;
    if (expires_at !== null && status === 'pending') return { ...order, openid, expires_at };

    const changes = {
      status: 'pending',
      expires_at: expires_at ?? isoTime(now() + PAYABLE_MS),
      updated_at: isoTime(now()),
    } as const;
    const answer = await store.startPayment(order, changes);
    if (answer.applied) return { ...order, ...changes, openid, version: order.version + 1 };
    if (!answer.order || answer.order.kind === 'tenant') return null;
    order = answer.order;
  }
  throw new Error('the order changes faster than it can be written');
}

function isPayable({ status, expires_at }: ShopOrder, now: number): boolean {
  return (
    payableStatuses.some((payable) => payable === status) &&
    (expires_at === null || expires_at > isoTime(now))
  );
}

function hasGoodPrepay(
  order: ShopOrder,
  now: number,
): order is ShopOrder & { prepay: { prepay_id: string } } {
  return order.prepay !== null && order.prepay.expires_at > isoTime(now + PREPAY_MARGIN_MS);
}

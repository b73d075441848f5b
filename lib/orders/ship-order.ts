import { isoTime } from '../io.ts';
import { asSeen, changeOf, exceptionEnded, type ItemWrite, paymentUpdate, type Update } from './change.ts';
import type { AskingPorts } from './check-payment.ts';
import { commit, type Step } from './commit.ts';
import { exceptionOnce } from './exception.ts';
import type { Order } from './order.ts';
import type { Payment } from './payment.ts';
import type { ShippingAnswer } from './provider-gateway.ts';
import { type Debt, FIRST_CHECK_MS, shippingDeadline } from './schedule.ts';
import {
  isSameShipment,
  MAX_TOLD,
  MOST_ITEMS_CHARACTERS,
  type Shipment,
  type Shipping,
  type ShippingSettings,
} from './shipping.ts';
import { findPayment, payingPayment, type Snapshot } from './snapshot.ts';

export type ShipResult =
  /** The provider knows it (`told`), does not know it yet (`open`), or says why it does not take it (`refused`). */
  | { readonly outcome: 'shipped'; readonly snapshot: Snapshot; readonly shipping: Shipping }
  | {
      readonly outcome:
        | 'not_found'
        /** Nothing of it was paid for at a provider that wants to know; or all of it has gone back. */
        | 'not_paid'
        /** The provider was told and corrected before. */
        | 'corrected_before'
        /** The provider does not ask for it, or the app has no secret here. */
        | 'unsupported';
    };

/**
 * Keeps that an order was sent and tells its provider at once. What the provider does not take for now stays owed, and is
 * told again until it does.
 * @throws ContentionError, and what the store throws
 */
export async function shipOrder(
  ports: AskingPorts & { readonly onProviderFailure: (shipping: Shipping, error: unknown) => void },
  order_no: string,
  shipment: Shipment,
  mayShip: (order: Order) => boolean,
): Promise<ShipResult> {
  const decided = await commit<ShipResult>(ports, order_no, (snapshot) =>
    snapshot && mayShip(snapshot.order)
      ? decideShipping(snapshot, shipment, ports.io.now())
      : { result: { outcome: 'not_found' }, change: null },
  );
  if (decided.outcome !== 'shipped' || decided.shipping.state !== 'open') return decided;
  try {
    const told = await tellShipping(ports, order_no);
    return told === 'unsupported' ? { outcome: told } : { ...decided, shipping: told };
  } catch (error) {
    ports.onProviderFailure(decided.shipping, error);
    return decided;
  }
}

/** What the wish to tell that an order was sent means for it as it is stored. */
function decideShipping(snapshot: Snapshot, shipment: Shipment, now: number): Step<ShipResult> {
  const { order, shipping } = snapshot;
  const payment = payingPayment(snapshot);
  if (!payment || !isOwed(snapshot)) return { result: { outcome: 'not_paid' }, change: null };
  const isKnown = shipping && isSameShipment(shipping, shipment) && shipping.state !== 'refused';
  if (isKnown) return { result: { outcome: 'shipped', snapshot, shipping }, change: null };
  if (shipping && shipping.told >= MAX_TOLD) return { result: { outcome: 'corrected_before' }, change: null };
  const next = shippingOf(payment, shipment, shipping, now);
  const owes: Debt = { kind: 'check', due: now + FIRST_CHECK_MS };
  const { version: _version, ...set } = next;
  const write: ItemWrite = shipping
    ? { update: 'shipping', of: null, set, owes, expects: asSeen(shipping) }
    : { put: 'shipping', record: next, owes };
  return {
    result: { outcome: 'shipped', snapshot: { ...snapshot, shipping: next }, shipping: next },
    change: changeOf(order.order_no, [write]),
  };
}

/** Whether something of it was paid for and has not gone back. */
const isOwed = ({ order: { status } }: Snapshot): boolean => status === 'paid' || status === 'refunding';

/** One that corrects another is requested after it, whatever the clock says: its provider goes by that. */
const shippingOf = (
  { order_no, n, payment_no, provider }: Payment,
  shipment: Shipment,
  before: Shipping | null,
  now: number,
): Shipping => ({
  ...{ order_no, payment: n, payment_no, provider },
  ...shipment,
  state: 'open',
  version: (before?.version ?? 0) + 1,
  told: before?.told ?? 0,
  refusal: null,
  requested_at: isoTime(before ? Math.max(now, Date.parse(before.requested_at) + 1) : now),
  told_at: before?.told_at ?? null,
});

/**
 * Tells the provider what is known of an order that was sent, unless it knows or has refused it, and keeps what it says.
 * @returns how it is stored then; `unsupported` where nobody can be told
 * @throws ProviderCallError, ContentionError, and what the store throws
 */
export async function tellShipping(ports: AskingPorts, order_no: string): Promise<Shipping | 'unsupported'> {
  const { shipping, payment } = sentOf(await ports.store.read(order_no));
  if (shipping.state !== 'open') return shipping;
  const merchant = await ports.merchants.find(payment.provider, payment.merchant);
  const answer: ShippingAnswer = merchant
    ? await merchant.gateway.reportShipping(payment, shipping)
    : { state: 'unsupported' };
  return commit<Shipping | 'unsupported'>(ports, order_no, (snapshot) =>
    decideTold(snapshot, shipping, answer, ports.io.now()),
  );
}

/** What was sent, and the payment that it names. */
function sentOf(stored: Snapshot | null) {
  const shipping = stored?.shipping;
  const payment = shipping && findPayment(stored, shipping.payment);
  if (!payment) throw new Error('what was sent names no payment');
  return { snapshot: stored, shipping, payment };
}

/**
 * What has been corrected meanwhile is told anew, whatever became of what was told, which is counted unless it was. One
 * request that is told twice at once is told once.
 */
function decideTold(
  stored: Snapshot | null,
  asked: Shipping,
  answer: ShippingAnswer,
  now: number,
): Step<Shipping | 'unsupported'> {
  const { snapshot, shipping, payment } = sentOf(stored);
  const wasTold = answer.state === 'told';
  if (shipping.requested_at !== asked.requested_at) {
    const counted = update(shipping, { told: onceMore(shipping), told_at: isoTime(now) });
    const isCounted = !wasTold || shipping.told > asked.told;
    return { result: shipping, change: isCounted ? null : changeOf(shipping.order_no, [counted]) };
  }
  if (shipping.state === 'told' || (shipping.state === 'refused' && !wasTold)) {
    return { result: shipping, change: null };
  }
  const next = afterAnswer(shipping, answer, now);
  const { version: _version, ...set } = next;
  // Of what has gone back meanwhile its provider keeps nothing.
  const isOver = wasTold || !isOwed(snapshot);
  const exceptions = isOver ? endNotShipped(snapshot, now) : notShipped(snapshot, payment, next.refusal, now);
  return {
    result: answer.state === 'unsupported' ? 'unsupported' : next,
    change: changeOf(shipping.order_no, [{ ...update(shipping, set), owes: null }, ...exceptions]),
  };
}

/** What was overtaken is answered as if it had been taken: there are no more than there can be. */
const onceMore = ({ told }: Shipping): number => Math.min(MAX_TOLD, told + 1);

function afterAnswer(shipping: Shipping, answer: ShippingAnswer, now: number): Shipping {
  const version = shipping.version + 1;
  if (answer.state === 'told') {
    const told_at = isoTime(now);
    return { ...shipping, version, state: 'told', told: onceMore(shipping), refusal: null, told_at };
  }
  const refusal = answer.state === 'refused' ? answer.code : answer.state;
  return { ...shipping, version, state: 'refused', refusal };
}

const update = (
  shipping: Shipping,
  set: Extract<Update, { update: 'shipping' }>['set'],
): Extract<Update, { update: 'shipping' }> => ({
  update: 'shipping',
  of: null,
  set,
  expects: asSeen(shipping),
});

/** Nobody has to see to it any more. */
const endNotShipped = ({ exceptions }: Snapshot, now: number): ItemWrite[] =>
  exceptions
    .filter(({ kind, state }) => kind === 'not_shipped' && state === 'open')
    .map((exception) =>
      exceptionEnded(exception, {
        ...{ resolution: 'repaired', reason: 'its provider has been told', by: 'settle', at: isoTime(now) },
        ...{ entries: [], refund_no: null },
      }),
    );

/** A person has to see to it: the provider keeps the money. */
function notShipped(snapshot: Snapshot, payment: Payment, refusal: string | null, now: number) {
  const { provider, merchant, payment_no, transaction_id, amount, currency } = payment;
  const subject = { provider, merchant, payment_no, transaction_id, amount, currency, reason: refusal };
  return exceptionOnce(snapshot, { kind: 'not_shipped', ...subject }, now);
}

/**
 * Looks at a paid payment of goods whose time has come: a meal that is fetched is told of; what its provider does not know
 * by then is an exception.
 * @throws as `tellShipping`
 */
export async function checkShipping(
  ports: AskingPorts,
  { order_no, n }: Pick<Payment, 'order_no' | 'n'>,
  settings: ShippingSettings,
): Promise<{ readonly outcome: Exclude<CheckedShipping, 'to_tell'> }> {
  const outcome = await commit(ports, order_no, (snapshot) =>
    decideCheck(snapshot, n, settings, ports.io.now()),
  );
  if (outcome !== 'to_tell') return { outcome };
  await tellShipping(ports, order_no);
  return { outcome: 'open' };
}

/** `open`: there is time left; `cleared`: nothing is to be seen to any more. */
type CheckedShipping = 'open' | 'cleared' | 'not_shipped' | 'to_tell';

function decideCheck(
  snapshot: Snapshot | null,
  n: number,
  { mealPickup, withinHours }: ShippingSettings,
  now: number,
): Step<CheckedShipping> {
  const payment = snapshot && payingPayment(snapshot);
  const done = { result: 'cleared', change: null } as const;
  if (!payment || payment.n !== n) return done;
  const { order, shipping } = snapshot;
  const wasTold = shipping !== null && shipping.told > 0;
  // What has gone back needs not be sent.
  if (wasTold || !isOwed(snapshot)) return done;
  const { order_no } = order;
  if (!shipping && mealPickup && order.kind === 'meal') {
    const record = shippingOf(payment, fetchedMeal(order), null, now);
    const owes: Debt = { kind: 'check', due: now + FIRST_CHECK_MS };
    return { result: 'to_tell', change: changeOf(order_no, [{ put: 'shipping', record, owes }]) };
  }
  const deadline = shippingDeadline(payment.paid_at ?? payment.begun_at, withinHours);
  // While some of it is on its way back, all of it may be.
  if (now < deadline || order.status === 'refunding') return { result: 'open', change: null };
  const told = notShipped(snapshot, payment, shipping?.refusal ?? null, now);
  return {
    result: 'not_shipped',
    change: changeOf(order_no, [...told, paymentUpdate(payment, {}, null)]),
  };
}

/** A meal that its buyer fetches, in as many words as a provider takes. */
const fetchedMeal = ({ order_no, description }: Order): Shipment => ({
  logistics_type: 'pickup',
  items: [...(description || order_no)].slice(0, MOST_ITEMS_CHARACTERS).join(''),
  parcels: [],
});

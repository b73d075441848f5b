import type { Order, Provider } from '../../lib/orders/order.ts';
import type {
  CloseAnswer,
  PaymentAnswer,
  PaymentReference,
  ProviderGateway,
  RefundAnswer,
  RefundRequest,
} from '../../lib/orders/provider-gateway.ts';
import { ProviderCallError } from '../../lib/providers/errors.ts';
import type { Mail } from './mail.ts';
import {
  type HeldPayment,
  type HeldRefund,
  makePayment,
  type ProviderBooks,
  paymentEvent,
  refundEvent,
  restOf,
} from './provider-books.ts';
import type { Invocation, World } from './world.ts';

/** The providers as a function of ours reaches them: over a network, with their own books at the far end. */
export interface Providers {
  gateway(invocation: Invocation): (provider: Provider) => Promise<ProviderGateway>;
  /** Makes the order's payment at its provider, or finds the one that was made. */
  create(
    invocation: Invocation,
    order: Order & { readonly expires_at: string },
    isUnnamed: boolean,
  ): Promise<HeldPayment>;
  /** A provider that is out answers nothing. */
  readonly outages: Set<Provider>;
}

export function createProviders(world: World, books: ProviderBooks, mail: Mail): Providers {
  const outages = new Set<Provider>();
  const { scheduler, random, faults } = world;

  const call = async <T>(
    { task }: Invocation,
    provider: Provider,
    name: string,
    answer: () => T,
  ): Promise<T> => {
    await world.travel(task);
    const fail = (reason: string, status: number | null) => {
      world.log(task.order, `${task.name}: ${provider} ${name} fails: ${reason}`);
      return new ProviderCallError(provider, status, reason);
    };
    if (outages.has(provider)) throw fail('outage', null);
    if (faults.happens('provider_request_lost')) throw fail('request lost', null);
    if (faults.happens('provider_error')) throw fail('error', 500);
    const given = answer();
    world.log(task.order, `${task.name}: ${provider} ${name} → ${inShort(given)}`);
    await world.travel(task);
    if (faults.happens('provider_reply_lost')) throw fail('reply lost', null);
    return given;
  };

  const query = (payment: HeldPayment | undefined): PaymentAnswer => {
    if (!payment) return { state: 'absent' };
    expire(payment, scheduler.now());
    const [transaction] = payment.transactions;
    if (transaction) return { state: 'decided', event: paymentEvent(payment, 'succeeded', transaction) };
    if (payment.state === 'closed') return { state: 'decided', event: paymentEvent(payment, 'closed', null) };
    if (payment.hasFailed) return { state: 'decided', event: paymentEvent(payment, 'failed', null) };
    return { state: 'open' };
  };

  const close = (
    provider: Provider,
    payment: HeldPayment | undefined,
    { expires_at }: PaymentReference,
    { io }: Invocation,
  ): CloseAnswer => {
    // An Alipay page that was not opened yet can be paid until it expires, so its absence proves nothing before.
    if (!payment) {
      return provider === 'alipay' && Date.parse(expires_at) > io.now() ? 'not_closed' : 'closed';
    }
    if (payment.state === 'paid' || faults.happens('provider_busy')) return 'not_closed';
    payment.state = 'closed';
    return 'closed';
  };

  const refund = (provider: Provider, request: RefundRequest): RefundAnswer => {
    const known = books.refunds.get(request.refund_no);
    if (known) return refundAnswer(known);
    const payment = books.payments.get(request.order_no);
    const { transaction_id } = request;
    const transaction = payment?.transactions.find(
      ({ id }, index) => id === transaction_id || (transaction_id === null && index === 0),
    );
    if (!payment || !transaction) throw new ProviderCallError(provider, 404, 'no such transaction');
    if (request.paid_amount !== transaction.amount || request.currency !== payment.currency) {
      throw new ProviderCallError(provider, 400, 'the payment is another one');
    }
    if (restOf(books, transaction) < request.amount) return { state: 'failed', refund_id: null };
    const { refund_no, amount } = request;
    const held: HeldRefund = { refund_no, payment, transaction, amount, id: `R-${refund_no}`, state: 'open' };
    books.refunds.set(refund_no, held);
    if (provider === 'alipay' || random.chance(0.3)) decideRefund(world, held, mail);
    else {
      scheduler.at(scheduler.now() + random.between(1_000, 600_000), () => decideRefund(world, held, mail));
    }
    return refundAnswer(held);
  };

  const find = ({ order_no }: PaymentReference) => books.payments.get(order_no);
  return {
    outages,
    gateway: (invocation) => async (provider) => {
      const port: ProviderGateway = {
        query: (reference) => call(invocation, provider, 'query', () => query(find(reference))),
        close: (reference) =>
          call(invocation, provider, 'close', () => close(provider, find(reference), reference, invocation)),
        refund: (request) => call(invocation, provider, 'refund', () => refund(provider, request)),
        queryRefund: ({ refund_no }) =>
          call(invocation, provider, 'query refund', () => {
            const held = books.refunds.get(refund_no);
            return held ? refundAnswer(held) : { state: 'absent' };
          }),
      };
      return world.bug?.wrapGateway?.(port) ?? port;
    },
    create: (invocation, order, isUnnamed) => {
      const { provider } = order;
      if (!provider) throw new Error('an order that costs nothing asks for a payment');
      return call(invocation, provider, 'create', () => {
        const now = scheduler.now();
        if (Date.parse(order.expires_at) <= now) throw new ProviderCallError(provider, 400, 'expired');
        const payment = makePayment(books, order, now, isUnnamed);
        const isSame = payment.amount === order.amount && payment.currency === order.currency;
        if (!isSame) throw new ProviderCallError(provider, 400, 'other parameters under this number');
        if (payment.state !== 'open') throw new ProviderCallError(provider, 400, `it is ${payment.state}`);
        return payment;
      });
    },
  };
}

/** An answer in a few words. */
function inShort(given: unknown): string {
  if (typeof given === 'string') return given;
  const { state = '', event } = given as { state?: string; event?: { type: string } };
  return event ? `${state}: ${event.type}` : state;
}

/** A payment whose time is over takes no money any more. */
export function expire(payment: HeldPayment, now: number): void {
  if (payment.state === 'open' && Date.parse(payment.expires_at) <= now) payment.state = 'closed';
}

const refundAnswer = ({ state, id }: HeldRefund): RefundAnswer =>
  state === 'open' ? { state } : { state, refund_id: id };

/** Decides a refund and tells of it. Only what Stripe returns may come back from the payer's bank. */
export function decideRefund(world: World, refund: HeldRefund, mail: Mail): void {
  const { random, faults, scheduler } = world;
  if (refund.state !== 'open') return;
  refund.state = random.chance(0.85) ? 'succeeded' : 'failed';
  const tell = () => {
    world.log(
      refund.payment.order_no,
      `${refund.payment.provider}: refund ${refund.refund_no} ${refund.state}`,
    );
    if (refund.payment.provider !== 'alipay') mail.refund(refund, refundEvent(refund));
  };
  tell();
  if (refund.payment.provider !== 'stripe' || refund.state !== 'succeeded') return;
  if (!faults.happens('refund_sent_back')) return;
  scheduler.at(scheduler.now() + random.between(0, 60_000), () => {
    refund.state = 'failed';
    tell();
  });
}

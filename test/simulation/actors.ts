import { createOrderView } from '../../lib/http/view-order.ts';
import { closePayment, isStarted } from '../../lib/orders/check-payment.ts';
import { checkout } from '../../lib/orders/checkout.ts';
import { handOver, type ShopOrderRequest } from '../../lib/orders/hand-over.ts';
import type { Provider } from '../../lib/orders/order.ts';
import { shopOrderNumber } from '../../lib/orders/order-number.ts';
import { payShopOrder } from '../../lib/orders/pay-shop-order.ts';
import { type RefundOrderRequest, requestRefund } from '../../lib/orders/request-refund.ts';
import { settle } from '../../lib/orders/settle.ts';
import { settleRefund } from '../../lib/orders/settle-refund.ts';
import type { ProviderCallError } from '../../lib/providers/errors.ts';
import { createCheckoutStore } from '../../lib/store/checkout-store.ts';
import { createEventStore } from '../../lib/store/event-store.ts';
import { createRequestRefundStore } from '../../lib/store/refund-store.ts';
import { createSettlementStore } from '../../lib/store/settlement-store.ts';
import { createHandOverStore, createPayStore } from '../../lib/store/shop-order-store.ts';
import { createViewStore } from '../../lib/store/view-store.ts';
import type { Providers } from './gateways.ts';
import type { HeldPayment, ProviderBooks } from './provider-books.ts';
import type { Outcome, World } from './world.ts';

export const merchants = { wechat: 'mch/app', alipay: 'seller/app', stripe: 'test' } as const;

export interface System {
  readonly world: World;
  readonly providers: Providers;
  readonly books: ProviderBooks;
  /** What an idempotency key gave, so that it gives nothing else. */
  readonly given: Map<string, string>;
}

/** Each call runs one function of ours as its file in `functions` composes it, and holds its answer to what is stored. */

export async function callHandOver({ world, providers }: System, request: ShopOrderRequest) {
  const order_no = shopOrderNumber(request.kind, request.id);
  return world.invoke('hand over', order_no, async (invocation) => {
    const { context, io } = invocation;
    const settlement = createSettlementStore(context);
    const check = {
      gateway: providers.gateway(invocation),
      settle: (event: Parameters<typeof settle>[1]) => settle(settlement, event, io.now),
      now: io.now,
    };
    const result = await handOver(
      {
        store: createHandOverStore(context),
        now: io.now,
        orderPrefix: '',
        payee: { provider: 'wechat', merchant: merchants.wechat },
        closePayment: async (order) => isStarted(order) && closePayment(check, order),
      },
      request,
    );
    world.log(order_no, `${invocation.task.name} → ${result.outcome}`);
    const stored = world.table.get(`ORDER#${order_no}`, 'ORDER');
    if (!stored) world.violate('success_is_stored', order_no, 'handed over, but not stored');
    return result;
  });
}

/** Asks for payment parameters. @returns the payment at the provider, when the payer got something to pay with */
export async function callPay(
  { world, providers, books }: System,
  order_no: string,
  user_id: string,
  isUnnamed: boolean,
): Promise<HeldPayment | null> {
  const outcome = await world.invoke('pay', order_no, async (invocation) => {
    const { context, io } = invocation;
    const store = { ...createPayStore(context), ...createSettlementStore(context) };
    const result = await payShopOrder(
      {
        store,
        now: io.now,
        createPrepay: async (order) => {
          const { payment_no } = await providers.create(invocation, order, isUnnamed);
          return `prepay of ${payment_no}`;
        },
        settle: (event) => settle(store, event, io.now),
      },
      order_no,
      user_id,
    );
    world.log(order_no, `${invocation.task.name} → ${result.outcome}`);
    const status = world.table.get(`ORDER#${order_no}`, 'ORDER')?.['status'];
    if (result.outcome === 'paid' && status !== 'paid') {
      world.violate('success_is_stored', order_no, 'paid with points, but not stored');
    }
    return result.outcome === 'prepaid' ? result.prepay_id.slice('prepay of '.length) : null;
  });
  return answerOf(outcome, null, (payment_no) => books.payments.get(payment_no ?? '') ?? null);
}

export interface CheckoutCall {
  readonly provider: Provider;
  readonly amount: number;
  readonly currency: string;
  readonly tenant_id: number;
  /** Null for a request that comes without one: each is a new order. */
  readonly key: string | null;
  readonly isUnnamed: boolean;
}

/** @returns the payment's number, when a page for it was given out */
export async function callCheckout(system: System, call: CheckoutCall): Promise<string | null> {
  const { world, providers } = system;
  const { provider, amount, currency, tenant_id, key, isUnnamed } = call;
  const outcome = await world.invoke('checkout', '', async (invocation) => {
    const { context, io } = invocation;
    const result = await checkout(
      {
        store: createCheckoutStore(context),
        now: io.now,
        randomBytes: io.randomBytes,
        merchant: merchants[provider],
        orderPrefix: '',
        pages: 'asked_for',
        createPaymentPage: (order) =>
          providers.create(invocation, order, isUnnamed).then(
            ({ payment_no }) => ({ outcome: 'created', pay_url: `https://pay.example/${payment_no}` }),
            (error) => {
              // An error of Stripe's own comes again under the same key, once it is known that nothing was made.
              const isReplayed = provider === 'stripe' && (error as ProviderCallError).status === 500;
              if (!isReplayed) throw error;
              return { outcome: 'not_created', attempt: order.attempt + 1 };
            },
          ),
      },
      { tenant_id, amount, currency, provider },
      key === null ? null : { subject: 'admin', key },
    );
    const order_no = result.outcome === 'created' ? result.order_no : '';
    world.log(order_no, `${invocation.task.name} → ${result.outcome}`);
    if (result.outcome === 'created') holdAnswer(system, key, order_no, `ORDER#${order_no}`, 'ORDER');
    return order_no || null;
  });
  return answerOf(outcome, null, (order_no) => order_no);
}

export async function callRefund(system: System, request: RefundOrderRequest, key: string) {
  const { world, providers } = system;
  const { order_no } = request;
  return world.invoke('refund', order_no, async (invocation) => {
    const { context, io } = invocation;
    const events = createEventStore(context);
    const result = await requestRefund(
      {
        store: createRequestRefundStore(context),
        gateway: providers.gateway(invocation),
        settleRefund: (event) => settleRefund(events, event, io.now),
        now: io.now,
        onProviderFailure: () => {},
      },
      request,
      { subject: 'admin', key },
    );
    world.log(order_no, `${invocation.task.name} of ${request.amount ?? 'all'} → ${result.outcome}`);
    if (result.outcome === 'accepted') {
      const { refund_no, n } = result.refund;
      holdAnswer(system, key, refund_no, `ORDER#${order_no}`, `REFUND#${n}`);
    }
    return result;
  });
}

export const callView = ({ world, providers }: System, order_no: string) =>
  world.invoke('view', order_no, async (invocation) => {
    const view = createOrderView({
      store: createViewStore(invocation.context),
      gateway: providers.gateway(invocation),
      io: invocation.io,
    });
    return view(order_no, () => {}, { annotate: () => {}, telemetry: world.telemetry });
  });

function holdAnswer(
  { world, given }: System,
  key: string | null,
  made: string,
  pk: string,
  sk: string,
): void {
  const order = pk.slice('ORDER#'.length);
  if (!world.table.get(pk, sk)) world.violate('success_is_stored', order, `${sk} is not stored`);
  if (key === null) return;
  const earlier = given.get(key) ?? made;
  if (earlier !== made)
    world.violate('same_request_same_effect', order, `${earlier} and ${made} for one key`);
  given.set(key, made);
}

const answerOf = <T, R>(outcome: Outcome<T>, otherwise: R, read: (value: T) => R): R =>
  outcome.state === 'answered' ? read(outcome.value) : otherwise;

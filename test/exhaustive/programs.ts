import { isoTime } from '../../lib/io.ts';
import type { Change } from '../../lib/orders/change.ts';
import { type AskingPorts, closeAtProvider } from '../../lib/orders/check-payment.ts';
import { type CheckoutPorts, checkout } from '../../lib/orders/checkout.ts';
import { closeOrderOnRequest } from '../../lib/orders/close-order.ts';
import type { OrderStore } from '../../lib/orders/commit.ts';
import type { ProviderEvent } from '../../lib/orders/event.ts';
import { handOver, type ShopOrderRequest } from '../../lib/orders/hand-over.ts';
import type { IdempotencyRecord, IdempotentCaller } from '../../lib/orders/idempotency.ts';
import { lookAtOrder } from '../../lib/orders/look-at-order.ts';
import { payShopOrder } from '../../lib/orders/pay-shop-order.ts';
import type { Merchant, PaymentLimits, ProviderGateway } from '../../lib/orders/provider-gateway.ts';
import { requestRefund } from '../../lib/orders/request-refund.ts';
import { applyEvent, settle } from '../../lib/orders/settle.ts';
import { settleRefund } from '../../lib/orders/settle-refund.ts';
import { shipOrder } from '../../lib/orders/ship-order.ts';
import { type DueCheck, sweepChecks } from '../../lib/orders/sweep.ts';
import { checkoutRequest } from '../support/orders.ts';
import type { Program, Surroundings } from './process.ts';
import { MERCHANT } from './provider.ts';
import type { Item } from './table.ts';

/** What runs in the search: the real functions of `lib/orders`, each over ports that ask the world and nothing else. */

const HOUR = 3_600_000;

const limits: PaymentLimits = { longest_ms: 2 * HOUR, shortest_ms: 60_000, failedCanBePaid: true };

const APPID = 'wx1';

type Ask = Surroundings['ask'];

const orderStore = (ask: Ask): OrderStore => ({
  read: (order_no) => ask({ ask: 'read', order_no }),
  write: (change: Change) => ask({ ask: 'write', change }),
});

const gateway = (ask: Ask): ProviderGateway => ({
  clientParameters: (_payment, page) => ({ page }),
  createPayment: (payment) => ask({ ask: 'createPayment', payment }),
  query: (payment) => ask({ ask: 'query', payment }),
  close: (payment) => ask({ ask: 'close', payment }),
  refund: (refund) => ask({ ask: 'refund', refund }),
  queryRefund: (refund) => ask({ ask: 'queryRefund', refund }),
  // Only a person asks for it.
  repairRefund: async () => ({ state: 'unsupported' }),
  reportShipping: (payment, shipping) => ask({ ask: 'reportShipping', payment, shipping }),
});

const merchantOf = (ask: Ask, other: Partial<PaymentLimits> = {}, appid = APPID): Merchant => ({
  provider: 'wechat',
  name: MERCHANT,
  former: [],
  appids: [appid],
  limits: { ...limits, ...other },
  gateway: gateway(ask),
});

/** `random` tells the numbers of two processes apart. */
function portsOf({ ask, now }: Surroundings, random = 0): CheckoutPorts {
  const merchant = merchantOf(ask);
  const ports = {
    store: orderStore(ask),
    // When a process tries again is for the search to say: it asks the store again, and that is a step.
    io: { now, sleep: async () => {}, randomBytes: (size: number) => Buffer.alloc(size, random) },
    merchants: { find: async (_provider: string, name: string) => (name === MERCHANT ? merchant : null) },
    orderPrefix: '',
  };
  return { ...ports, settle: (event) => settle(ports, event) };
}

const closingPorts = (ports: AskingPorts & { orderPrefix: string }) => ({
  ...ports,
  closeAtProvider: (payment: Parameters<typeof closeAtProvider>[1]) => closeAtProvider(ports, payment),
});

export const ORDER = 'mall-1';

/** A shop's order, handed over. */
export const handsOver = (name: string, changes: Partial<ShopOrderRequest> = {}): Program => ({
  name,
  run: (surroundings) =>
    handOver(closingPorts(portsOf(surroundings)), {
      kind: 'mall',
      id: 1,
      user_id: 'user',
      openid: 'openid',
      amount: 100,
      points: 0,
      description: 'tea',
      appid: null,
      expires_at: null,
      ...changes,
    }),
});

export const pays = (
  name: string,
  { appid, ...other }: Partial<PaymentLimits> & { readonly appid?: string } = {},
): Program => ({
  name,
  run: (surroundings) =>
    payShopOrder(portsOf(surroundings), ORDER, 'user', merchantOf(surroundings.ask, other, appid)),
});

export const checksOut = (name: string, random: number): Program => ({
  name,
  run: (surroundings) =>
    checkout(
      portsOf(surroundings, random),
      checkoutRequest({ amount: 100, currency: 'CNY', provider: 'wechat' }),
      { operation: 'checkout', subject: 'admin', key: 'key' },
      {
        merchant: merchantOf(surroundings.ask),
        appid: APPID,
        scene: 'desktop',
        return_url: null,
        payer_client_ip: null,
      },
      () => {},
    ),
});

export const closes = (name: string, order_no = ORDER): Program => ({
  name,
  run: (surroundings) => closeOrderOnRequest(portsOf(surroundings), { order_no, by: 'admin-1' }, () => true),
});

/** Of so much, or of all that is left, under a key of its own; of a transaction in suspense, or of what paid. */
export const refunds = (
  name: string,
  {
    amount = null,
    transaction_id = null,
    key = name,
    order_no = ORDER,
  }: {
    amount?: number | null;
    transaction_id?: string | null;
    key?: string;
    order_no?: string;
  } = {},
): Program => ({
  name,
  run: async (surroundings) => {
    const { ask } = surroundings;
    const ports = portsOf(surroundings);
    const failures: unknown[] = [];
    const result = await requestRefund(
      {
        ...ports,
        store: {
          ...ports.store,
          findIdempotencyRecord: (caller: IdempotentCaller) =>
            ask<IdempotencyRecord | null>({ ask: 'find', caller }),
        },
        settleRefund: (event) => settleRefund(ports, event),
        onProviderFailure: (_refund, error) => failures.push(error),
      },
      {
        order_no,
        amountOf: () => amount,
        amountText: amount === null ? null : `${amount}`,
        reason: '',
        transaction_id,
      },
      { operation: 'refund', subject: 'admin', key },
    );
    for (const failure of failures) throw failure;
    return result;
  },
});

/** The shop says that it sent these. */
export const ships = (name: string, items: string): Program => ({
  name,
  run: async (surroundings) => {
    const failures: unknown[] = [];
    const onProviderFailure = (_shipping: unknown, error: unknown) => void failures.push(error);
    const result = await shipOrder(
      { ...portsOf(surroundings), onProviderFailure },
      ORDER,
      { logistics_type: 'pickup', items, parcels: [] },
      () => true,
    );
    for (const failure of failures) throw failure;
    return result;
  },
});

/** The payer looks at the order, not a moment ago. */
export const looks = (name: string): Program => ({
  name,
  run: async (surroundings) => {
    const ports = portsOf(surroundings);
    const snapshot = await ports.store.read(ORDER);
    if (!snapshot) return null;
    const failures: unknown[] = [];
    const onFailure = (_payment: unknown, error: unknown) => void failures.push(error);
    const store = { ...ports.store, claimLook: async () => true };
    await lookAtOrder({ ...ports, store, onFailure }, snapshot);
    for (const failure of failures) throw failure;
    return null;
  },
});

const callbacks = new WeakMap<ProviderEvent, Program>();

/** A callback with a verified message. */
export function takes(event: ProviderEvent): Program {
  const known = callbacks.get(event);
  if (known) return known;
  const name = `callback ${JSON.stringify(event)}`;
  const program: Program = { name, event, run: (surroundings) => applyEvent(portsOf(surroundings), event) };
  callbacks.set(event, program);
  return program;
}

/** The sweep, of one thing that is due: it takes several at once, which is as several sweeps. */
export function sweeps(item: Item): Program {
  const check = dueCheck(item);
  const key = item.key;
  return {
    name: `sweep ${item.id}`,
    run: async (surroundings) => {
      const { ask } = surroundings;
      const ports = portsOf(surroundings);
      const failures: unknown[] = [];
      const counts = await sweepChecks({
        ...ports,
        work: {
          listDueChecks: async () => [check],
          postpone: ({ work_due }, next) => ask({ ask: 'postpone', key, seen: work_due, next }),
          clear: ({ work_due }) => ask({ ask: 'clear', key, seen: work_due }),
        },
        settleRefund: (event) => settleRefund(ports, event),
        shipping: null,
        report: () => {},
        onFailure: (_checked, error) => failures.push(error),
      });
      for (const failure of failures) throw failure;
      return counts;
    },
  };
}

function dueCheck(item: Item): DueCheck {
  const work_due = isoTime(item.owes?.due ?? 0);
  switch (item.kind) {
    case 'payment':
      return { type: 'payment', work_due, payment: item.record };
    case 'refund':
      return { type: 'refund', work_due, refund: item.record };
    case 'dispute':
      return { type: 'dispute', work_due, dispute: item.record };
    case 'shipping':
      return { type: 'shipping', work_due, shipping: item.record };
    case 'order':
      return { type: 'deadline', work_due, order_no: item.record.order_no };
    default:
      throw new Error(`${item.kind} owes no check`);
  }
}

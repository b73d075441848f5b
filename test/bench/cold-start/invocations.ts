import { endpoints } from '../../../infra/endpoints.ts';
import { createEvent } from '../../../infra/local/gateway/event.ts';
import { findRoute } from '../../../infra/local/gateway/routes.ts';
import { createTokens, localUser, type Tokens } from '../../../infra/local/tokens.ts';
import { createTokenSigner } from '../../../infra/operate/token/sign-token.ts';
import type { Provider } from '../../../lib/orders/kinds.ts';
import type { RawMessage } from '../../../lib/providers/message.ts';
import { encodeDeliveryId } from '../../../lib/webhooks/delivery.ts';
import type { Begun, createParties, openTable } from '../../support/parties.ts';
import { paidMessage } from '../requests/callback-paths.ts';

/** What a function is invoked with first. Each is made anew, as an order is paid only once. */
export interface FirstInvocation {
  /** Said in the table. */
  readonly description: string;
  readonly createEvent: () => Promise<unknown>;
  /** The status that shows that it did all of its work; null for a function that answers with none. */
  readonly status: number | null;
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers?: RawMessage['headers'];
  readonly body?: Buffer | object;
}

type Parties = ReturnType<typeof createParties>;
type Table = ReturnType<typeof openTable>;
type Invocations = Readonly<Record<string, FirstInvocation>>;

/** The first invocations of every function that somebody waits for, by name: not of those that a day waits for. */
export async function createInvocations(parties: Parties, table: Table, auth: unknown): Promise<Invocations> {
  const sign = createTokenSigner(auth);
  if (!sign) throw new Error('the auth document holds no key to sign with');
  const tokens = await createTokens(sign);
  return {
    ...callbackInvocations(parties, table),
    ...checkoutInvocations(parties, table, tokens),
    ...shopInvocations(parties, table, tokens),
    ...webhookInvocations(tokens),
    'notify-wecom': {
      description: 'an empty batch',
      status: null,
      createEvent: async () => ({ Records: [] }),
    },
    sweep: { description: 'finds nothing due', status: null, createEvent: async () => ({}) },
  };
}

/** Settlements: genuine messages about orders that wait for them. */
function callbackInvocations(parties: Parties, table: Table): Invocations {
  const { orders } = parties;
  const callback = (path: string, provider: Provider, createOrder: () => Begun): FirstInvocation => ({
    description: 'a genuine callback that settles an order',
    status: 200,
    createEvent: async () => {
      const begun = createOrder();
      await table.store(begun);
      return toEvent({ method: 'POST', path, ...paidMessage(parties, provider, begun.payment) });
    },
  });
  return {
    'wechat-callback': callback('/api/pay/callback/wechat', 'wechat', orders.wechat),
    'wechat-notify': callback('/v2/payments/notify', 'wechat', orders.shop),
    'alipay-callback': callback('/api/pay/callback/alipay', 'alipay', orders.alipay),
    'stripe-callback': callback('/api/pay/callback/stripe', 'stripe', orders.stripe),
  };
}

const call = (
  description: string,
  status: number,
  token: string,
  request: () => Request | Promise<Request>,
): FirstInvocation => ({
  description,
  status,
  createEvent: async () => {
    const { headers, ...rest } = await request();
    return toEvent({ ...rest, headers: { ...headers, authorization: `Bearer ${token}` } });
  },
});

/** Whose payment nobody has begun. */
const untouched = { payment: null, payments: 0 };

function checkoutInvocations({ orders }: Parties, table: Table, { admin }: Tokens): Invocations {
  return {
    checkout: call('gets a payment page of WeChat Pay', 201, admin, () => ({
      method: 'POST',
      path: '/api/pay/checkout',
      body: { tenant_id: 7, amount: 20.5, provider: 'wechat' },
    })),
    'get-order': call('shows a paid order', 200, admin, async () => {
      const { order, payment } = orders.stripe();
      await table.store({ order: { ...order, status: 'paid' }, payment });
      return { method: 'GET', path: `/api/pay/orders/${order.order_no}` };
    }),
    'close-order': call('gives an order up', 200, admin, async () => {
      const { order_no } = await table.store({ order: { ...orders.shop().order, ...untouched } });
      return { method: 'POST', path: `/api/pay/orders/${order_no}/close` };
    }),
    refund: call('refuses to refund an unknown order', 404, admin, () => {
      const { order_no } = orders.stripe().order;
      return {
        method: 'POST',
        path: '/api/pay/refund',
        headers: { 'idempotency-key': order_no },
        body: { order_no, reason: 'bench' },
      };
    }),
    'get-ledger': call('sums up a day of an account', 200, admin, () => {
      const day = new Date().toISOString().slice(0, 10);
      return {
        method: 'GET',
        path: `/api/pay/ledger/tenant:7?from=${day}T00:00:00Z&to=${day}T23:59:59Z`,
      };
    }),
    'list-reconciliations': call('lists no days', 200, admin, () => ({
      method: 'GET',
      path: '/api/pay/reconciliations?provider=wechat&from=2026-11-01&to=2026-11-02',
    })),
    'list-orders': call('lists no orders', 200, admin, () => ({
      method: 'GET',
      path: '/api/pay/orders?tenant_id=404',
    })),
    'get-order-history': call('finds no order’s history', 404, admin, () => ({
      method: 'GET',
      path: '/api/pay/orders/mall-404/history',
    })),
    'list-refunds': call('finds no order’s refunds', 404, admin, () => ({
      method: 'GET',
      path: '/api/pay/orders/mall-404/refunds',
    })),
    'get-refund': call('finds no refund', 404, admin, () => ({
      method: 'GET',
      path: '/api/pay/refunds/mall-404-r1',
    })),
    'list-exceptions': call('lists no exceptions', 200, admin, () => ({
      method: 'GET',
      path: '/api/pay/exceptions',
    })),
    'get-exception': call('finds no exception', 404, admin, () => ({
      method: 'GET',
      path: `/api/pay/exceptions/${Buffer.from('["mall-404","-"]').toString('base64url')}`,
    })),
    'resolve-exception': call('refuses to resolve an unknown exception', 404, admin, () => ({
      method: 'POST',
      path: `/api/pay/exceptions/${Buffer.from('["mall-404","-"]').toString('base64url')}/resolve`,
      body: { resolution: 'dismissed', reason: 'bench' },
    })),
    'repair-refund': call('refuses to repair an unknown refund', 404, admin, () => ({
      method: 'POST',
      path: '/api/pay/refunds/mall-404-r1/repair',
    })),
  };
}

function shopInvocations({ orders }: Parties, table: Table, { admin, user }: Tokens): Invocations {
  const newOrder = (kind: 'mall' | 'meal') => {
    const { order } = orders.shop();
    return { ...order, ...untouched, user_id: localUser, kind, order_no: `${kind}-${order.id}` };
  };
  const freeOrder = (kind: 'mall' | 'meal') =>
    table.store({ order: { ...newOrder(kind), amount: 0, openid: null } });
  return {
    'put-shop-order': call('takes over an order', 201, admin, () => ({
      method: 'PUT',
      path: `/v2/orders/mall/${orders.shop().order.id}`,
      body: { user_id: localUser, openid: 'openid-1', amount: 19.99, points: 0, description: 'Tea' },
    })),
    'pay-mall-order': call('gets the parameters of a WeChat Pay payment', 200, user, async () => {
      const { id } = await table.store({ order: newOrder('mall') });
      return { method: 'POST', path: `/v2/orders/mall/${id}/pay` };
    }),
    'pay-meal-order': call('pays an order that costs nothing', 200, user, async () => {
      const { id } = await freeOrder('meal');
      return { method: 'POST', path: `/v2/orders/meal/${id}/pay` };
    }),
    'close-shop-order': call('cancels an order', 200, user, async () => {
      const { id } = await table.store({ order: newOrder('mall') });
      return { method: 'POST', path: `/v2/orders/mall/${id}/close` };
    }),
    'ship-order': call('refuses to ship an order that is not paid', 409, admin, async () => {
      const { id } = await table.store({ order: newOrder('mall') });
      const body = { logistics_type: 'pickup', items: 'Tea' };
      return { method: 'PUT', path: `/v2/orders/mall/${id}/shipping`, body };
    }),
    'get-shop-order': call('shows an order that costs nothing', 200, user, async () => {
      const { id } = await freeOrder('mall');
      return { method: 'GET', path: `/v2/orders/mall/${id}` };
    }),
  };
}

function webhookInvocations({ admin }: Tokens): Invocations {
  const path = '/api/pay/webhooks';
  const unknown = encodeDeliveryId({
    receiver: 'stage',
    timestamp: '2026-11-22T08:00:00.000Z',
    event_id: 'evt_404',
  });
  return {
    'list-webhooks': call('shows an endpoint', 200, admin, () => ({ method: 'GET', path })),
    'list-deliveries': call('lists no deliveries', 200, admin, () => ({
      method: 'GET',
      path: `${path}/deliveries`,
    })),
    redeliver: call('refuses to send an unknown delivery again', 404, admin, () => ({
      method: 'POST',
      path: `${path}/deliveries/${unknown}/redeliver`,
    })),
    'redeliver-period': call('finds nothing to send again', 202, admin, () => ({
      method: 'POST',
      path: `${path}/deliveries/redeliver`,
      body: { from: '2026-11-21', to: '2026-11-22' },
    })),
  };
}

/** As API Gateway hands the request over. */
function toEvent({ method, path, headers = {}, body }: Request): unknown {
  const route = findRoute(endpoints, method, path.split('?')[0] ?? '');
  if (!route) throw new Error(`no endpoint for ${method} ${path}`);
  const isRaw = Buffer.isBuffer(body);
  const sent = { ...(body !== undefined && !isRaw && { 'content-type': 'application/json' }), ...headers };
  const request = {
    method,
    target: path,
    rawHeaders: Object.entries(sent).flatMap(([name, value]) => (value === undefined ? [] : [name, value])),
    protocol: 'HTTP/1.1',
    sourceIp: '127.0.0.1',
    body: isRaw ? body : Buffer.from(body === undefined ? '' : JSON.stringify(body)),
  };
  return createEvent(request, route, { requestId: 'bench', time: Date.now() });
}

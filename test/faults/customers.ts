import { localUser } from '../../infra/local/tokens.ts';
import type { Order } from '../../lib/orders/order.ts';
import type { Random } from '../simulation/prng.ts';
import type { createHttpClient } from '../support/http-client.ts';
import type { openTable } from '../support/parties.ts';

export interface Shop {
  readonly call: ReturnType<typeof createHttpClient>;
  readonly simulate: ReturnType<typeof createHttpClient>;
  readonly table: ReturnType<typeof openTable>;
  readonly tokens: { readonly admin: string; readonly user: string };
  readonly nextId: () => number;
  /** Transactions that only a flat body told of: of these nobody but its sender has a record. */
  readonly flatTransactions: Set<string>;
  /** Takes each promise that was seen broken. */
  readonly broken: (what: string) => void;
  readonly isOver: () => boolean;
}

type Provider = 'wechat' | 'alipay' | 'stripe';

interface Placed {
  readonly order_no: string;
  readonly provider: Provider;
  /** Of shop orders. */
  readonly path: string | null;
  /** Told of by a flat body: the provider took nothing that it could return. */
  paidFlat?: true;
}

/** Buys, pays, cancels and returns, one order after another, whatever fails on the way. */
export async function buy(shop: Shop, random: Random): Promise<void> {
  while (!shop.isOver()) {
    const placed = random.chance(0.5) ? await placeShopOrder(shop, random) : await checkOut(shop, random);
    if (!placed) continue;
    await pay(shop, random, placed);
    if (!placed.paidFlat && random.chance(0.3)) await refund(shop, random, placed);
    if (placed.path && random.chance(0.3)) await ask(shop, 'GET', placed.path, { token: shop.tokens.user });
  }
}

async function placeShopOrder(shop: Shop, random: Random): Promise<Placed | null> {
  const { admin, user } = shop.tokens;
  const kind = random.pick(['mall', 'meal']);
  const id = shop.nextId();
  const path = `/v2/orders/${kind}/${id}`;
  const amount = random.chance(0.1) ? 0 : (1 + random.below(99_999)) / 100;
  const body = { user_id: localUser, openid: `oFaultsOpenid${id}`, amount, points: 1, description: '苹果' };
  if (!(await insist(shop, 'PUT', path, { token: admin, body }))) return null;
  if (!(await insist(shop, 'POST', `${path}/pay`, { token: user }))) return null;
  return amount === 0 ? null : { order_no: `${kind}-${id}`, provider: 'wechat', path };
}

async function checkOut(shop: Shop, random: Random): Promise<Placed | null> {
  const provider: Provider = random.pick(['wechat', 'alipay', 'stripe']);
  const body = { tenant_id: 1 + random.below(3), amount: (100 + random.below(99_999)) / 100, provider };
  const headers = { 'idempotency-key': `checkout-${shop.nextId()}` };
  const answer = await insist(shop, 'POST', '/api/pay/checkout', { token: shop.tokens.admin, headers, body });
  const data = (answer?.body as { data?: { order_no: string; pay_url: string } } | undefined)?.data;
  if (!data) return null;
  // Alipay learns of a payment when its page is opened.
  if (provider === 'alipay')
    await fetch(data.pay_url, { signal: AbortSignal.timeout(1_000) }).catch(() => {});
  return { order_no: data.order_no, provider, path: null };
}

async function pay(shop: Shop, random: Random, placed: Placed): Promise<void> {
  const { order_no, provider } = placed;
  const path = `/simulator/payments/${provider}/${order_no}`;
  if (random.chance(0.15)) await tell(shop, `${path}/${random.pick(['fail', 'close'])}`, {});
  if (random.chance(0.1)) await tell(shop, `${path}/pay`, { forge: 'signature' });
  if (random.chance(0.05)) await payFlat(shop, placed);
  if (random.chance(0.1)) await tell(shop, `${path}/pay`, { alter: { amount: 1 } });
  if (random.chance(0.1)) return;
  const messages = random.chance(0.2)
    ? random.pick([
        ['failed', 'paid'],
        ['paid', 'failed'],
        ['paid', 'paid'],
      ])
    : null;
  const deliveries = await tell(shop, `${path}/pay`, {
    times: 1 + random.below(3),
    concurrency: 1 + random.below(3),
    drop_answer: random.chance(0.2),
    deliver: random.chance(0.9),
    ...(messages && { messages }),
  });
  const isStored = messages
    ? deliveries.every(isSuccess) && deliveries.length > 0
    : deliveries.some(isSuccess);
  if (isStored) {
    await expectBooked(shop, order_no);
  }
}

const isSuccess = ({ status }: { readonly status: number | null }) => status === 200;

/** What was answered with success is stored, now and not later. */
async function expectBooked({ table, broken }: Shop, order_no: string): Promise<void> {
  const items = await table.items({ order_no });
  const order = items.find(({ sk }) => sk === 'ORDER') as Pick<Order, 'status'> | undefined;
  if (!items.some(({ sk }) => /^ENTRY#(PAYMENT|SUSPENSE)/.test(String(sk)))) {
    broken(`${order_no} was answered with success, and is ${order?.status} without an entry`);
  }
}

async function payFlat(shop: Shop, placed: Placed): Promise<void> {
  const { order_no, provider } = placed;
  placed.paidFlat = true;
  const txn_id = `flat-${shop.nextId()}`;
  shop.flatTransactions.add(txn_id);
  await tell(shop, `/simulator/flat/${provider}`, { order_no, txn_id, status: 'succeeded' });
}

async function refund(shop: Shop, random: Random, { order_no }: Placed): Promise<void> {
  const options = { token: shop.tokens.admin, headers: { 'idempotency-key': `refund-${shop.nextId()}` } };
  const body = { order_no, reason: '退货', ...(random.chance(0.5) && { amount: 0.5 }) };
  await ask(shop, 'POST', '/api/pay/refund', { ...options, body });
  if (random.chance(0.3)) await ask(shop, 'POST', '/api/pay/refund', { ...options, body });
}

type Options = Parameters<Shop['call']>[2];

/** The answer, or null where none came. */
const ask = (shop: Shop, method: string, path: string, options: Options) =>
  shop.call(method, path, options).catch(() => null);

/** Asks until it is done, as a client would whose request failed; null when it is refused or all is over. */
async function insist(shop: Shop, method: string, path: string, options: Options) {
  while (!shop.isOver()) {
    const answer = await ask(shop, method, path, options);
    if (answer && answer.status < 300) return answer;
    if (answer && answer.status < 500) return null;
  }
  return null;
}

async function tell(shop: Shop, path: string, body: object): Promise<readonly { status: number | null }[]> {
  const answer = await shop.simulate('POST', path, { body }).catch(() => null);
  return (answer?.body as { deliveries?: { status: number | null }[] } | undefined)?.deliveries ?? [];
}

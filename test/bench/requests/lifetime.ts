import { setTimeout as sleep } from 'node:timers/promises';
import { type MeteredRequest, writeUnitsOf } from '../../support/dynamodb-meter.ts';
import { isOfEndpoint } from '../../support/dynamodb-proxy.ts';
import { type ApiAnswer, createHttpClient } from '../../support/http-client.ts';
import type { startMeteredSystem } from './metered-system.ts';

/** A mini-program order, or a tenant's checkout at this provider. */
export const paymentKinds = ['shop', 'wechat', 'alipay', 'stripe'] as const;
export type PaymentKind = (typeof paymentKinds)[number];

/** The steps of a payment, from its order to the message in the group. A checkout's order is begun to be paid at once. */
export const lifetimeSteps = ['order', 'begin payment', 'settle', 'announce'] as const;
export type LifetimeStep = (typeof lifetimeSteps)[number];

export interface Lifetime {
  readonly kind: PaymentKind;
  readonly order_no: string;
  readonly steps: Readonly<Record<LifetimeStep, readonly MeteredRequest[]>>;
}

type MeteredSystem = Pick<Awaited<ReturnType<typeof startMeteredSystem>>, 'system' | 'meter'>;

/**
 * Makes payments of these kinds one after the other, so that each request is known to be of one of them, and then
 * waits until all are announced. Their order numbers begin at `firstId`.
 */
export async function measureLifetimes(
  metered: MeteredSystem,
  kinds: readonly PaymentKind[],
  firstId = 1,
): Promise<Lifetime[]> {
  const lifetimes: Lifetime[] = [];
  for (const [index, kind] of kinds.entries()) {
    lifetimes.push(await measurePayment(metered, kind, firstId + index));
  }
  return Promise.all(lifetimes.map((lifetime) => withAnnouncement(metered, lifetime)));
}

async function measurePayment(metered: MeteredSystem, kind: PaymentKind, id: number): Promise<Lifetime> {
  const provider = kind === 'shop' ? 'wechat' : kind;
  const { order_no, ...begun } =
    kind === 'shop' ? await beginShopPayment(metered, id) : await beginCheckout(metered, kind, id);
  const simulate = createHttpClient(metered.system.consoleUrl);
  const settle = await during(metered, async () => {
    requireStatus(metered, await simulate('POST', `/simulator/payments/${provider}/${order_no}/pay`), 200);
  });
  return { kind, order_no, steps: { ...begun, settle, announce: [] } };
}

async function beginShopPayment(metered: MeteredSystem, id: number) {
  const { call, admin, user } = clientsOf(metered);
  const order = await during(metered, async () => {
    const body = {
      user_id: 'user-1',
      openid: 'o6_bmjrPTlm6_2sgVt7hMZOPfL2M',
      amount: 19.99,
      points: 0,
      description: '云南高山乌龙茶 250 克礼盒装',
    };
    requireStatus(metered, await call('PUT', `/v2/orders/mall/${id}`, { token: admin, body }), 201);
  });
  const begin = await during(metered, async () => {
    requireStatus(metered, await call('POST', `/v2/orders/mall/${id}/pay`, { token: user }), 200);
  });
  return { order_no: `mall-${id}`, order, 'begin payment': begin };
}

async function beginCheckout(metered: MeteredSystem, provider: Exclude<PaymentKind, 'shop'>, id: number) {
  const { call, admin } = clientsOf(metered);
  let order_no = '';
  const order = await during(metered, async () => {
    const answer = await call('POST', '/api/pay/checkout', {
      token: admin,
      headers: { 'idempotency-key': `${provider}-${id}` },
      body: { tenant_id: 1, amount: 20.5, currency: 'CNY', provider },
    });
    requireStatus(metered, answer, 201);
    const { data } = answer.body as { data: { order_no: string; pay_url: string } };
    order_no = data.order_no;
    if (provider !== 'wechat') await (await fetch(data.pay_url)).text();
  });
  return { order_no, order, 'begin payment': [] };
}

function clientsOf({ system }: MeteredSystem) {
  if (!system.tokens) throw new Error('the system has no tokens');
  return { call: createHttpClient(system.url), admin: system.tokens.admin, user: system.tokens.user };
}

/** The requests made meanwhile, without those of functions that run by themselves, and of no payment. */
async function during({ meter }: MeteredSystem, work: () => Promise<void>): Promise<MeteredRequest[]> {
  const seen = meter.requests.length;
  await work();
  return meter.requests.slice(seen).filter(({ caller, ofRegister }) => isOfEndpoint(caller) && !ofRegister);
}

const PATIENCE_MS = 60_000;

async function withAnnouncement({ meter }: MeteredSystem, lifetime: Lifetime): Promise<Lifetime> {
  const owed = lifetime.steps.settle.flatMap(({ writes }) => writes.map(announcedKey)).filter(Boolean);
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const announce = meter.requests.filter(
      ({ caller, writes }) =>
        caller === 'notify-wecom' && writes.some(({ key }) => owed.includes(JSON.stringify(key))),
    );
    if (announce.length >= owed.length) return { ...lifetime, steps: { ...lifetime.steps, announce } };
    if (Date.now() > deadline) throw new Error(`${lifetime.order_no} was not announced`);
    await sleep(20);
  }
}

/** The key of what a write made owe an announcement; null where it made nothing owe one. */
function announcedKey({ key, before, after }: MeteredRequest['writes'][number]): string | null {
  const owes = (item: typeof after) => /^(alert|notify)#/.test(item?.['work']?.S ?? '');
  return owes(after) && !owes(before) ? JSON.stringify(key) : null;
}

function requireStatus({ system }: MeteredSystem, { status, body }: ApiAnswer, expected: number): void {
  if (status === expected) return;
  const details = [JSON.stringify(body), ...system.logs.slice(-3)].join('\n');
  throw new Error(`${status} in place of ${expected}: ${details}`);
}

export interface Sums {
  readonly requests: number;
  readonly writeUnits: number;
  readonly readUnits: number;
}

export const sumUp = (requests: readonly MeteredRequest[]): Sums => ({
  requests: requests.length,
  writeUnits: requests.reduce((sum, request) => sum + writeUnitsOf(request), 0),
  readUnits: requests.reduce((sum, request) => sum + request.readUnits, 0),
});

export const requestsOf = ({ steps }: Lifetime): MeteredRequest[] =>
  lifetimeSteps.flatMap((step) => steps[step]);

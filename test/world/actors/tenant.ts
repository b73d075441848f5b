import { OWN_TENANT, type TokenClaims } from '../documents.ts';
import type { CheckoutNote, Town } from '../town.ts';
import type { Reply } from '../wire.ts';
import { callAs, dataOf } from './client.ts';
import { closeAs } from './closer.ts';

/** A tenant's back end: checks out, sends its customer to the page, and asks what became of it. */

const decimals: Readonly<Record<string, number>> = { CNY: 2, USD: 2, JPY: 0, KWD: 3 };

export async function runTenant(town: Town): Promise<void> {
  const { random, clock, marks, notes } = town;
  const note = newCheckout(town);
  notes.checkouts.push(note);
  const claims: TokenClaims = { sub: `tenant-${note.tenant_id}`, role: 'admin', tenant_id: note.tenant_id };
  let reply = await checkout(town, claims, note);
  for (let tries = 0; tries < 5 && isUndecided(reply) && note.key !== null; tries += 1) {
    await clock.sleep(1_000 * 2 ** tries);
    reply = await checkout(town, claims, note);
  }
  for (let visits = random.pick([0, 1, 2, 3]); visits > 0; visits -= 1) {
    const pauses = town.likely.has('closings')
      ? [1_000, 30_000, 60_000, 110_000]
      : [1_000, 60_000, 280_000, 1_800_000, 6_900_000];
    await clock.sleep(random.pick(pauses) + random.below(5_000));
    if (clock.now() > town.closing_at) return;
    await visit(town, claims, note);
  }
  const isRepeating = town.likely.has('repeated_keys');
  for (let rounds = isRepeating ? 3 : random.pick([0, 1]); rounds > 0 && note.key !== null; rounds -= 1) {
    await clock.sleep(random.pick(isRepeating ? [5_000, 400_000, 1_200_000] : [5_000, 3_600_000, 9_000_000]));
    if (random.chance(0.3)) await reuseKey(town, claims, note);
    else {
      marks.take('key_repeated');
      await checkout(town, claims, note);
    }
  }
}

/** The key of a request that was taken is no other request's. */
async function reuseKey(town: Town, claims: TokenClaims, note: CheckoutNote): Promise<void> {
  const isTaken = note.order_nos.size > 0;
  town.marks.take('key_with_another_body');
  // Not to be taken for the first.
  const isOtherScene = town.random.chance(0.5) && note.provider !== 'wechat';
  const changed = isOtherScene
    ? { scene: note.scene === 'mobile' ? ('desktop' as const) : ('mobile' as const) }
    : { amount: note.amount + 100 };
  const other = { ...note, ...changed, order_nos: new Set<string>(), pages: [] };
  const reply = await checkout(town, claims, other);
  if (!reply || reply.status >= 300) return;
  if (isTaken) town.notes.violations.push(`a key was taken for another request: ${reply.body}`);
  else town.notes.checkouts.push(other);
}

const isUndecided = (reply: Reply) => reply === null || reply.status >= 500 || reply.status === 401;

async function visit(town: Town, claims: TokenClaims, note: CheckoutNote): Promise<void> {
  const [order_no] = note.order_nos;
  if (order_no && town.random.chance(0.4))
    await callAs(town, claims, { method: 'GET', path: `/api/pay/orders/${order_no}` });
  const page = town.random.chance(0.8) ? note.pages.at(-1) : note.pages[0];
  if (page) payOn(town, note, page.url);
  if (order_no && town.random.chance(town.likely.has('closings') ? 0.8 : 0.1))
    await closeAs(town, claims, `/api/pay/orders/${order_no}/close`);
}

/** The customer at the page that he was sent to. */
function payOn(
  { random, wechat, alipay, stripe, marks, likely }: Town,
  { provider, payer_client_ip }: CheckoutNote,
  url: string,
): void {
  if (random.chance(likely.has('eager_payers') ? 0 : 0.2)) return;
  if (provider === 'wechat') {
    if (random.chance(likely.has('failing_payers') ? 0.6 : 0.1)) wechat.fail(url);
    else if (wechat.pay(url, null, random.chance(0.1) ? '198.51.100.9' : payer_client_ip))
      marks.take('provider_takes_no_payment');
    return;
  }
  if (provider === 'alipay') {
    const trade = alipay.open(url);
    // Some only look at the page.
    const refusal = typeof trade === 'string' ? trade : random.chance(0.75) && alipay.pay(trade);
    if (refusal) marks.take('provider_takes_no_payment');
    return;
  }
  const session = stripe.sessionOf(url);
  if (!session) return;
  if (
    stripe.pay(
      session,
      random.pick(
        likely.has('failing_payers')
          ? (['later_in_vain'] as const)
          : (['card', 'card', 'later', 'later_in_vain'] as const),
      ),
    )
  )
    marks.take('provider_takes_no_payment');
}

async function checkout(town: Town, claims: TokenClaims, note: CheckoutNote): Promise<Reply> {
  const { tenant_id, provider, currency, amount, key, scene, payer_client_ip } = note;
  const { description, return_url, expires_in } = note;
  const body = {
    tenant_id,
    provider,
    amount: amount / 10 ** (decimals[currency] ?? 2),
    ...(scene === 'desktop' && town.random.chance(0.5) ? {} : { scene }),
    ...{ payer_client_ip, description, return_url, expires_in },
    ...(currency === 'CNY' && town.random.chance(0.5) ? {} : { currency }),
  };
  const reply = await callAs(town, claims, {
    method: 'POST',
    path: '/api/pay/checkout',
    body,
    ...(key === null ? {} : { headers: { 'idempotency-key': key } }),
  });
  if (reply?.status === 400) town.marks.take('checkout_not_offered');
  const data = reply?.status === 201 ? dataOf(reply) : null;
  if (data) {
    note.order_nos.add(String(data['order_no']));
    note.pages.push({ url: String(data['pay_url']), at: town.clock.now() });
  }
  return reply;
}

function newCheckout({ random, likely }: Town): CheckoutNote {
  const provider = likely.has('stripe')
    ? 'stripe'
    : random.pick(['wechat', 'alipay', 'stripe', 'stripe'] as const);
  const currency = provider === 'stripe' ? random.pick(['CNY', 'USD', 'JPY', 'KWD']) : 'CNY';
  // Three decimals, the last of them 0.
  const amount = currency === 'KWD' ? random.between(100, 9_999) * 10 : random.between(500, 99_999);
  return {
    key: random.chance(0.7) ? `key-${random.text(12)}` : null,
    tenant_id: likely.has('own_tenants') ? OWN_TENANT : random.between(1, 3),
    provider,
    currency,
    amount,
    ...pageOf(random, provider, likely.has('deadlines')),
    order_nos: new Set(),
    pages: [],
  };
}

/** For which device, with what on it, for how long, and where it leads back to. */
function pageOf(random: Town['random'], provider: CheckoutNote['provider'], isShort: boolean) {
  const scene = random.pick(['desktop', 'mobile'] as const);
  const lasts = provider === 'stripe' ? [1_800, 3_600] : [61, 120, 300, 900];
  return {
    scene,
    ...(scene === 'mobile' && provider === 'wechat' && { payer_client_ip: `203.0.113.${random.below(256)}` }),
    ...(random.chance(0.3) && { description: '会员年卡' }),
    ...(random.chance(0.3) && { return_url: `https://shop.example/back?of=${random.text(6)}` }),
    ...(random.chance(isShort ? 0.8 : 0.25) && { expires_in: random.pick(lasts) }),
  };
}

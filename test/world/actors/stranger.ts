import { createHmac } from 'node:crypto';
import { OWN_TENANT, STAGE_TENANT, tokenOf } from '../documents.ts';
import type { Town } from '../town.ts';
import type { Post } from '../wire.ts';
import { callAs } from './client.ts';

/** A stranger, who has no key: forges messages and tokens, and sends again what he has seen. */
export async function runStranger(town: Town): Promise<void> {
  const { random, clock, marks, notes } = town;
  for (let tries = random.pick([0, 1, 2, 3]); tries > 0; tries -= 1) {
    await clock.sleep(random.pick([60_000, 1_200_000, 4_000_000]));
    if (clock.now() > town.closing_at) return;
    const numbers = [
      ...notes.shopOrders.map(({ order_no }) => order_no),
      ...notes.checkouts.flatMap(({ order_nos }) => [...order_nos]),
    ];
    if (numbers.length === 0) continue;
    const post = forge(town, random.pick(numbers));
    notes.forged.add(post);
    marks.take('forged');
    const reply = await town.send(post);
    if (reply && reply.status < 400) town.notes.violations.push(`a forged message was taken: ${reply.body}`);
    if (random.chance(0.3)) await forgeToken(town);
  }
}

/** Sends a genuine message again a day or a week after it went by. */
export async function runReplayer({ random, clock, marks, notes, send }: Town): Promise<void> {
  await clock.sleep(random.pick([86_400_000, 604_800_000]));
  if (notes.seen.length === 0) return;
  marks.take('replayed');
  await send(random.pick(notes.seen));
}

/**
 * Sends genuine messages, a moment after they went by, to an address that is not their merchant's: nobody there has its
 * key, and nothing may come of it.
 */
export async function runCrosser({
  random,
  clock,
  marks,
  notes,
  send,
  likely,
  closing_at,
}: Town): Promise<void> {
  const isLikely = likely.has('crossing');
  let seen = 0;
  while (clock.now() < closing_at) {
    await clock.sleep(random.pick(isLikely ? [2_000, 10_000, 60_000] : [20_000, 120_000]));
    const recent = notes.seen.slice(seen).filter(({ path }) => isCallback(path));
    seen = notes.seen.length;
    for (const post of recent) {
      if (!random.chance(isLikely ? 0.9 : 0.2)) continue;
      const path = random.pick(othersOf(post.path));
      marks.take('crossed');
      const crossed = { ...post, path };
      notes.forged.add(crossed);
      const reply = await send(crossed);
      if (reply && reply.status < 400)
        notes.violations.push(`a message for ${post.path} was taken at ${path}: ${reply.body}`);
    }
  }
}

const isCallback = (path: string) => path === '/v2/payments/notify' || path.startsWith('/api/pay/callback/');

/** The tenants' addresses, of whom one has merchants of its own, of what is the stage's; and the other way round. */
function othersOf(path: string): readonly [string, ...string[]] {
  const [, stages = '/api/pay/callback/wechat', tenant] =
    /^(\/api\/pay\/callback\/\w+)(\/\d+)?$/.exec(path) ?? [];
  const others = [STAGE_TENANT, 9_999].map((id) => `${stages}/${id}`);
  return [tenant ? stages : `${stages}/${OWN_TENANT}`, ...others];
}

function forge({ random, clock }: Town, number: string): Post {
  const seconds = String(Math.floor(clock.now() / 1_000));
  const amount = { amount: '0.01', currency: 'CNY' };
  switch (random.below(5)) {
    case 0: {
      const fields = { order_no: number, status: 'succeeded', ...amount };
      const sig = createHmac('sha256', 'a-guess').update('guess').digest('hex');
      const path = random.pick([
        '/api/pay/callback/wechat',
        '/api/pay/callback/alipay',
        `/api/pay/callback/wechat/${OWN_TENANT}`,
        `/api/pay/callback/alipay/${OWN_TENANT}`,
      ]);
      return {
        path,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...fields, sig }),
      };
    }
    case 1: {
      const body = JSON.stringify({ order_no: number, status: 'succeeded' });
      const v1 = createHmac('sha256', 'a-guess').update(`${seconds}.${body}`).digest('hex');
      return {
        path: '/api/pay/callback/stripe',
        headers: { 'content-type': 'application/json', 'stripe-signature': `t=${seconds},v1=${v1}` },
        body,
      };
    }
    case 2: {
      const body = new URLSearchParams({
        out_trade_no: number,
        trade_status: 'TRADE_SUCCESS',
        total_amount: '0.01',
        app_id: '2021000122671234',
        seller_id: '2088102147948060',
        sign_type: random.pick(['RSA2', 'RSA', 'none']),
        sign: random.text(344),
      }).toString();
      return {
        path: '/api/pay/callback/alipay',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body,
      };
    }
    default: {
      const headers = {
        'content-type': 'application/json',
        'wechatpay-timestamp': seconds,
        'wechatpay-nonce': random.text(32),
        'wechatpay-serial': random.pick([
          random.text(40).toUpperCase(),
          'PUB_KEY_ID_0114232134912410000000000000',
          '__proto__',
          'constructor',
        ]),
        'wechatpay-signature': Buffer.from(random.text(256)).toString('base64'),
      };
      const body = JSON.stringify({
        id: 'EV',
        resource: {
          algorithm: 'AEAD_AES_256_GCM',
          ciphertext: 'AAAA',
          nonce: '123456789012',
          associated_data: '',
        },
      });
      return { path: random.pick(['/v2/payments/notify', '/api/pay/callback/wechat']), headers, body };
    }
  }
}

/** Refunds and orders with a token that nobody signed, or that is somebody's who may not. */
async function forgeToken(town: Town): Promise<void> {
  const { random, clock } = town;
  const [order] = town.notes.shopOrders;
  if (!order) return;
  const token = tokenOf({ sub: 'me', role: 'admin' }, clock.now(), 'not-the-secret-of-the-login-at-all');
  const body = JSON.stringify({ order_no: order.order_no, reason: 'mine' });
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'idempotency-key': 'stranger',
  };
  const reply = await town.send({ path: '/api/pay/refund', headers, body });
  if (reply && reply.status < 400) town.notes.violations.push(`a forged token was taken: ${reply.body}`);
  const claims = random.pick([
    { sub: 'another-user', role: 'user' } as const,
    { sub: 'tenant-9', role: 'admin', tenant_id: 9 } as const,
  ]);
  const other = await callAs(town, claims, { method: 'GET', path: `/v2/orders/${order.kind}/${order.id}` });
  if (other && other.status < 400)
    town.notes.violations.push(`somebody else's order was shown: ${other.body}`);
}

import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemIo } from '../../../lib/io.ts';
import { type Provider, providers } from '../../../lib/orders/kinds.ts';
import type { Merchant, PaymentRequest, RefundRequest } from '../../../lib/orders/provider-gateway.ts';
import { alipay as alipayFace } from '../../../lib/providers/alipay/index.ts';
import { allProviders } from '../../../lib/providers/all.ts';
import { currencyFormat, providerFacts } from '../../../lib/providers/facts.ts';
import { flatSignature } from '../../../lib/providers/flat-callback.ts';
import type { RawMessage, Receivers } from '../../../lib/providers/message.ts';
import type { OpenParts } from '../../../lib/providers/provider.ts';
import { wechat as wechatFace } from '../../../lib/providers/wechat/index.ts';
import { createAlipayParty } from '../../support/alipay.ts';
import { paidPayment, shippingOf, shopOrder } from '../../support/orders.ts';
import { createStripeParty } from '../../support/stripe.ts';
import { createWechatParty } from '../../support/wechat.ts';

const wechat = createWechatParty();
const alipay = createAlipayParty();
const stripe = createStripeParty();
const now = Date.parse('2026-11-22T03:00:00Z');

const signFlat = (key: string | undefined, fields: Readonly<Record<string, string>>): RawMessage => {
  const sig = flatSignature(new Map(Object.entries(fields)), Buffer.from(key ?? ''));
  return { headers: {}, body: Buffer.from(JSON.stringify({ ...fields, sig })) };
};
const flat = { order_no: 'mall-1', status: 'succeeded' };

/** What each provider's side has: its document, its own message that mall-1 was paid, and a flat one. */
const parties = {
  wechat: {
    document: { ...wechat.document, apps: { [wechat.document.appid]: { secret: 'f'.repeat(32) } } },
    merchant: { name: '1230000109', appids: ['wxd678efh567hg6787'] },
    paid: () => wechat.signNotification(wechat.transaction('mall-1', 1999), { at: now }),
    flat: () => signFlat(wechat.document.callback_keys[0], flat),
  },
  alipay: {
    document: alipay.document,
    merchant: { name: '2021000122671080.2088101122136241', appids: [] },
    paid: () => alipay.signNotification(alipay.trade('mall-1', '19.99')),
    flat: () => signFlat(alipay.document.callback_keys[0], flat),
  },
  stripe: {
    document: stripe.document,
    merchant: { name: 'acct_1SettleParty.test', appids: [] },
    paid: () => stripe.signEvent(stripe.paidEvent('mall-1', 1999), { at: now }),
    flat: () => stripe.signFlat(flat, { at: now }),
  },
} as const satisfies Record<Provider, object>;

const payment: PaymentRequest = {
  payment_no: 'mall-1',
  amount: 1999,
  currency: 'CNY',
  appid: null,
  scene: 'desktop',
  description: '苹果',
  openid: null,
  payer_client_ip: null,
  begun_at: '2026-11-22T02:59:00.000Z',
  expires_at: '2026-11-22T04:59:00.000Z',
  handed_out: null,
  attempt: 1,
  return_url: null,
};
const refund: RefundRequest = {
  payment_no: 'mall-1',
  refund_no: 'mall-1-r1',
  transaction_id: 'T1',
  paid_amount: 1999,
  amount: 100,
  currency: 'CNY',
  reason: '退款',
};

const shipping = shippingOf(paidPayment(shopOrder()));

/** Each verb, called. */
const verbs = {
  createPayment: ({ gateway }: Merchant) => gateway.createPayment(payment),
  query: ({ gateway }: Merchant) => gateway.query(payment),
  close: ({ gateway }: Merchant) => gateway.close(payment),
  refund: ({ gateway }: Merchant) => gateway.refund(refund),
  queryRefund: ({ gateway }: Merchant) => gateway.queryRefund(refund),
  repairRefund: ({ gateway }: Merchant) => gateway.repairRefund(refund),
  reportShipping: ({ gateway }: Merchant) => gateway.reportShipping(payment, shipping),
} as const satisfies Record<Exclude<keyof Merchant['gateway'], 'clientParameters'>, unknown>;

/** The providers' hosts; anything else is not called. */
const hosts: Readonly<Record<Provider, string>> = {
  wechat: 'api.mch.weixin.qq.com',
  alipay: 'openapi.alipay.com',
  stripe: 'api.stripe.com',
};

const isLoaded = vi.hoisted(() => ({ stripe: false }));
vi.mock('../../../lib/providers/stripe/gateway.ts', async (load) => {
  isLoaded.stripe = true;
  return load();
});

const called: string[] = [];
afterEach(() => {
  called.length = 0;
});

const parts: OpenParts = {
  io: {
    ...systemIo,
    now: () => now,
    fetch: async (...request) => {
      called.push(new URL(new Request(...request).url).host);
      return new Response('', { status: 503 });
    },
  },
  publicUrl: 'https://pay.example',
  orderPrefix: '',
  tenant_id: null,
};

interface Opened {
  readonly merchant: Merchant;
  readonly receivers: Receivers;
}

const opened = new Map(
  allProviders.map(({ name, open, receive }): [Provider, Opened] => {
    const { document } = parties[name];
    return [name, { merchant: open(parts)(document), receivers: receive(parts)(document) }];
  }),
);
const openedAt = (provider: Provider): Opened => {
  const merchant = opened.get(provider);
  if (!merchant) throw new Error(`${provider} has no face`);
  return merchant;
};

describe('the faces', () => {
  it('are those of all providers, each once', () => {
    expect(allProviders.map(({ name }) => name).toSorted()).toEqual(providers.toSorted());
    for (const { name, facts } of allProviders) expect(facts).toBe(providerFacts[name]);
  });

  it('are made, and receive messages, before the package of Stripe is loaded', async () => {
    await openedAt('stripe').receivers.native(parties.stripe.paid());
    expect(isLoaded.stripe).toBe(false);
    await expect(verbs.query(openedAt('stripe').merchant)).rejects.toThrow();
    expect(isLoaded.stripe).toBe(true);
  });
});

describe.each(providers)('the face of %s', (provider) => {
  const { merchant, receivers } = openedAt(provider);
  const party = parties[provider];

  it('names its merchant, and what can be paid there', () => {
    const { gateway: _, ...told } = merchant;
    expect(told).toEqual({ provider, ...party.merchant, former: [], limits: providerFacts[provider].limits });
  });

  it('stamps its own messages and flat bodies with the merchant', async () => {
    const event = await receivers.native(party.paid());
    const paid = { type: 'succeeded', payment_no: 'mall-1', provider, merchant: merchant.name };
    expect(event).toMatchObject({ ...paid, amount: 1999 });
    expect(event && 'appid' in event ? event.appid : null).toBe(merchant.appids[0] ?? null);
    expect(await receivers.flat(party.flat())).toEqual({ ...paid, transaction_id: null });
  });

  it.each(providers.filter((other) => other !== provider))('takes nothing of %s', async (other) => {
    for (const message of [parties[other].paid(), parties[other].flat()]) {
      const failure = expect.objectContaining({
        name: expect.stringMatching(/^(VerificationError|MalformedMessageError)$/),
      });
      await expect(async () => receivers.native(message)).rejects.toThrow(failure);
      await expect(async () => receivers.flat(message)).rejects.toThrow(failure);
    }
  });

  it.each(Object.keys(verbs) as (keyof typeof verbs)[])('offers %s, and asks nobody else', async (verb) => {
    const result = verbs[verb](merchant);
    if (provider === 'alipay' && verb === 'createPayment') {
      expect(await result).toMatchObject({ outcome: 'created' });
      return expect(called).toEqual([]);
    }
    if (provider !== 'wechat' && (verb === 'repairRefund' || verb === 'reportShipping')) {
      expect(await result).toEqual({ state: 'unsupported' });
      return expect(called).toEqual([]);
    }
    await expect(result).rejects.toMatchObject({ name: 'ProviderCallError', provider });
    expect(new Set(called)).toEqual(new Set([hosts[provider]]));
  });

  it("gives a payer's client an address to pay at", () => {
    expect(merchant.gateway.clientParameters(payment, 'https://page.example/1')).toEqual({
      pay_url: 'https://page.example/1',
    });
  });

  it('takes a payment for as long as a tenant’s order can be paid', () => {
    const { longest_ms, shortest_ms } = merchant.limits;
    expect(shortest_ms).toBeLessThan(2 * 3_600_000);
    expect(longest_ms).toBeGreaterThanOrEqual(2 * 3_600_000);
  });
});

it.each([
  [null, 'https://pay.example/api/pay/callback/alipay'],
  [7, 'https://pay.example/api/pay/callback/alipay/7'],
])('Alipay tells of the payments of tenant %j where the keys are known', async (tenant_id, address) => {
  const { gateway } = alipayFace.open({ ...parts, tenant_id })(alipay.document);
  const created = await gateway.createPayment(payment);
  if (created.outcome !== 'created') throw new Error(created.outcome);
  expect(new URL(created.page).searchParams.get('notify_url')).toBe(address);
});

it.each(allProviders)('$name has, of its document, the merchants of before', ({ name, open, receive }) => {
  const former = ['one-before', 'another.before'];
  const document = { ...parties[name].document, former };
  expect(open(parts)(document)).toMatchObject({ former });
  expect(receive(parts)(document)).toMatchObject({ name: parties[name].merchant.name, former });
});

it('WeChat Pay has all apps of its document, the usual one first', () => {
  const { appid } = wechat.document;
  const document = { ...wechat.document, apps: { wx1: {}, [appid]: {}, wx2: { secret: 'f'.repeat(32) } } };
  expect(wechatFace.open(parts)(document).appids).toEqual([appid, 'wx1', 'wx2']);
});

describe('the platform certificates of WeChat Pay', () => {
  it('are looked for once, however often the document is replaced', async () => {
    const open = allProviders.find(({ name }) => name === 'wechat')?.receive(parts);
    const { headers, body } = parties.wechat.paid();
    const message = { headers: { ...headers, 'wechatpay-serial': 'AB01' }, body };
    for (let document = 0; document < 3; document++) {
      const receive = open?.(wechat.document).native;
      await expect(receive?.(message)).rejects.toMatchObject({ reason: 'unknown_key' });
    }
    expect(called).toEqual([hosts.wechat]);
  });
});

describe('currencyFormat', () => {
  it('is how the provider counts the currency', () => {
    for (const provider of providers) {
      expect(currencyFormat(provider, 'CNY')).toEqual({ digits: 2, step: 1 });
    }
    expect(currencyFormat('stripe', 'JPY')).toEqual({ digits: 0, step: 1 });
  });

  it.each(['USD', 'constructor', '__proto__', ''])('knows no %j at WeChat Pay and Alipay', (currency) => {
    expect(currencyFormat('wechat', currency)).toBeUndefined();
    expect(currencyFormat('alipay', currency)).toBeUndefined();
  });
});

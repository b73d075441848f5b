import { describe, expect, it } from 'vitest';
import { type CheckoutBody, checkoutSchema, createCheckoutApi } from '../../../lib/http/checkout-api.ts';
import { isoTime } from '../../../lib/io.ts';
import { type Provider, providers } from '../../../lib/orders/kinds.ts';
import { providerFacts } from '../../../lib/providers/facts.ts';
import { NOW } from '../../support/orders.ts';
import { callApi, createApiWorld } from './api-world.ts';

const HOUR_S = 3_600;
const body = { tenant_id: 7, amount: 19.99, provider: 'alipay' };
const byPhone = { ...body, provider: 'wechat', scene: 'mobile', payer_client_ip: '203.0.113.7' };

const read = (changes: object): CheckoutBody => checkoutSchema.parse({ ...body, ...changes });
const refused = (changes: object): string => {
  const { success, error } = checkoutSchema.safeParse({ ...body, ...changes });
  if (success) throw new Error('it is taken');
  const [issue] = error.issues;
  return issue?.code === 'unrecognized_keys' ? String(issue.keys) : String(issue?.path.join('.'));
};

function arrange(returnHosts: readonly string[] = ['shop.example.com']) {
  const world = createApiWorld();
  const { runtime, store, merchants } = world;
  const handler = createCheckoutApi({ ...runtime, returnHosts }, { store, merchants });
  return {
    ...world,
    checkout: (changes: object = {}, key?: string) =>
      callApi(handler, { body: { ...body, ...changes }, ...(key !== undefined && { key }) }),
  };
}

describe('how long a checkout lasts', () => {
  it.each<[Provider, number, number]>([
    ['wechat', 60, 6 * 24 * HOUR_S],
    ['alipay', 60, 6 * 24 * HOUR_S],
    ['stripe', 30 * 60, 24 * HOUR_S - 5 * 60],
  ])('is, at %s, from %i to %i seconds', (provider, least, most) => {
    for (const seconds of [least, most]) {
      expect(read({ provider, expires_in: seconds }).lasts_ms).toBe(seconds * 1_000);
    }
    for (const seconds of [least - 1, most + 1, Number.MAX_SAFE_INTEGER]) {
      expect(refused({ provider, expires_in: seconds })).toBe('expires_in');
    }
    const { longest_ms, shortest_ms } = providerFacts[provider].limits;
    expect([shortest_ms, longest_ms]).toEqual([least * 1_000, most * 1_000]);
  });

  it('is two hours unless it is said', () => {
    for (const provider of providers) expect(read({ provider }).lasts_ms).toBe(2 * HOUR_S * 1_000);
  });

  it.each([0, -60, 1.5, '3600', null])('is no %j', (expires_in) => {
    expect(refused({ expires_in })).toBe('expires_in');
  });

  it('is what the order and its payment end with, and the provider is told', async () => {
    const { checkout, store, merchants } = arrange();
    const reply = await checkout({ expires_in: 600 });
    const { order, payments } = store.stored(reply.data);
    const expires_at = isoTime(NOW + 600_000);
    expect([order.expires_at, payments[0]?.expires_at]).toEqual([expires_at, expires_at]);
    expect(merchants.requests.createPayment).toMatchObject([{ expires_at }]);
  });
});

describe('the scene', () => {
  it('is a page of a computer unless it is said', () => {
    expect(read({})).toMatchObject({ scene: 'desktop', payer_client_ip: null });
  });

  it.each(['jsapi', 'app', '', null, 1])('is none that a page is not of: %j', (scene) => {
    expect(refused({ scene })).toBe('scene');
  });

  it.each(['203.0.113.7', '2001:db8::7', '::ffff:203.0.113.7'])(
    'of a phone at WeChat Pay needs the payer’s address: %s',
    (payer_client_ip) => {
      expect(read({ ...byPhone, payer_client_ip })).toMatchObject({ scene: 'mobile', payer_client_ip });
    },
  );

  it.each([
    '',
    'localhost',
    '203.0.113.256',
    '203.0.113.7:80',
    '203.0.113.0/24',
    'fe80::1%eth0',
    7,
    null,
    undefined,
  ])('of a phone at WeChat Pay is refused without one: %j', (payer_client_ip) => {
    expect(refused({ ...byPhone, payer_client_ip })).toBe('payer_client_ip');
  });

  it.each([
    ['wechat', 'desktop'],
    ['alipay', 'desktop'],
    ['alipay', 'mobile'],
    ['stripe', 'desktop'],
    ['stripe', 'mobile'],
  ])('takes no address of a payer elsewhere: %s, %s', (provider, scene) => {
    expect(refused({ provider, scene, payer_client_ip: '203.0.113.7' })).toBe('payer_client_ip');
    expect(read({ provider, scene })).toMatchObject({ scene, payer_client_ip: null });
  });

  it('reaches the provider with the payer’s address, which is neither stored nor logged', async () => {
    const { checkout, store, merchants, log } = arrange();
    const reply = await checkout(byPhone);
    expect(merchants.requests.createPayment).toMatchObject([
      { scene: 'mobile', payer_client_ip: '203.0.113.7' },
    ]);
    const kept = JSON.stringify([store.stored(reply.data), store.changes, log.written]);
    expect(kept).toContain('"mobile"');
    expect(kept).not.toContain('203.0.113.7');
  });
});

describe('a description', () => {
  it.each([
    ['a'.repeat(127), 'a'.repeat(128)],
    ['苹'.repeat(42), '苹'.repeat(43)],
    ['🍎'.repeat(31), '🍎'.repeat(32)],
  ])('is at most 127 bytes, which every provider takes', (longest, tooLong) => {
    for (const provider of providers) {
      expect(read({ provider, description: longest }).description).toBe(longest);
      expect(refused({ provider, description: tooLong })).toBe('description');
      // In bytes or in characters, of which there are no more.
      expect(providerFacts[provider].texts.description?.most).toBeGreaterThanOrEqual(127);
    }
  });

  it.each(['', '\ud800', 7, null])('is text: %j', (description) => {
    expect(refused({ description })).toBe('description');
  });

  it('is what the payer reads, else the order’s number', async () => {
    const { checkout, store, merchants } = arrange();
    const named = await checkout({ description: '会员一年' });
    const unnamed = await checkout();
    expect(store.stored(named.data).order.description).toBe('会员一年');
    expect(merchants.requests.createPayment).toMatchObject([
      { description: '会员一年' },
      { description: `订单 ${unnamed.data.order_no}` },
    ]);
  });
});

describe('the address that a page leads back to', () => {
  it.each([
    'https://shop.example.com',
    'https://shop.example.com/',
    'https://shop.example.com/orders/7?paid=1&x=%E8%8B%B9#top',
    'https://shop.example.com:8443/',
    'HTTPS://SHOP.example.com/',
    'https://shop.example.com/?next=https://evil.example/@x',
    'https://xn--fiq228c.example/',
    'http://127.0.0.1:3000/back',
  ])('may be %s', async (return_url) => {
    const { checkout, merchants } = arrange(['shop.example.com', 'xn--fiq228c.example', '127.0.0.1']);
    expect(await checkout({ return_url })).toMatchObject({ status: 201 });
    expect(merchants.requests.createPayment).toMatchObject([{ return_url }]);
  });

  it.each([
    'https://evil.example/',
    'https://evil.shop.example.com/',
    'https://shop.example.com.evil.example/',
    'https://shop.example.com@evil.example/',
    'https://shop.example.com:x@evil.example/',
    'https://user@shop.example.com/',
    'https://user:secret@shop.example.com/',
    'https://shop.example.com\\@evil.example/',
    'https://evil.example\\@shop.example.com/',
    'https:\\\\shop.example.com/',
    'https:/shop.example.com/',
    'https:shop.example.com',
    'https:///shop.example.com/',
    '//shop.example.com/',
    'shop.example.com',
    'http://shop.example.com/',
    'http://127.0.0.2/',
    'javascript://shop.example.com/%0aalert(1)',
    'weixin://shop.example.com/',
    'https://中文.example/',
    'https://shop.example.com/苹果',
    'https://shop.example.com/a b',
    ' https://shop.example.com/',
    'https://shop.example.com/\n',
    'https://shop。example.com/',
    'https://shop.example.com./',
    'https://shop.example.com%2f@evil.example/',
    'https://[::1]/',
  ])('is none that the stage does not allow: %j', async (return_url) => {
    const { checkout, store } = arrange(['shop.example.com', '中文.example']);
    const reply = await checkout({ return_url });
    expect(reply).toMatchObject({ status: 400, message: expect.stringMatching(/^return_url /) });
    expect(store.changes).toEqual([]);
  });

  it('is none in a stage that allows no host, and may be left out there', async () => {
    const { checkout } = arrange([]);
    expect(await checkout({ return_url: 'https://shop.example.com/' })).toMatchObject({ status: 400 });
    expect(await checkout()).toMatchObject({ status: 201 });
  });

  it('is at most 200 characters long', () => {
    const longest = 'https://shop.example.com/'.padEnd(200, 'x');
    expect(read({ return_url: longest }).return_url).toBe(longest);
    expect(refused({ return_url: `${longest}x` })).toBe('return_url');
    expect(refused({ return_url: '' })).toBe('return_url');
  });
});

describe('an Idempotency-Key', () => {
  const first = { ...byPhone, description: '茶', return_url: 'https://shop.example.com/', expires_in: 600 };

  it.each([
    { description: '酒' },
    { description: undefined },
    { return_url: 'https://shop.example.com/2' },
    { return_url: undefined },
    { expires_in: 601 },
    { expires_in: undefined },
    { scene: 'desktop', payer_client_ip: undefined },
  ])('is another request’s with %j', async (change) => {
    const { checkout, store } = arrange();
    expect(await checkout(first, 'key')).toMatchObject({ status: 201 });
    expect(await checkout({ ...first, ...change }, 'key')).toEqual({
      ...{ status: 409, message: 'Idempotency-Key 已用于另一个请求', data: null },
    });
    expect(store.count('order')).toBe(1);
  });

  it('is the same request’s from another address of the payer, where WeChat Pay is asked anew', async () => {
    const { checkout, merchants } = arrange();
    const good_until = isoTime(NOW + 5 * 60_000);
    for (const page of ['https://wx.example/1', 'https://wx.example/2']) {
      merchants.script('createPayment', () => ({
        outcome: 'created',
        page,
        handed_out: { page, id: null, good_until },
      }));
    }
    const one = await checkout(first, 'key');
    const other = await checkout({ ...first, payer_client_ip: '203.0.113.8' }, 'key');
    expect(other.data.order_no).toBe(one.data.order_no);
    expect([one.data.pay_url, other.data.pay_url]).toEqual(['https://wx.example/1', 'https://wx.example/2']);
    expect(merchants.requests.createPayment).toMatchObject([
      { payment_no: one.data.order_no, payer_client_ip: '203.0.113.7' },
      { payment_no: one.data.order_no, payer_client_ip: '203.0.113.8' },
    ]);
  });

  it('finishes with what was asked for first, however late it comes', async () => {
    const { checkout, merchants, clock } = arrange();
    merchants.script('createPayment', () => {
      throw new Error('down');
    });
    expect(await checkout(first, 'key')).toMatchObject({ status: 500 });
    clock.now += 60_000;
    expect(await checkout(first, 'key')).toMatchObject({ status: 201 });
    const expires_at = isoTime(NOW + 600_000);
    expect(merchants.requests.createPayment.map((request) => request.expires_at)).toEqual([
      expires_at,
      expires_at,
    ]);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { leadsTo } from '../../../../../infra/local/simulators/payer/refresh.ts';
import { type Bench, startBench, uniqueOrderNumber } from '../bench.ts';
import { type Begun, begin, type Scene, sceneNames } from './scenes.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.stop());
beforeEach(() => {
  bench.received.length = 0;
  bench.clock.ahead_ms = 0;
});

const SHOP = 'https://shop.example';

async function open(page: string, headers: Record<string, string> = {}) {
  const browser = { referer: `${SHOP}/`, 'accept-language': 'en', ...headers };
  const response = await fetch(page, { headers: browser });
  return { status: response.status, to: leadsTo(response), page: await response.text() };
}

/** Where the page's form goes. */
async function formOf(page: string): Promise<string> {
  const [, action = page] = /<form method="post" action="([^"]+)"/.exec((await open(page)).page) ?? [];
  return new URL(action.replaceAll('&amp;', '&'), page).href;
}

/** Sends a form as its own page does, unless it is said otherwise. */
async function submit(form: string, act: string, headers: Record<string, string> = {}) {
  const response = await fetch(form, {
    method: 'POST',
    headers: { origin: bench.url, referer: form, ...headers },
    body: new URLSearchParams({ act }),
    redirect: 'manual',
  });
  const to = response.headers.get('location');
  return { status: response.status, to: to === null ? null : new URL(to, form).href };
}

const send = async (page: string, act: string, headers: Record<string, string> = {}) =>
  submit(await formOf(page), act, headers);

const stateOf = async ({ provider, payment_no }: Begun) =>
  ((await bench.control(`/payments/${provider}/${payment_no}`)).body as { payment: { state: string } })
    .payment.state;

const leadingBack = ['stripe', 'alipay_page', 'alipay_wap', 'wechat_h5'] as const satisfies Scene[];
const failingHere = sceneNames.filter((scene) => scene !== 'stripe');

describe.each(sceneNames)('the page of %s', (scene) => {
  it('pays, tells the merchant, and is got anew and not sent again', async () => {
    const begun = await begin(bench, scene, { shop: SHOP });
    expect(await send(begun.page, 'pay')).toEqual({ status: 303, to: begun.page });
    expect(await stateOf(begun)).toBe('paid');
    expect(bench.received).toHaveLength(1);
  });

  it('pays once, whether its form is sent twice at once or again', async () => {
    const { page } = await begin(bench, scene, { shop: SHOP });
    const form = await formOf(page);
    const led = { status: 303, to: page };
    expect(await Promise.all([submit(form, 'pay'), submit(form, 'pay')])).toEqual([led, led]);
    for (const act of ['pay', 'fail']) expect(await submit(form, act)).toEqual(led);
    expect(bench.received).toHaveLength(1);
  });

  it('takes no form from another site', async () => {
    const begun = await begin(bench, scene, { shop: SHOP });
    for (const headers of [{ origin: SHOP }, { origin: bench.url, 'sec-fetch-site': 'cross-site' }]) {
      expect(await send(begun.page, 'pay', headers)).toEqual({ status: 403, to: null });
    }
    expect(await stateOf(begun)).toBe('open');
  });

  it('does nothing that it does not offer', async () => {
    const begun = await begin(bench, scene, { shop: SHOP });
    for (const act of ['close', '', 'toString']) expect((await send(begun.page, act)).status).toBe(303);
    expect(await stateOf(begun)).toBe('open');
    expect(bench.received).toEqual([]);
  });

  it('says that it is closed, and takes no payment then', async () => {
    const begun = await begin(bench, scene, { shop: SHOP });
    const form = await formOf(begun.page);
    await bench.act(`${begun.provider}/${begun.payment_no}/close`, { deliver: false });
    const { status, page } = await open(begun.page);
    expect({ status, page }).toMatchObject({ status: 400, page: expect.stringContaining('closed') });
    expect(page).not.toContain('<form');
    await submit(form, 'pay');
    expect(await stateOf(begun)).toBe('closed');
    expect(bench.received).toEqual([]);
  });
});

describe.each(leadingBack)('the page of %s', (scene) => {
  it('leads back to the shop once it is paid', async () => {
    const { page } = await begin(bench, scene, { shop: SHOP });
    expect((await open(page)).to).toBeNull();
    await send(page, 'pay');
    const { status, to, page: paid } = await open(page);
    expect({ status, to }).toEqual({
      status: 200,
      to: expect.stringMatching(/^https:\/\/shop\.example\/paid\?cart=1(&|$)/),
    });
    // For whose browser does not let itself be led.
    expect(paid).toContain(`<a href="${to?.replaceAll('&', '&amp;')}">Back to the shop</a>`);
    expect(paid).toContain('>Paid');
  });
});

describe.each(failingHere)('the page of %s', (scene) => {
  it('says that it failed, and can be paid after all', async () => {
    const begun = await begin(bench, scene, { shop: SHOP });
    expect(await send(begun.page, 'fail')).toEqual({ status: 303, to: begun.page });
    expect((await open(begun.page)).page).toContain('The payment failed');
    await send(begun.page, 'pay');
    expect(await stateOf(begun)).toBe('paid');
  });
});

describe.each(['alipay_page', 'alipay_wap', 'wechat_h5'] as const)('the page of %s', (scene) => {
  it('needs no way back', async () => {
    const begun = await begin(bench, scene, { shop: null });
    await send(begun.page, 'pay');
    const { status, page } = await open(begun.page);
    expect({ status, page }).toMatchObject({
      status: 200,
      page: expect.stringContaining('Go back to the shop'),
    });
    expect(page).not.toContain('class="back"');
  });
});

describe.each(['stripe', 'alipay_wap', 'wechat_h5'] as const)('the page of %s', (scene) => {
  it('whose time is over says so, and offers the way back', async () => {
    const begun = await begin(bench, scene, { shop: SHOP });
    await open(begun.page);
    // A page of WeChat's for a phone lives five minutes, whatever the payment does.
    bench.clock.ahead_ms = scene === 'wechat_h5' ? 5 * 60_000 : 3 * 3_600_000;
    const { status, page } = await open(begun.page);
    expect(status).toBe(400);
    expect(page).toMatch(/The time to pay is over|This page is good no more/);
    expect(page).toMatch(/<p class="back"><a href="https:\/\/shop\.example\//);
  });
});

describe('Stripe’s page', () => {
  it('puts the session’s id into success_url', async () => {
    const { page } = await begin(bench, 'stripe', { shop: SHOP });
    await send(page, 'pay');
    const id = page.split('/').at(-1);
    expect((await open(page)).to).toBe(`${SHOP}/paid?cart=1&session=${id}`);
  });

  it('keeps to itself that a card was declined', async () => {
    const begun = await begin(bench, 'stripe', { shop: SHOP });
    const { to } = await send(begun.page, 'decline');
    expect(to).toBe(`${begun.page}?declined=1`);
    expect((await open(to ?? '')).page).toContain('The card was declined');
    expect(await stateOf(begun)).toBe('open');
    expect(bench.received).toEqual([]);
    // From there, too.
    expect((await send(to ?? '', 'pay')).to).toBe(begun.page);
    expect(await stateOf(begun)).toBe('paid');
  });

  it('is complete with a bank debit, which fails later', async () => {
    const begun = await begin(bench, 'stripe', { shop: SHOP });
    await send(begun.page, 'fail');
    expect(JSON.parse(bench.received[0]?.body ?? '')).toMatchObject({
      type: 'checkout.session.async_payment_failed',
    });
    expect((await open(begun.page)).to).toMatch(/^https:\/\/shop\.example\/paid/);
    // Complete is complete.
    await submit(begun.page, 'pay');
    expect(await stateOf(begun)).toBe('failed');
  });

  it('of one session pays that one, and no other of the same number', async () => {
    const payment_no = uniqueOrderNumber();
    const [first, second] = [
      await begin(bench, 'stripe', { shop: SHOP, payment_no }),
      await begin(bench, 'stripe', { shop: SHOP, payment_no }),
    ];
    await send(first.page, 'pay');
    expect((await open(first.page)).to).toContain(SHOP);
    expect((await open(second.page)).to).toBeNull();
    // By its number, the newest is meant as before.
    expect(await stateOf(second)).toBe('open');
  });

  it('of no session says so', async () => {
    expect(await open(`${bench.url}/stripe/pay/cs_test_none`)).toMatchObject({ status: 404 });
  });

  it.each(['success', 'cancel'])('has a page of the shop’s to lead to: %s', async (name) => {
    const { status, page } = await open(`${bench.url}/stripe/${name}`);
    expect({ status, page }).toMatchObject({ status: 200, page: expect.stringContaining(`${name}_url`) });
  });
});

describe('Alipay’s page', () => {
  it('cannot be made to cost less or to lead elsewhere', async () => {
    const { page } = await begin(bench, 'alipay_wap', { shop: SHOP });
    await open(page);
    for (const changed of [page.replace('12.34', '0.01'), page.replaceAll('shop.example', 'other.example')]) {
      const form = changed.replace('/gateway.do', '/cashier');
      const init = { method: 'POST', headers: { origin: bench.url }, body: 'act=pay' };
      const answer = await fetch(form, init);
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain('isv.invalid-signature');
    }
    expect((await open(page)).status).toBe(200);
  });

  it('for a computer offers no way back before it is paid', async () => {
    const { page } = await begin(bench, 'alipay_page', { shop: SHOP });
    const opened = await open(page);
    expect(opened.page).toContain('leads nowhere');
    expect(opened.page).not.toContain('class="back"');
  });

  it('of a trade that was never opened in its time makes none', async () => {
    const begun = await begin(bench, 'alipay_page', { shop: SHOP });
    bench.clock.ahead_ms = 3 * 3_600_000;
    expect(await open(begun.page)).toMatchObject({
      status: 400,
      page: expect.stringContaining('The time to pay is over'),
    });
    expect((await bench.control(`/payments/alipay/${begun.payment_no}`)).status).toBe(404);
  });
});

describe('WeChat’s page behind a code', () => {
  it('is good for two hours', async () => {
    const { page } = await begin(bench, 'wechat_native', { shop: null, lasts_ms: 6 * 3_600_000 });
    bench.clock.ahead_ms = 2 * 3_600_000 - 60_000;
    expect((await open(page)).status).toBe(200);
    bench.clock.ahead_ms += 60_000;
    expect(await open(page)).toMatchObject({ status: 400, page: expect.stringContaining('good no more') });
  });

  it.each(['', '?code_url=weixin%3A%2F%2Fwxpay%2Fbizpayurl%3Fpr%3Dnone'])('is none of %s', async (query) => {
    expect((await open(`${bench.url}/wechat/scan${query}`)).status).toBe(400);
  });
});

describe('WeChat’s sheet over a mini-program', () => {
  it.each([
    ['another appid', 'appId', 'wx0000000000000000'],
    ['another time', 'timeStamp', '1'],
    ['another nonce', 'nonceStr', 'n'],
    ['another signature', 'paySign', 'AAAA'],
    ['an unknown prepay_id', 'package', 'prepay_id=wx1'],
    ['no prepay_id', 'package', 'prepay_id=null'],
  ])('refuses %s', async (_what, name, value) => {
    const { page } = await begin(bench, 'wechat_jsapi', { shop: null });
    const changed = new URL(page);
    changed.searchParams.set(name, value);
    expect((await open(changed.href)).status).toBe(400);
    expect((await open(page)).status).toBe(200);
  });

  it('is good for two hours', async () => {
    const { page } = await begin(bench, 'wechat_jsapi', { shop: null, lasts_ms: 6 * 3_600_000 });
    bench.clock.ahead_ms = 2 * 3_600_000 - 60_000;
    expect((await open(page)).status).toBe(200);
    bench.clock.ahead_ms += 60_000;
    expect(await open(page)).toMatchObject({ status: 400, page: expect.stringContaining('two hours') });
  });

  it('tells what the mini-program is told', async () => {
    const { page } = await begin(bench, 'wechat_jsapi', { shop: null });
    expect((await open(page)).page).toContain('requestPayment:fail cancel');
    await send(page, 'pay');
    expect((await open(page)).page).toContain('<code>requestPayment:ok</code>');
  });
});

it('serves what the pages look like, and nothing else beside', async () => {
  const styles = await fetch(`${bench.url}/payer/styles.css`);
  expect(styles.headers.get('content-type')).toContain('text/css');
  expect((await fetch(`${bench.url}/payer/page.ts`)).status).toBe(404);
});

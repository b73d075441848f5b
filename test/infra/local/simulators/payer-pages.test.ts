import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { accessibilityFaults } from '../../../support/accessibility.ts';
import { type LoopbackServer, startLoopbackServer } from '../../../support/loopback-server.ts';
import { startBrowser, type TestBrowser, type WatchedPage } from '../console/browser.ts';
import { type Bench, startBench } from './bench.ts';
import { type Begun, begin, type Scene, sceneNames } from './payer/scenes.ts';

/** Payers with a browser: from a shop of another site to each provider's page, and back. */

let bench: Bench;
let browser: TestBrowser;
let server: LoopbackServer;
let shop: string;
let watched: WatchedPage;
let page: Page;

beforeAll(async () => {
  [bench, browser, server] = await Promise.all([
    startBench(),
    startBrowser(),
    startLoopbackServer(({ path, query }) => ({
      headers: { 'content-type': 'text/html; charset=utf-8' },
      body: `<!doctype html><title>Shop</title><h1>${path}</h1><a href="${attribute(query.get('to') ?? '')}">Check out</a>`,
    })),
  ]);
  // The same machine under a name that makes it another site.
  shop = server.baseUrl.replace('127.0.0.1', 'localhost');
});
afterAll(async () => {
  await Promise.all([browser?.stop(), bench?.stop(), server?.close()]);
});

beforeEach(async () => {
  bench.received.length = 0;
  bench.clock.ahead_ms = 0;
  watched = await browser.open('about:blank');
  page = watched.page;
});
afterEach(async () => {
  expect([...watched.hosts].filter((host) => !['127.0.0.1', 'localhost', ''].includes(host))).toEqual([]);
  await page.context().close();
});

const attribute = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');

/** A payment, and the payer led to its page by the shop's. */
async function checkOut(scene: Scene): Promise<Begun> {
  const begun = await begin(bench, scene, { shop });
  await page.goto(`${shop}/?to=${encodeURIComponent(begun.page)}`);
  await page.getByRole('link', { name: 'Check out' }).click();
  await page.locator('.amount', { hasText: '12.34' }).waitFor();
  return begun;
}

const button = (name: string | RegExp) => page.getByRole('button', { name });
const payButton = () => button(/^Pay .*12\.34$/);
const stateOf = async ({ provider, payment_no }: Begun) =>
  ((await bench.control(`/payments/${provider}/${payment_no}`)).body as { payment: { state: string } })
    .payment.state;

const leadsBack = (scene: Scene): boolean => scene !== 'wechat_native' && scene !== 'wechat_jsapi';

/** Until the payer is where the scene leads who has paid. */
async function landed(scene: Scene): Promise<void> {
  if (!leadsBack(scene)) return page.getByRole('status').filter({ hasText: 'Paid' }).waitFor();
  await page.getByRole('heading', { name: '/paid' }).waitFor();
  expect(page.url()).toContain(`${shop}/paid?cart=1`);
}

describe.each([
  ['a phone', 360],
  ['a desktop', 1280],
])('on %s', (_device, width) => {
  it.each(sceneNames)('a payer pays and is led back: %s', async (scene) => {
    await page.setViewportSize({ width, height: 740 });
    const begun = await checkOut(scene);
    expect(Number(await page.evaluate('document.documentElement.scrollWidth'))).toBeLessThanOrEqual(width);
    await payButton().click();
    await landed(scene);
    expect(await stateOf(begun)).toBe('paid');
    expect(bench.received).toHaveLength(1);
    expect(watched.errors).toEqual([]);
  });
});

describe('a page is hidden from nobody', () => {
  it.each(sceneNames)('while it can be paid: %s', async (scene) => {
    await checkOut(scene);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await accessibilityFaults(page)).toEqual([]);
    }
  });

  it.each(['paid', 'closed'] as const)('once it is %s', async (state) => {
    const { provider, payment_no } = await checkOut('wechat_native');
    await bench.act(`${provider}/${payment_no}/${state === 'paid' ? 'pay' : 'close'}`);
    await page.reload();
    await page.locator('.notice').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
  });
});

describe.each(sceneNames)('at %s', (scene) => {
  it('a payer who clicks twice, reloads and goes back pays once', async () => {
    const begun = await checkOut(scene);
    await payButton().dblclick();
    await landed(scene);
    await page.reload();
    await page.goBack();
    await page.waitForLoadState();
    expect(await stateOf(begun)).toBe('paid');
    expect(bench.received).toHaveLength(1);
  });

  it('a payer who comes too late is told so', async () => {
    const begun = await checkOut(scene);
    bench.clock.ahead_ms = 3 * 3_600_000;
    await payButton().click();
    await page
      .getByRole('alert')
      .filter({ hasText: /is over|good no more|two hours/ })
      .waitFor();
    expect(await page.locator('form').count()).toBe(0);
    expect(await stateOf(begun)).not.toBe('paid');
    expect(bench.received).toEqual([]);
  });
});

describe.each(sceneNames.filter((scene) => scene !== 'stripe'))('at %s', (scene) => {
  it('a payment fails, and is paid after all', async () => {
    const begun = await checkOut(scene);
    await button('Let it fail').click();
    await page.getByRole('alert').filter({ hasText: 'The payment failed' }).waitFor();
    expect(await stateOf(begun)).toBe('failed');
    await payButton().click();
    await landed(scene);
    expect(await stateOf(begun)).toBe('paid');
    expect(watched.errors).toEqual([]);
  });
});

describe('at Stripe', () => {
  it('a card is declined, which nobody is told, and another pays', async () => {
    const begun = await checkOut('stripe');
    await button('Let the card be declined').click();
    await page.getByRole('alert').filter({ hasText: 'The card was declined' }).waitFor();
    expect(bench.received).toEqual([]);
    await payButton().click();
    await landed('stripe');
    expect(await stateOf(begun)).toBe('paid');
  });

  it('a bank debit leads back like a payment, and fails', async () => {
    const begun = await checkOut('stripe');
    await button('Pay by bank debit that fails later').click();
    await landed('stripe');
    expect(await stateOf(begun)).toBe('failed');
  });
});

describe('a payer who goes back', () => {
  it.each([
    ['stripe', '/cart'],
    ['alipay_wap', '/cart'],
    ['wechat_h5', '/paid?cart=1'],
  ] as const)('is led there by %s without paying: %s', async (scene, to) => {
    const begun = await checkOut(scene);
    await page.getByRole('link', { name: 'Back to the shop' }).click();
    await page.waitForURL(shop + to);
    expect(await stateOf(begun)).toBe('open');
  });

  it('has his browser for it where Alipay leads a computer nowhere', async () => {
    const begun = await checkOut('alipay_page');
    expect(await page.getByRole('link', { name: 'Back to the shop' }).count()).toBe(0);
    await page.goBack();
    await page.getByRole('link', { name: 'Check out' }).waitFor();
    expect(await stateOf(begun)).toBe('open');
  });

  it('cancels the sheet, back to the mini-program in the laboratory', async () => {
    const { payment_no } = await checkOut('wechat_jsapi');
    const link = page.getByRole('link', { name: 'Cancel' });
    expect(await link.getAttribute('href')).toBe(`/#/orders/${payment_no}`);
  });
});

describe('a payer who has a keyboard alone', () => {
  it('pays with it', async () => {
    const begun = await checkOut('alipay_page');
    await page.keyboard.press('Tab');
    expect(await payButton().and(page.locator(':focus')).count()).toBe(1);
    await page.keyboard.press('Enter');
    await landed('alipay_page');
    expect(await stateOf(begun)).toBe('paid');
  });
});

it('has it in Chinese who prefers it', async () => {
  const { page: chinese } = await browser.open((await begin(bench, 'stripe', { shop })).page, {
    locale: 'zh-CN',
  });
  expect(await chinese.getAttribute('html', 'lang')).toBe('zh-CN');
  await chinese.getByRole('button', { name: /^支付.*12\.34$/ }).waitFor();
  await chinese.context().close();
});

describe('another site', () => {
  it('can neither show a page in its own nor send its form', async () => {
    const begun = await begin(bench, 'stripe', { shop });
    await page.goto(shop);
    const framed = page.waitForResponse(begun.page);
    const frame = JSON.stringify(`<iframe src="${begun.page}"></iframe>`);
    await page.evaluate(`document.body.innerHTML = ${frame}`);
    expect((await framed).status()).toBe(403);
    const answered = page.waitForResponse(begun.page);
    const form = `<form method="post" action="${begun.page}"><input name="act" value="pay"></form>`;
    await page.evaluate(`document.body.innerHTML = ${JSON.stringify(form)}; document.forms[0].submit();`);
    expect((await answered).status()).toBe(403);
    expect(await stateOf(begun)).toBe('open');
  });
});

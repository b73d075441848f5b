import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Stoppable } from '../../../../infra/local/all-started.ts';
import { type LocalSystem, startLocalSystem } from '../../../../infra/local/system.ts';
import { accessibilityFaults } from '../../../support/accessibility.ts';
import { sharedSystemParts } from '../../../support/system-parts.ts';
import { startBrowser, type TestBrowser } from './browser.ts';

const running = new AsyncDisposableStack();
const own = <T extends Stoppable>(part: T): T => running.adopt(part, () => part.stop());

let system: LocalSystem;
let browser: TestBrowser;
let page: Page;
/** Paid twice, a part of it returned, and nothing of it told to the group. */
let order_no: string;

async function api(path: string, body: object): Promise<Record<string, string>> {
  const response = await fetch(system.url + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${system.tokens?.admin}`,
      'content-type': 'application/json',
      'idempotency-key': crypto.randomUUID(),
    },
    body: JSON.stringify(body),
  });
  return ((await response.json()) as { data: Record<string, string> }).data;
}

const simulate = (path: string, body: object) =>
  fetch(`${system.consoleUrl}/simulator${path}`, { method: 'POST', body: JSON.stringify(body) });

beforeAll(async () => {
  const parts = await sharedSystemParts();
  const start = startLocalSystem({ port: 0, consolePort: 0, cold: true, parts, log: () => {} });
  [system, browser] = await Promise.all([start.then(own), startBrowser().then(own)]);
  await simulate('/wecom/fault', { fault: 'http' });
  const checkout = await api('/api/pay/checkout', { tenant_id: 8, amount: 1234.5, provider: 'wechat' });
  order_no = checkout['order_no'] ?? '';
  await simulate(`/payments/wechat/${order_no}/pay`, {});
  await simulate(`/payments/wechat/${order_no}/pay`, { alter: { transaction: true } });
  await simulate(`/payments/wechat/${order_no}/pay`, { forge: 'signature' });
  await api('/api/pay/refund', { order_no, amount: 3, reason: 'half' });
  ({ page } = await browser.open(system.consoleUrl));
});
afterAll(() => running.disposeAsync());

const button = (name: string) => page.getByRole('button', { name, exact: true });

/** Each view with what can be opened on it. */
const views = {
  orders: async () => {
    await page.locator('.messages .refused').first().waitFor();
    await page.getByLabel(/^Amount/).fill('1.005');
    await button('Create order').click();
    await page.locator('[aria-invalid]').waitFor();
    await button('Tools').click();
  },
  'a filter that nothing matches': async () => {
    await page.getByLabel('Search').fill('nothing');
    await page.getByText('No order matches').waitFor();
  },
  order: async () => {
    await open(`#/orders/${order_no}`);
    await page.locator('.entry.webhook').first().waitFor();
    await page.locator('.entry.callback .entry-head').first().click();
    await page.locator('.entry-details pre').first().waitFor();
    await button('Refund…').click();
  },
  'no order': async () => {
    await open('#/orders/mall-404');
    await page.getByText('The local table holds no such order').waitFor();
  },
  inbox: async () => {
    await open('#/inbox');
    await page.locator('[data-known]').first().waitFor();
    await page.locator('.received .entry-head').first().click();
    await page.locator('.entry-details pre').first().waitFor();
  },
  charts: async () => {
    await open('#/charts');
    await page.locator('.plot canvas').first().waitFor();
  },
} satisfies Record<string, () => Promise<void>>;

async function open(hash: string): Promise<void> {
  await page.goto(`${system.consoleUrl}/${hash}`);
  await page.locator('.connection.open').waitFor();
}

const sizes = [
  [360, 740],
  [1280, 900],
] as const;

it.each(
  (['light', 'dark'] as const).flatMap((scheme) =>
    Object.entries(views).map(([name, show]) => [scheme, name, show] as const),
  ),
)('axe finds nothing: %s, %s', async (colorScheme, _name, show) => {
  await page.emulateMedia({ colorScheme });
  for (const [width, height] of sizes) {
    await page.goto('about:blank');
    await page.setViewportSize({ width, height });
    await open('#/');
    if (width < 500) await page.locator('summary').click();
    await show();
    expect(await accessibilityFaults(page)).toEqual([]);
  }
});

const UNREACHABLE = `[...document.querySelectorAll('body *')]
  .filter((one) => /auto|scroll/.test(getComputedStyle(one).overflow) && one.scrollHeight > one.clientHeight)
  .filter(({ tabIndex }) => tabIndex < 0)
  .map(({ className }) => className)`;

it('the keyboard reaches and scrolls what scrolls by itself', async () => {
  await page.setViewportSize({ width: 1280, height: 400 });
  await open('#/');
  await page.locator('.messages .refused').first().waitFor();
  await views.order();
  const story = page.getByRole('group', { name: 'Story' });
  await story.evaluate((element) => element.scrollTo(0, 0));
  // Not every browser lets the keyboard at what only scrolls.
  expect(await page.evaluate(UNREACHABLE)).toEqual([]);
  await story.focus();
  await page.keyboard.press('End');
  await expect.poll(() => story.evaluate(({ scrollTop }) => scrollTop)).toBeGreaterThan(0);
});

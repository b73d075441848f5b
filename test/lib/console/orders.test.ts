import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Stoppable } from '../../../infra/local/all-started.ts';
import { createClient } from '../../../infra/local/demo/client.ts';
import { type LocalSystem, startLocalSystem } from '../../../infra/local/system.ts';
import { createTokenSigner } from '../../../infra/operate/token/sign-token.ts';
import { startBrowser, type TestBrowser, type WatchedPage } from '../../infra/local/console/browser.ts';
import { accessibilityFaults } from '../../support/accessibility.ts';
import { sharedSystemParts } from '../../support/system-parts.ts';
import { openConsole } from './open-console.ts';

const running = new AsyncDisposableStack();
const own = <T extends Stoppable>(part: T): T => running.adopt(part, () => part.stop());

/** More than a page of the list has. */
const PENDING = 52;

let system: LocalSystem;
let browser: TestBrowser;
let watched: WatchedPage;
let ofTenant: string;

beforeAll(async () => {
  const parts = await sharedSystemParts();
  const start = startLocalSystem({ port: 0, consolePort: 0, cold: true, parts, log: () => {} });
  [system, browser] = await Promise.all([start.then(own), startBrowser().then(own)]);
  const client = createClient(system.url, system.consoleUrl);
  const admin = system.tokens?.admin ?? '';
  const put = (kind: string, id: number, amount: number, description = 'Tea') => {
    const body = { user_id: 'user-1', openid: 'openid-1', amount, points: 0, description };
    return client.api('PUT', `/v2/orders/${kind}/${id}`, { token: admin, body });
  };
  for (let id = 1; id <= PENDING; id += 1) await put('mall', id, 1);
  // One that is paid twice, and of which a part goes back.
  await put('meal', 1, 1234.5, '=1+1');
  await client.api('POST', '/v2/orders/meal/1/pay', { token: system.tokens?.user ?? '' });
  await client.pay('wechat', 'meal-1');
  await client.pay('wechat', 'meal-1', { alter: { transaction: true } });
  const body = { order_no: 'meal-1', amount: 3, reason: 'Less of it' };
  await client.api('POST', '/api/pay/refund', { token: admin, body, idempotencyKey: 'part' });
  await put('meal', 2, 2);
  const checkout = { tenant_id: 7, amount: 8.8, provider: 'wechat', description: 'Fee' };
  const { data } = await client.api('POST', '/api/pay/checkout', { token: admin, body: checkout });
  ofTenant = String(data['order_no']);
}, 240_000);
afterAll(() => running.disposeAsync());

afterEach(async () => {
  // What a browser says of a 400 is no fault; a violation of the page's policy is.
  expect(watched.errors.filter((error) => !error.includes('status of 400'))).toEqual([]);
  expect([...watched.hosts]).toEqual(['127.0.0.1']);
  await watched.page.context().close();
});

async function open(path: string, token = system.tokens?.admin ?? '', locale = 'en-US'): Promise<Page> {
  watched = await openConsole(browser, system.url, { token, path, locale });
  return watched.page;
}

const numbers = (page: Page) => page.locator('table.data td a').allTextContents();

async function rows(page: Page, count: number): Promise<void> {
  await expect.poll(() => page.locator('table.data tbody tr').count()).toBe(count);
}

describe('the list of orders', () => {
  it('shows what somebody should know of an order, and nothing is green that is not as it should be', async () => {
    const page = await open('orders?kind=meal');
    await rows(page, 2);
    const row = page.locator('tr', { hasText: 'meal-1' });
    expect(await row.locator('.badge').allTextContents()).toEqual(['Paid', '1 exception', '¥3.00 refunded']);
    expect(await row.locator('.badge.good').allTextContents()).toEqual(['Paid']);
    await row.getByText('¥1,234.50', { exact: true }).waitFor();
  });

  it('has its filters in the address, and keeps them over a reload and on the way back from an order', async () => {
    const page = await open('orders');
    await page.getByLabel('Whose').selectOption('Meals');
    await page.getByLabel('Status').selectOption('Pending');
    await rows(page, 1);
    expect(new URL(page.url()).search).toBe('?kind=meal&status=pending');
    await page.reload();
    await rows(page, 1);
    expect(await page.getByLabel('Status').inputValue()).toBe('pending');
    await page.getByRole('link', { name: 'meal-2' }).click();
    await page.getByRole('heading', { name: 'meal-2' }).waitFor();
    await page.getByRole('link', { name: '← Orders' }).click();
    await rows(page, 1);
    expect(new URL(page.url()).search).toBe('?kind=meal&status=pending');
  });

  it('says so where nothing fits, and what can be done', async () => {
    const page = await open('orders?kind=meal&from=2020-01-01&to=2020-01-02');
    await page.getByText('No orders', { exact: true }).waitFor();
    await page.getByText('find an order by its number').waitFor();
  });

  it('shows what the API has against a period that is too long', async () => {
    const page = await open('orders?kind=meal&from=2026-01-01&to=2026-03-01');
    await page.getByRole('alert').getByText('31').waitFor();
  });

  it('goes on to the next page and back', async () => {
    const page = await open('orders');
    await rows(page, 50);
    const first = await numbers(page);
    await page.getByRole('button', { name: 'Next' }).click();
    await rows(page, PENDING - 50);
    expect(await numbers(page)).toEqual(['mall-2', 'mall-1']);
    await page.reload();
    await rows(page, PENDING - 50);
    expect(await page.getByRole('button', { name: 'Next' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'First' }).click();
    await rows(page, 50);
    expect(await numbers(page)).toEqual(first);
  });

  it('is saved as CSV, over all of its pages and with its filters', async () => {
    const page = await open('orders?status=pending');
    await rows(page, 50);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export CSV' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^orders-\d{4}-\d\d-\d\d\.csv$/);
    const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\n');
    expect(lines[0]).toMatch(/^\ufefforder_no,/);
    expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(
      Array.from({ length: PENDING }, (_, index) => `mall-${PENDING - index}`),
    );
    await page.getByText(`${PENDING} rows exported.`).waitFor();
  });

  it('is gone through with the keyboard alone', async () => {
    const page = await open('orders?kind=meal');
    await rows(page, 2);
    await page.getByRole('link', { name: 'meal-2' }).focus();
    await page.keyboard.press('ArrowDown');
    expect(await page.locator('a:focus').textContent()).toBe('meal-1');
    await page.keyboard.press('/');
    await page.keyboard.type('meal-1-r1');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'meal-1' }).waitFor();
  });

  it('asks for the tenant whose orders are wanted', async () => {
    const page = await open('orders');
    await page.getByLabel('Whose').selectOption('Tenant');
    await page.getByText('Which tenant?').waitFor();
    await page.getByRole('spinbutton', { name: 'Tenant' }).fill('7');
    await page.keyboard.press('Enter');
    await rows(page, 1);
    expect(await numbers(page)).toEqual([ofTenant]);
  });

  it("shows a tenant's admin the orders of the tenant, with nothing to choose", async () => {
    const sign = createTokenSigner(system.documents.auth);
    const token = (await sign?.('tenant-7-admin', { role: 'admin', tenant_id: 7 }, '1 hour')) ?? '';
    const page = await open('orders?kind=mall', token);
    await rows(page, 1);
    expect(await numbers(page)).toEqual([ofTenant]);
    expect(await page.getByLabel('Whose').count()).toBe(0);
  });

  it('is in Chinese where the browser is, until that is changed, which it remembers', async () => {
    const page = await open('orders', system.tokens?.admin, 'zh-CN');
    await page.getByRole('heading', { name: '订单' }).waitFor();
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'Orders' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Orders' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
  });

  it('is there where the browser calls its language what is no language tag', async () => {
    const page = await open('orders?kind=meal');
    await page.addInitScript(
      "Object.defineProperty(Navigator.prototype, 'language', { get: () => 'en-US@posix' })",
    );
    await page.reload();
    await rows(page, 2);
    await page.getByRole('heading', { name: 'Orders' }).waitFor();
  });

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 360],
  ] as const)('is accessible (%s, %i wide) and no wider than the screen', async (colorScheme, width) => {
    const page = await open('orders?kind=meal');
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    await rows(page, 2);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
  });
});

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

let system: LocalSystem;
let browser: TestBrowser;
let watched: WatchedPage;
let client: ReturnType<typeof createClient>;
let admin: string;
let lastId = 0;

beforeAll(async () => {
  const parts = await sharedSystemParts();
  const start = startLocalSystem({ port: 0, consolePort: 0, cold: true, parts, log: () => {} });
  [system, browser] = await Promise.all([start.then(own), startBrowser().then(own)]);
  client = createClient(system.url, system.consoleUrl);
  admin = system.tokens?.admin ?? '';
}, 240_000);
afterAll(() => running.disposeAsync());

afterEach(async () => {
  // What a browser says of a refusal or of a lost answer is no fault; a violation of the page's policy is.
  expect(watched.errors.filter((error) => !/status of 4|net::ERR_FAILED/.test(error))).toEqual([]);
  expect([...watched.hosts]).toEqual(['127.0.0.1']);
  await watched.page.context().close();
});

/** A mall order whose payment was begun. */
async function begin(amount: number): Promise<string> {
  lastId += 1;
  const body = { user_id: 'user-1', openid: 'openid-1', amount, points: 0, description: 'Tea' };
  await client.api('PUT', `/v2/orders/mall/${lastId}`, { token: admin, body });
  await client.api('POST', `/v2/orders/mall/${lastId}/pay`, { token: system.tokens?.user ?? '' });
  return `mall-${lastId}`;
}

async function paid(amount: number): Promise<string> {
  const order_no = await begin(amount);
  await client.pay('wechat', order_no);
  return order_no;
}

async function paidTwice(amount: number): Promise<string> {
  const order_no = await paid(amount);
  await client.pay('wechat', order_no, { alter: { transaction: true } });
  return order_no;
}

async function open(order_no: string, token = admin): Promise<Page> {
  watched = await openConsole(browser, system.url, { token, path: `orders/${order_no}`, locale: 'en-US' });
  await watched.page.getByRole('heading', { name: 'Timeline' }).waitFor();
  return watched.page;
}

const dialogOf = (page: Page) => page.getByRole('dialog');
const press = (page: Page, name: string | RegExp) =>
  dialogOf(page)
    .getByRole('button', { name, exact: typeof name === 'string' })
    .click();

interface Refund {
  readonly refund_no: string;
  readonly amount: string;
  readonly reason: string;
  readonly requested_by: string;
  readonly transaction_id: string;
}

async function refundsOf(order_no: string): Promise<Refund[]> {
  const { data } = await client.api('GET', `/api/pay/orders/${order_no}/refunds`, { token: admin });
  return data['refunds'] as Refund[];
}

describe('refund', () => {
  it('returns all that is left after a preview, and keeps who asked', async () => {
    const order_no = await paid(1234.5);
    const page = await open(order_no);
    await page.getByRole('button', { name: 'Refund', exact: true }).first().click();
    await dialogOf(page).getByLabel('Reason').fill('Sent back');
    await press(page, 'Continue');
    await page.getByRole('heading', { name: 'Refund ¥1,234.50?' }).waitFor();
    expect(await refundsOf(order_no)).toEqual([]);
    await press(page, 'Refund ¥1,234.50');
    await page.getByText(`Refund ${order_no}-r1, ¥1,234.50`).waitFor();
    await page
      .getByRole('listitem')
      .filter({ hasText: `Refund ${order_no}-r1` })
      .getByText('Sent back')
      .waitFor();
    await expect.poll(() => dialogOf(page).count()).toBe(0);
    expect(await refundsOf(order_no)).toMatchObject([
      { amount: '1234.50', reason: 'Sent back', requested_by: 'admin' },
    ]);
  });

  it('returns a part, checked before it is asked for', async () => {
    const order_no = await paid(8.8);
    const page = await open(order_no);
    await page.getByRole('button', { name: 'Refund', exact: true }).first().click();
    await page.getByLabel('A part of it').check();
    const amount = page.getByLabel('Amount (CNY)');
    await press(page, 'Continue');
    await page.getByText('Enter an amount').waitFor();
    await page.getByText('Say why').waitFor();
    expect(await amount.getAttribute('aria-invalid')).toBe('true');
    await amount.fill('8.81');
    await page.getByText('That is more than the ¥8.80 that is left').waitFor();
    await amount.fill('0.001');
    await page.getByText('Enter an amount').waitFor();
    await amount.fill('3');
    expect(await amount.getAttribute('aria-invalid')).toBeNull();
    await dialogOf(page).getByLabel('Reason').fill('Less of it');
    await press(page, 'Continue');
    await dialogOf(page).getByText('¥5.80').waitFor();
    await press(page, 'Back');
    await press(page, 'Continue');
    await press(page, 'Refund ¥3.00');
    await page.getByText(`Refund ${order_no}-r1, ¥3.00`).waitFor();
    expect(await refundsOf(order_no)).toMatchObject([{ amount: '3.00' }]);
  });

  it('returns money in suspense, of the payment that is chosen', async () => {
    const order_no = await paidTwice(5);
    const page = await open(order_no);
    await page.getByText('1 exception').waitFor();
    const row = page.locator('tr', { hasText: 'In suspense' });
    const transaction_id = await row.locator('.muted.mono').first().textContent();
    await row.getByRole('button', { name: `Refund ${order_no}` }).click();
    await dialogOf(page).getByLabel('Reason').fill('Paid twice');
    await press(page, 'Continue');
    await dialogOf(page).getByText('money in suspense').waitFor();
    await press(page, 'Refund ¥5.00');
    await page.getByText(`Refund ${order_no}-r1, ¥5.00`).waitFor();
    expect(await refundsOf(order_no)).toMatchObject([{ amount: '5.00', transaction_id }]);
    await page
      .getByRole('heading', { name: order_no })
      .locator('..')
      .getByText('Paid', { exact: true })
      .waitFor();
  });

  it('is the same refund when it is sent again for want of an answer', async () => {
    const order_no = await paid(6);
    const page = await open(order_no);
    const keys: (string | undefined)[] = [];
    await page.route('**/api/pay/refund', async (route) => {
      keys.push(route.request().headers()['idempotency-key']);
      if (keys.length > 1) return route.continue();
      await route.fetch();
      return route.abort();
    });
    await page.getByRole('button', { name: 'Refund', exact: true }).first().click();
    await page.getByLabel('A part of it').check();
    await page.getByLabel('Amount (CNY)').fill('2');
    await dialogOf(page).getByLabel('Reason').fill('Lost');
    await press(page, 'Continue');
    await press(page, 'Refund ¥2.00');
    await dialogOf(page).getByText('There was no answer').waitFor();
    await press(page, 'Back');
    await press(page, 'Continue');
    await press(page, 'Refund ¥2.00');
    await page.getByText(`Refund ${order_no}-r1, ¥2.00`).waitFor();
    expect(keys).toEqual([keys[0], keys[0]]);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(await refundsOf(order_no)).toHaveLength(1);
    // Another refund, even of as much, has another key.
    await page.getByRole('button', { name: 'Refund', exact: true }).first().click();
    await page.getByLabel('A part of it').check();
    await page.getByLabel('Amount (CNY)').fill('2');
    await dialogOf(page).getByLabel('Reason').fill('Lost');
    await press(page, 'Continue');
    await press(page, 'Refund ¥2.00');
    await page.getByText(`Refund ${order_no}-r2, ¥2.00`).waitFor();
    expect(keys[2]).not.toBe(keys[0]);
  });

  it('is given up by Esc, and the focus is where it was', async () => {
    const order_no = await paid(7);
    const page = await open(order_no);
    const opener = page.locator('.actions').getByRole('button', { name: 'Refund' });
    await opener.focus();
    await page.keyboard.press('Enter');
    await dialogOf(page).waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.closest("dialog") !== null')).toBe(true);
    await page.keyboard.press('Escape');
    await expect.poll(() => dialogOf(page).count()).toBe(0);
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Refund');
    expect(await refundsOf(order_no)).toEqual([]);
  });
});

describe('close', () => {
  it('gives an order up that is not paid', async () => {
    const page = await open(await begin(9));
    await page.getByRole('button', { name: 'Close order' }).click();
    await press(page, 'Close order');
    await page.locator('h1 + .badges').getByText('Closed').waitFor();
    await page.getByText('Closed by').waitFor();
    expect(await page.getByRole('button', { name: 'Close order' }).count()).toBe(0);
  });

  it('says why where it was paid in the meantime', async () => {
    const order_no = await begin(9);
    const page = await open(order_no);
    await client.pay('wechat', order_no);
    await page.getByRole('button', { name: 'Close order' }).click();
    await press(page, 'Close order');
    await dialogOf(page).getByRole('alert').waitFor();
    await press(page, 'Cancel');
    await page.locator('h1 + .badges').getByText('Pending').waitFor();
  });
});

describe('ship', () => {
  it('tells WeChat what was sent', async () => {
    const page = await open(await paid(11));
    await page.getByRole('button', { name: 'Ship', exact: true }).click();
    await page.getByLabel('What is sent').fill('Tea');
    await page.getByLabel('Courier’s code').fill('SF');
    await page.getByLabel('Tracking number').fill('SF1234567890');
    await page.getByLabel('Receiver’s phone (optional)').fill('13800001234');
    await press(page, 'Tell WeChat');
    await page.getByText(/WeChat knows that it was sent|WeChat is told of it shortly/).waitFor();
    const event = page.getByRole('listitem').filter({ hasText: 'Shipping' });
    await event.getByText('SF SF1234567890').waitFor();
    await page.getByRole('button', { name: 'Correct shipping' }).waitFor();
  });

  it('marks the field that the API has something against', async () => {
    const page = await open(await paid(11));
    await page.getByRole('button', { name: 'Ship', exact: true }).click();
    await page.getByLabel('Courier’s code').fill('SF');
    await page.getByLabel('Tracking number').fill('1');
    await page.getByLabel('Receiver’s phone (optional)').fill('nobody');
    await press(page, 'Tell WeChat');
    await dialogOf(page).getByRole('alert').waitFor();
    const invalid = page.locator('[aria-invalid="true"]');
    expect(await invalid.count()).toBe(1);
    expect(await invalid.inputValue()).toBe('nobody');
  });
});

describe('an order', () => {
  it('has payments, bookings, exceptions and deliveries on one timeline, in the order of time', async () => {
    const page = await open(await paidTwice(5));
    await expect
      .poll(async () => {
        await page.reload();
        await page.getByRole('heading', { name: 'Timeline' }).waitFor();
        return page.locator('.timeline strong').allTextContents();
      })
      .toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^Payment mall-/),
          'Money that was not owed',
          'Booked: Payment',
          'Booked: Suspense',
          'Exception: Paid twice',
          'Webhook order.paid',
          'Webhook exception.raised',
        ]),
      );
    const times = await page
      .locator('.timeline li > time')
      .evaluateAll((all) => all.map((one) => String(one.getAttribute('datetime'))));
    expect(times).toEqual(times.toSorted());
    expect(await page.locator('.timeline .badge.good', { hasText: 'suspense' }).count()).toBe(0);
  });

  it('leads to what can be done about an exception, and shows what came of it', async () => {
    const page = await open(await paidTwice(5));
    await page.getByRole('button', { name: 'See what can be done' }).click();
    await dialogOf(page).getByText('Paid twice').first().waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => dialogOf(page).count()).toBe(0);
  });

  it('that is not there is said so', async () => {
    watched = await openConsole(browser, system.url, {
      token: admin,
      path: 'orders?kind=meal',
      locale: 'en-US',
    });
    await watched.page.goto(`${system.url}/console/orders/mall-999`);
    await watched.page.getByText('There is no order mall-999').waitFor();
  });

  it('offers a viewer nothing to do', async () => {
    const page = await open(await paidTwice(5), system.tokens?.viewer);
    expect(await page.locator('main').getByRole('button').allTextContents()).toEqual([
      'Open',
      'See what can be done',
    ]);
  });

  it('of a shop is not there for the admin of a tenant, and the tenant’s is', async () => {
    const sign = createTokenSigner(system.documents.auth);
    const token = (await sign?.('tenant-7-admin', { role: 'admin', tenant_id: 7 }, '1 hour')) ?? '';
    const checkout = { tenant_id: 7, amount: 8.8, provider: 'stripe' };
    const { data } = await client.api('POST', '/api/pay/checkout', { token: admin, body: checkout });
    await client.pay('stripe', String(data['order_no']));
    const page = await open(String(data['order_no']), token);
    await page.locator('.actions').getByRole('button', { name: 'Refund' }).waitFor();
    expect(await page.getByRole('button', { name: 'Ship' }).count()).toBe(0);
    await page.goto(`${system.url}/console/orders/mall-1`);
    await page.getByText('There is no order mall-1').waitFor();
  });

  it('says what is missing where the API refuses what the page had offered', async () => {
    const order_no = await paid(4);
    const page = await open(order_no);
    await page.route('**/api/pay/refund', (route) =>
      route.fulfill({ status: 403, json: { code: 403, msg: 'Not allowed', data: null } }),
    );
    await page.getByRole('button', { name: 'Refund', exact: true }).first().click();
    await dialogOf(page).getByLabel('Reason').fill('Any');
    await press(page, 'Continue');
    await press(page, 'Refund ¥4.00');
    await dialogOf(page).getByText('to act the role admin').waitFor();
  });

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 360],
  ] as const)(
    'is accessible (%s, %i wide), its dialogs too, and no wider than the screen',
    async (colorScheme, width) => {
      const page = await open(await paidTwice(5));
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      expect(await accessibilityFaults(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      await page.locator('.actions').getByRole('button', { name: 'Ship' }).click();
      await dialogOf(page).waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await page.locator('.actions').getByRole('button', { name: 'Refund' }).click();
      await page.getByLabel('A part of it').check();
      await press(page, 'Continue');
      await page.getByText('Say why').waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
    },
  );
});

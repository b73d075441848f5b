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

/**
 * The views of the books against the local system, whose simulators know nothing of what the tests wish: what is on
 * them was paid, disputed and returned there.
 */

const running = new AsyncDisposableStack();
const own = <T extends Stoppable>(part: T): T => running.adopt(part, () => part.stop());

const DAY_MS = 86_400_000;
const merchant = 'wechat.1900000001';

let system: LocalSystem;
let browser: TestBrowser;
let client: ReturnType<typeof createClient>;
let admin: string;
const opened: WatchedPage[] = [];

beforeAll(async () => {
  const parts = await sharedSystemParts();
  const start = startLocalSystem({ port: 0, consolePort: 0, cold: true, parts, log: () => {} });
  [system, browser] = await Promise.all([start.then(own), startBrowser().then(own)]);
  client = createClient(system.url, system.consoleUrl);
  admin = system.tokens?.admin ?? '';
  await payDouble(1, 19.99);
  await payAfterClose(2);
  await payOfOtherAmount(3);
  await payDouble(4, 5);
  await payTwice(5);
  await closeDay();
}, 240_000);
afterAll(() => running.disposeAsync());

afterEach(async () => {
  // One that fails takes no other with it.
  for (const { errors, hosts, page } of opened.splice(0)) {
    expect(errors).toEqual([]);
    expect([...hosts]).toEqual(['127.0.0.1']);
    await page.context().close();
  }
});

async function handOver(id: number, amount: number): Promise<string> {
  const body = { user_id: 'user-1', openid: 'openid-1', amount, points: 0, description: 'Tea' };
  await client.api('PUT', `/v2/orders/mall/${id}`, { token: admin, body });
  await client.api('POST', `/v2/orders/mall/${id}/pay`, { token: system.tokens?.user ?? '' });
  return `mall-${id}`;
}

/** Two payments of one order, each real: under the number that it had, and under the one of its new amount. */
async function payDouble(id: number, amount: number): Promise<void> {
  const order_no = await handOver(id, amount);
  await handOver(id, amount + 1);
  await client.pay('wechat', `${order_no}-2`);
  await client.pay('wechat', order_no, { late: true });
}

async function payAfterClose(id: number): Promise<void> {
  const order_no = await handOver(id, 35);
  await client.api('POST', `/v2/orders/mall/${id}/close`, { token: system.tokens?.user ?? '' });
  await client.pay('wechat', order_no, { late: true });
}

async function payOfOtherAmount(id: number): Promise<void> {
  await client.pay('wechat', await handOver(id, 1234567.8), { alter: { amount: 1 } });
}

/** Whoever has the key of flat bodies said so: the provider's bill knows nothing of the further transaction. */
async function payTwice(id: number): Promise<void> {
  const order_no = await handOver(id, 8.8);
  await client.pay('wechat', order_no);
  const body = JSON.stringify({ order_no, status: 'SUCCESS', txn_id: '4200000000202611260000000001' });
  const sent = await fetch(`${system.consoleUrl}/simulator/flat/wechat`, { method: 'POST', body });
  expect(await sent.json()).toMatchObject({ status: 200 });
}

const closeDay = () =>
  fetch(`${system.consoleUrl}/console/day/close`, { method: 'POST', headers: { 'x-settle-role': 'admin' } });

async function open(path: string, token = admin): Promise<Page> {
  const watched = await openConsole(browser, system.url, { token, path });
  opened.push(watched);
  return watched.page;
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const row = (page: Page, order_no: string) =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name: order_no, exact: true }) });

it('a newcomer finds a double payment of yesterday, returns it and sees the books agree, with the mouse alone', async () => {
  const watched = await browser.open(`${system.url}/console`);
  opened.push(watched);
  const { page } = watched;
  await button(page, 'Continue to sign in').click();
  await page.getByRole('link', { name: 'Admin of the stage' }).click();
  await page.getByRole('heading', { name: 'Orders', exact: true }).waitFor();
  await page.clock.setFixedTime(Date.now() + DAY_MS);

  await page.getByRole('link', { name: 'Exceptions' }).click();
  await row(page, 'mall-1').getByText('yesterday').waitFor();
  await row(page, 'mall-1').getByRole('button', { name: 'Paid under a superseded number' }).click();
  await page.getByText('The payer paid under a number that the order has given up').waitFor();
  await button(page, 'Resolve…').click();
  await page.getByRole('radio', { name: /^Return to the payer/ }).check();
  await button(page, 'Paid by mistake, returned').click();
  await button(page, 'Continue').click();
  await page
    .getByText(`¥19.99 goes back to its payer out of Suspense · WeChat Pay 1900000001`, { exact: false })
    .waitFor();
  await button(page, 'Return to the payer').click();
  await page.getByRole('heading', { name: 'Resolved: Return to the payer' }).waitFor();
  await page.getByText(/^Refund mall-1-r1 of ¥19\.99/).waitFor();

  await page.getByRole('link', { name: 'See suspense' }).click();
  const entries = page.getByRole('table', { name: 'Entries' });
  await entries.waitFor();
  const ofOrder = entries.getByRole('row').filter({ hasText: 'mall-1' });
  await expect
    .poll(
      async () => {
        await button(page, 'Refresh').click();
        return ofOrder.count();
      },
      { interval: 1_000 },
    )
    .toBe(2);
  expect((await ofOrder.allTextContents()).map((text) => /(Suspense|Refund)/.exec(text)?.[1])).toEqual([
    'Suspense',
    'Refund',
  ]);
  await page.getByRole('link', { name: 'Exceptions' }).click();
  await row(page, 'mall-4').waitFor();
  expect(await row(page, 'mall-1').count()).toBe(0);
}, 120_000);

describe('exceptions', () => {
  it('are filtered by the address, which a reload keeps', async () => {
    const page = await open('exceptions');
    await row(page, 'mall-2').waitFor();
    await page.getByLabel('Kind').selectOption('Mismatch');
    await expect.poll(() => row(page, 'mall-2').count()).toBe(0);
    expect(new URL(page.url()).search).toBe('?kind=mismatch');
    await page.reload();
    await row(page, 'mall-3').waitFor();
    expect(await page.getByRole('row').count()).toBe(2);
    await page.getByLabel('Tenant').fill('404');
    await page.getByLabel('Tenant').press('Tab');
    await page.getByText('No exception matches').waitFor();
  });

  it('say what they mean, in what they disagree, and what each end comes to', async () => {
    const page = await open('exceptions?kind=mismatch');
    await button(page, 'Mismatch').click();
    await page.getByText('A genuine message of the provider disagrees').waitFor();
    await page
      .getByRole('definition')
      .filter({ hasText: /^amount$/ })
      .waitFor();
    await button(page, 'Resolve…').click();
    await expect
      .poll(() => page.locator('.ending').allTextContents())
      .toEqual([
        expect.stringMatching(/^It would be refused/),
        'It would be refused now. This transaction is booked, and no other money: please use dismissed',
        'Nothing is booked; the exception ends.',
        'Nothing is booked; the exception ends.',
      ]);
    await button(page, 'Continue').click();
    await page.getByText('Choose one.').waitFor();
    expect(await page.getByLabel('Reason').getAttribute('aria-invalid')).toBe('true');
  });

  it('stay as they are when the API refuses an end, whose reason is said', async () => {
    const watched = await openConsole(browser, system.url, {
      token: admin,
      path: 'exceptions?kind=mismatch',
    });
    const { page } = watched;
    await button(page, 'Mismatch').click();
    await button(page, 'Resolve…').click();
    await page.getByRole('radio', { name: /^Attribute/ }).check();
    await page.getByLabel('Reason').fill('honoured');
    await button(page, 'Continue').click();
    await button(page, 'Attribute to the order’s owner').click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).not.toBe('');
    await button(page, 'Back').click();
    expect(await page.getByLabel('Reason').inputValue()).toBe('honoured');
    await page.context().close();
  });

  it('show what was booked when they end, and pay a closed order', async () => {
    const page = await open('exceptions?kind=paid_after_close');
    await button(page, 'Paid after close').click();
    await button(page, 'Resolve…').click();
    await page.getByRole('radio', { name: /^Attribute/ }).check();
    await page.getByLabel('Reason').fill('delivered');
    await button(page, 'Continue').click();
    await page.getByText('The order becomes paid').waitFor();
    await button(page, 'Attribute to the order’s owner').click();
    await page.getByText('Booked ¥35.00 from Suspense · WeChat Pay 1900000001 to Mall shop.').waitFor();
    await page.getByText('mall-2 Paid').waitFor();
    await button(page, 'Close').click();
    await page.getByText('No exception matches').waitFor();
    await page.goto(`${system.url}/console/exceptions?state=resolved&kind=paid_after_close`);
    await row(page, 'mall-2').getByText('Attribute to the order’s owner').waitFor();
  });

  it('can be looked at by a viewer, who resolves none', async () => {
    const page = await open('exceptions', system.tokens?.viewer);
    await row(page, 'mall-4').getByRole('button').click();
    await page.getByRole('dialog').getByText('A viewer looks and does not act').waitFor();
    expect(await button(page, 'Resolve…').count()).toBe(0);
    await page.getByRole('link', { name: 'See the order' }).click();
    await page.getByRole('heading', { name: /mall-4/ }).waitFor();
  });
});

describe('the ledger', () => {
  it('adds up an account, draws its days and lists its entries', async () => {
    const page = await open(`ledger?account=suspense:${merchant}`);
    await page.getByRole('table', { name: 'Entries' }).waitFor();
    await expect
      .poll(() => page.getByLabel('Account', { exact: true }).inputValue())
      .toBe(`suspense:${merchant}`);
    await page.locator('.plot canvas').waitFor();
    await page.getByText('Days as a table').click();
    const days = page.getByRole('table', { name: 'By day, CNY' });
    await expect.poll(() => days.getByRole('row').count()).toBe(8);
    const entries = page.getByRole('table', { name: 'Entries' });
    await entries.getByRole('link', { name: 'Held by WeChat Pay · 1900000001' }).first().click();
    await expect.poll(() => new URL(page.url()).searchParams.get('account')).toBe(`provider:${merchant}`);
    await button(page, 'Today').click();
    expect(await button(page, 'Today').getAttribute('aria-pressed')).toBe('true');
    await entries.getByRole('link', { name: 'mall-5' }).first().click();
    await page.getByRole('heading', { name: /mall-5/ }).waitFor();
  });

  it('of nothing draws nothing, and says what to do', async () => {
    const page = await open('ledger?account=tenant:99');
    await page.getByText('Nothing was booked to this account in the period').waitFor();
    expect(await page.locator('canvas').count()).toBe(0);
    await page.getByLabel('Account', { exact: true }).selectOption('Another account…');
    await page.getByLabel('Name of the account').fill('shop:mall');
    await page.getByLabel('Name of the account').press('Enter');
    await page.getByRole('table', { name: 'Entries' }).waitFor();
  });

  it('is saved as one CSV file', async () => {
    const page = await open('ledger?account=shop:mall');
    await page.getByRole('table', { name: 'Entries' }).waitFor();
    const download = page.waitForEvent('download');
    await button(page, 'Export CSV').click();
    const file = await download;
    expect(file.suggestedFilename()).toMatch(/^ledger-shop-mall-\d{4}-\d\d-\d\d\.csv$/);
    const lines = (await readFile(await file.path(), 'utf8')).trim().split(/\r?\n/);
    expect(lines[0]).toContain('order_no');
    expect(lines.slice(1).some((line) => line.includes('mall-5'))).toBe(true);
    await page.getByText(/^\d+ rows exported\.$/).waitFor();
  });

  it('of no account that there can be says so', async () => {
    const { page } = await openConsole(browser, system.url, {
      token: admin,
      path: 'ledger?account=nonsense',
    });
    await page.getByText('There is no such account').waitFor();
    await page.context().close();
  });

  it('of a tenant is that tenant’s alone', async () => {
    const sign = createTokenSigner(system.documents.auth);
    const page = await open('ledger', await sign?.('somebody', { role: 'admin', tenant_id: 7 }, '1 hour'));
    await page.getByText('Nothing was booked to this account in the period').waitFor();
    expect(await page.getByLabel('Account', { exact: true }).inputValue()).toBe('tenant:7');
    expect(await page.getByRole('option', { name: 'Mall shop' }).count()).toBe(0);
  });
});

describe('reconciliation', () => {
  it('shows each merchant’s days in words too, and leads from a difference to its order', async () => {
    const page = await open('reconciliation');
    const day = page.getByRole('link', { name: /WeChat Pay 1900000001: Differs, 1 difference$/ });
    await day.click();
    await page
      .getByRole('link', { name: /Alipay .*: Agrees$/ })
      .first()
      .waitFor();
    const differences = page.getByRole('table', { name: 'Differences' });
    await differences.getByRole('button', { name: 'In the books alone' }).waitFor();
    await page.reload();
    await differences.getByRole('link', { name: 'mall-5' }).click();
    await page.getByRole('heading', { name: /mall-5/ }).waitFor();
  });

  it('is reached by the keyboard where it scrolls', async () => {
    const page = await open('reconciliation');
    const grid = page.getByRole('region', { name: 'What each merchant’s days came to' });
    await grid.focus();
    await expect.poll(() => grid.evaluate('document.activeElement.getAttribute("tabindex")')).toBe('0');
  });

  it('of days that were not reconciled says so', async () => {
    const page = await open('reconciliation?from=2026-01-01&to=2026-01-05');
    await page.getByText('No day of this period was reconciled').waitFor();
  });
});

describe('webhooks', () => {
  it('show the endpoint and what became of each event, which can be sent again', async () => {
    const page = await open('webhooks?order_no=mall-5');
    await page.getByText('Fine').waitFor();
    await button(page, 'Order paid').click();
    await page.getByRole('table', { name: 'Attempts' }).getByText('HTTP 200').waitFor();
    await button(page, 'Send again').click();
    await page.getByText('It is sent again.').waitFor();
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await button(page, 'Order paid').click();
    await page
      .getByText(/^Sent again by admin,|^by admin,|admin/)
      .first()
      .waitFor();
  });

  it('of a period are sent again', async () => {
    const page = await open('webhooks');
    await button(page, 'Send a period again…').click();
    await page.getByLabel('Which').selectOption('Delivered');
    await button(page, 'Send again').click();
    await page.getByText(/^\d+ events are sent again\.$/).waitFor();
  });

  it('of a tenant that has no endpoint say so', async () => {
    const page = await open('webhooks?tenant_id=99');
    await page.getByText('There is no endpoint').waitFor();
  });

  it('are sent by no viewer', async () => {
    const page = await open('webhooks?order_no=mall-5', system.tokens?.viewer);
    await button(page, 'Order paid').click();
    await page.getByRole('dialog').getByText('A viewer looks and does not act').waitFor();
    expect(await page.getByRole('button', { name: /Send/ }).count()).toBe(0);
  });
});

/** Each view with what can be opened on it. */
const views: Readonly<
  Record<string, { readonly path: string; readonly open: (page: Page) => Promise<void> }>
> = {
  exceptions: {
    path: 'exceptions?state=all',
    open: async (page) => {
      await row(page, 'mall-4').first().getByRole('button').click();
      await page.getByText('What can be done').waitFor();
    },
  },
  'resolving one': {
    path: 'exceptions',
    open: async (page) => {
      await row(page, 'mall-4').getByRole('button').click();
      await button(page, 'Resolve…').click();
      await page.getByRole('radio').first().waitFor();
      await button(page, 'Continue').click();
      await page.getByText('Choose one.').waitFor();
    },
  },
  ledger: {
    path: `ledger?account=suspense:${merchant}`,
    open: async (page) => {
      await page.locator('.plot canvas').waitFor();
      await page.getByText('Days as a table').click();
    },
  },
  reconciliation: {
    path: 'reconciliation',
    open: async (page) => {
      await page.getByRole('link', { name: /: Differs/ }).click();
      await page.getByRole('table', { name: 'Differences' }).waitFor();
    },
  },
  webhooks: {
    path: 'webhooks',
    open: async (page) => {
      await page.getByRole('table', { name: 'Deliveries' }).getByRole('button').first().click();
      await page.getByRole('dialog').waitFor();
    },
  },
};

describe.each(Object.entries(views))('%s', (_name, view) => {
  it.each(['light', 'dark'] as const)('has no fault that axe finds, %s', async (colorScheme) => {
    const page = await open(view.path);
    await page.emulateMedia({ colorScheme });
    await view.open(page);
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it('fits a phone', async () => {
    const page = await open(view.path);
    await page.setViewportSize({ width: 360, height: 740 });
    await view.open(page);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  });
});

import {
  BatchWriteItemCommand,
  DynamoDBClient,
  UpdateItemCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Locator, Page } from 'playwright-core';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Stoppable } from '../../../../infra/local/all-started.ts';
import { startDynamodb } from '../../../../infra/local/dynamodb/engine.ts';
import {
  type LocalSystem,
  type LocalSystemOptions,
  startLocalSystem,
} from '../../../../infra/local/system.ts';
import { type Provider, providers } from '../../../../lib/orders/kinds.ts';
import { orderKey, paymentKey } from '../../../../lib/store/keys.ts';
import { createTable } from '../../../support/create-table.ts';
import { sharedSystemParts } from '../../../support/system-parts.ts';
import { startBrowser, type TestBrowser, type WatchedPage } from './browser.ts';

let system: LocalSystem;
let browser: TestBrowser;
let watched: WatchedPage;
let page: Page;

const running = new AsyncDisposableStack();
const own = <T extends Stoppable>(part: T): T => running.adopt(part, () => part.stop());

async function startSystem(options: Partial<LocalSystemOptions> = {}): Promise<LocalSystem> {
  const parts = await sharedSystemParts();
  return own(
    await startLocalSystem({ port: 0, consolePort: 0, cold: true, parts, log: () => {}, ...options }),
  );
}

beforeAll(async () => {
  [system, browser] = await Promise.all([startSystem(), startBrowser().then(own)]);
});
afterAll(() => running.disposeAsync());

beforeEach(async () => {
  watched = await browser.open(system.consoleUrl);
  page = watched.page;
  await page.locator('.connection.open').waitFor();
});
afterEach(async () => {
  expect(watched.errors).toEqual([]);
  expect([...watched.hosts]).toEqual(['127.0.0.1']);
  await page.context().close();
});

let lastId = 0;

async function api(method: string, path: string, role: 'admin' | 'user', body?: object) {
  const response = await fetch(`${system.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${system.tokens?.[role]}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await response.json()) as { data: Record<string, string> };
}

/** A checkout whose payment its provider knows, opened in the page. */
async function openCheckout(provider: Provider): Promise<string> {
  const body = { tenant_id: 7, amount: 8.8, provider };
  const { data } = await api('POST', '/api/pay/checkout', 'admin', body);
  if (provider === 'alipay') await fetch(data['pay_url'] ?? '');
  await openOrder(data['order_no'] ?? '');
  return data['order_no'] ?? '';
}

async function openOrder(order_no: string): Promise<void> {
  await page.goto(`${system.consoleUrl}/#/orders/${order_no}`);
  await page.getByRole('heading', { name: order_no, exact: true }).waitFor();
}

async function putShopOrder(description: string): Promise<string> {
  const id = 5_000 + ++lastId;
  const body = { user_id: 'user-1', openid: 'openid-1', amount: 19.99, points: 0, description };
  await api('PUT', `/v2/orders/mall/${id}`, 'admin', body);
  return `mall-${id}`;
}

async function withTable<T>(
  use: (client: DynamoDBClient) => Promise<T>,
  endpoint = system.dynamodbEndpoint,
): Promise<T> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint, region: 'local', credentials });
  try {
    return await use(client);
  } finally {
    client.destroy();
  }
}

const button = (name: string) => page.getByRole('button', { name, exact: true });
const state = (text: string) => page.locator('.headline .badge', { hasText: text }).waitFor();
const callback = (outcome: string) => page.locator(`.entry.callback [data-outcome=${outcome}]`).first();
/** Whether the middle of an element is what one sees there. */
const isSeen = (place: Locator): Promise<boolean> =>
  place.evaluate((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    const there = element.ownerDocument.elementFromPoint(x + width / 2, y + height / 2);
    return there !== null && (element.contains(there) || there.contains(element));
  });
const entries = (kind: string) => page.locator(`.entry[data-kind=${kind}]`);

describe('the page', () => {
  it('is connected also where the server greets before its effects have run', async () => {
    // Preact runs effects from a timer.
    const content = `
      const { setTimeout: later, EventSource: Source } = window;
      const held = [];
      let isHeld = true;
      window.setTimeout = (run, ms) => (isHeld ? held.push(run) : later(run, ms));
      window.EventSource = class extends Source {
        constructor(url) {
          super(url);
          const afterTwoFrames = (run) => requestAnimationFrame(() => requestAnimationFrame(run));
          this.addEventListener('hello', () => afterTwoFrames(() => {
            isHeld = false;
            for (const run of held) run();
          }));
        }
      };`;
    await page.addInitScript({ content });
    await page.reload();
    await page.locator('.connection.open').waitFor();
  });
});

describe('a stage with Stripe alone', () => {
  it('says nothing of the others', async () => {
    const documents = { wechat: null, alipay: null, wecom: null, webhooks: null };
    const alone = await startSystem({ documents });
    await page.goto(alone.consoleUrl);
    await page.locator('.connection.open').waitFor();
    expect(await page.getByRole('radio').count()).toBe(1);
    expect(await page.locator('#field-provider option').allTextContents()).toEqual(['Stripe']);
    expect(await page.getByText(/WeChat|Alipay|WeCom/).count()).toBe(0);
    expect(await page.getByRole('link').allTextContents()).not.toContain('Inbox');
    await button('Create order').click();
    await button('Pay').click();
    await state('Paid');
  });
});

describe('an order from the form', () => {
  it('is paid in the mini-program, turns paid and is announced, without reloading', async () => {
    await page.evaluate(() => Object.assign(globalThis, { unreloaded: true }));
    await page.getByLabel('Amount (yuan; 0 is points only)').fill('12.34');
    await page.getByLabel('Description').fill('Tea');
    await page.keyboard.press('Enter');
    await button('Go to payment').click();
    await page.getByText('✓ paySign verifies').waitFor();
    expect(await page.locator('.parameters dt').allTextContents()).toEqual([
      'appId',
      'timeStamp',
      'nonceStr',
      'package',
      'signType',
      'paySign',
    ]);
    await button('Pay').click();
    await state('Paid');
    await entries('journal_entry').waitFor();
    await callback('settled').waitFor();
    await page.locator('.entry.wecom .bubble', { hasText: '收款通知' }).waitFor();

    await page.keyboard.press('Escape');
    const row = page.locator('table.orders tbody tr', { hasText: '¥12.34' });
    await row.locator('.badge', { hasText: 'Paid' }).waitFor();
    await page.locator('.wecom-card .bubble', { hasText: 'CNY 12.34' }).waitFor();
    expect(await page.evaluate(() => 'unreloaded' in globalThis)).toBe(true);
  });

  it('of a tenant that is paid to merchants of its own says so, and shows whom', async () => {
    await page.getByRole('radio', { name: 'Tenant' }).check();
    await page.getByText('Paid to the stage’s merchants').waitFor();
    await page.getByLabel('Tenant id').fill('8');
    await page.getByText('Paid to merchants of its own').waitFor();
    await button('Create order').click();
    await page.locator('[data-payment]', { hasText: '1900000008' }).waitFor();
    await button('Pay').click();
    await state('Paid');
  });

  it('that costs nothing is paid with points', async () => {
    await page.getByRole('radio', { name: 'Meal' }).check();
    await page.getByLabel('Amount (yuan; 0 is points only)').fill('0');
    await page.getByLabel('Points', { exact: true }).fill('100');
    await button('Create order').click();
    await button('Pay with points').click();
    await state('Paid');
  });

  it('that the API refuses is answered with what is wrong, at each field until that is changed', async () => {
    const [amount, points] = [page.getByLabel(/^Amount/), page.getByLabel('Points', { exact: true })];
    await amount.fill('twelve');
    await points.fill('-1');
    await button('Create order').click();
    const refused = page.getByRole('alert').filter({ hasText: 'amount' }).filter({ hasText: 'points' });
    await refused.waitFor();
    expect(await amount.getAttribute('aria-invalid')).toBe('true');
    expect(await amount.getAttribute('aria-describedby')).toBe(await refused.getAttribute('id'));
    expect(await page.getByLabel('Description').getAttribute('aria-invalid')).toBeNull();
    await amount.fill('1');
    expect(await amount.getAttribute('aria-invalid')).toBeNull();
    expect(await points.getAttribute('aria-invalid')).toBe('true');
    await points.fill('0');
    await refused.waitFor({ state: 'detached' });
    // In the language of the page.
    await button('中文').click();
    await page.getByLabel(/^金额/).fill('');
    await page.getByLabel(/^金额/).fill('0.001');
    await button('创建订单').click();
    await page
      .getByRole('alert')
      .filter({ hasText: /amount [\u4e00-\u9fff]/ })
      .waitFor();
  });

  it('is found again by its filter, which stays in the address', async () => {
    const order_no = await putShopOrder('filtered');
    await page.getByLabel('Search').fill('filtered');
    await page.getByLabel('State').selectOption('pending');
    await page.getByText('1 order', { exact: true }).waitFor();
    expect(new URL(page.url()).hash).toBe('#/?status=pending&search=filtered');
    await page.reload();
    await page.getByText('1 order', { exact: true }).waitFor();
    expect(await page.getByLabel('Search').inputValue()).toBe('filtered');
    await page.getByRole('link', { name: order_no }).click();
    await page.getByRole('link', { name: 'Back to the orders' }).click();
    await page.getByText('1 order', { exact: true }).waitFor();
    expect(await page.getByLabel('State').inputValue()).toBe('pending');
  });

  it('appears in a table that is open elsewhere', async () => {
    const order_no = await putShopOrder('elsewhere');
    await page.locator(`[data-order=${order_no}] .badge`, { hasText: 'Pending' }).waitFor();
  });
});

describe('the cashier', () => {
  it('shows WeChat’s code as a picture', async () => {
    await openCheckout('wechat');
    await page.getByRole('img', { name: 'QR code for WeChat Pay' }).waitFor();
    await button('Pay').click();
    await state('Paid');
  });

  it('opens Alipay’s page, where it is paid', async () => {
    const body = { tenant_id: 7, amount: 8.8, provider: 'alipay' };
    const { data } = await api('POST', '/api/pay/checkout', 'admin', body);
    await openOrder(data['order_no'] ?? '');
    await page.getByRole('link', { name: 'Open the payment page' }).click();
    await page.getByRole('button', { name: /^Pay .*8\.80$/ }).click();
    await page.getByRole('status').filter({ hasText: 'Paid' }).waitFor();
    await page.getByRole('link', { name: 'See the order in the laboratory' }).click();
    await state('Paid');
  });

  it('can fail a Stripe payment and pay it after all', async () => {
    await openCheckout('stripe');
    await button('Fail').click();
    await state('Failed');
    await button('Pay').click();
    await state('Paid');
  });

  it('can close a payment', async () => {
    await openCheckout('stripe');
    await button('Close').click();
    await callback('closed').waitFor();
    await page.locator('[data-payment] .badge', { hasText: 'Closed' }).waitFor();
    // Until its time is over the order can be paid otherwise.
    await state('Pending');
  });

  it.each(providers)('returns what was paid: %s', async (provider) => {
    await openCheckout(provider);
    await button('Pay').click();
    await state('Paid');
    await button('Refund…').click();
    await page.getByText('¥8.80 goes back to the payer; ¥0.00 can still be refunded').waitFor();
    await button('Yes, refund ¥8.80').click();
    await state('Refunded');
    await page.locator('.entry.refund_decided', { hasText: 'Succeeded' }).waitFor();
    await expect.poll(() => entries('journal_entry').count()).toBe(2);
    const kinds = () =>
      page.locator('.entry').evaluateAll((all) => all.map((one) => one.getAttribute('data-kind')));
    const told = await kinds();
    expect(told.indexOf('refund_requested')).toBeLessThan(told.lastIndexOf('provider_call'));
    expect(told.lastIndexOf('provider_call')).toBeLessThan(told.indexOf('refund_decided'));
  });

  it('returns a part, only once that is confirmed, and no more than is left', async () => {
    const order_no = await openCheckout('stripe');
    await button('Pay').click();
    await state('Paid');
    const amount = page.getByLabel(/^Amount to refund/);
    await amount.fill('8.81');
    await button('Refund…').click();
    await page.getByRole('alert').filter({ hasText: 'at most ¥8.80' }).waitFor();
    expect(await amount.getAttribute('aria-invalid')).toBe('true');
    await amount.fill('3');
    expect(await amount.getAttribute('aria-invalid')).toBeNull();
    await button('Refund…').click();
    await button('Do not refund').click();
    const { data } = await api('GET', `/api/pay/orders/${order_no}`, 'admin');
    expect(data['status']).toBe('paid');
    await button('Refund…').click();
    await button('Yes, refund ¥3.00').click();
    await page.locator('.payments', { hasText: '¥5.80 can be refunded' }).waitFor();
    await page.getByLabel('Amount to refund (at most ¥5.80)').waitFor();
    await state('Paid');
  });

  it.each(['wechat', 'stripe'] as const)('asks nobody to pay what is paid: %s', async (provider) => {
    await openCheckout(provider);
    const toPay = page.locator('.phone').locator('svg, a');
    await toPay.first().waitFor();
    await button('Pay').click();
    await page.locator('.phone', { hasText: '✓ Paid' }).waitFor();
    expect(await toPay.count()).toBe(0);
    expect(await page.getByText(/scan/).count()).toBe(0);
    for (const name of ['Pay', 'Fail', 'Close']) expect(await button(name).count()).toBe(0);
  });

  it('is reached from a provider’s own page', async () => {
    const body = { tenant_id: 7, amount: 8.8, provider: 'stripe' };
    const { data } = await api('POST', '/api/pay/checkout', 'admin', body);
    await page.goto(data['pay_url'] ?? '');
    await page.getByRole('link', { name: 'See the order in the laboratory' }).click();
    await page.getByRole('heading', { name: data['order_no'] ?? '', exact: true }).waitFor();
  });
});

describe('an order that is given up', () => {
  it('is asked about first, and then closed, at its provider too', async () => {
    const order_no = await openCheckout('stripe');
    await button('Close the order').click();
    await button('Keep it').click();
    await button('Close the order').click();
    await button('Yes, close it').click();
    await state('Closed');
    await page.locator('.cashier .badge.closed').waitFor();
    expect(await button('Close the order').count()).toBe(0);
    const { data } = await api('GET', `/api/pay/orders/${order_no}`, 'admin');
    expect(data['status']).toBe('closed');
  });

  it('is a shop’s too', async () => {
    await openOrder(await putShopOrder('帽子'));
    await button('Close the order').click();
    await button('Yes, close it').click();
    await state('Closed');
  });
});

describe('a phone', () => {
  it('is checked out for in the form, opens WeChat’s page and pays', async () => {
    await page.getByRole('radio', { name: 'Tenant' }).check();
    await page.locator('#field-scene').selectOption('mobile');
    await page.locator('#field-note').fill('雨伞');
    await page.locator('#field-return_url').fill(system.consoleUrl);
    await page.locator('#field-expires_in').fill('600');
    await button('Create order').click();
    const link = page.getByRole('link', { name: 'Open the payment page' });
    await link.waitFor();
    const order_no = (await page.getByRole('heading', { level: 1 }).textContent()) ?? '';
    await link.click();
    await page.getByRole('button', { name: /^Pay/ }).click();
    // Back where the order says.
    await page.locator(`[data-order=${order_no}] .badge`, { hasText: 'Paid' }).waitFor();
  });
});

describe('an order that was sent', () => {
  it('is told of to WeChat, and shows what WeChat knows', async () => {
    const order_no = await putShopOrder('书包');
    await openOrder(order_no);
    await button('Go to payment').click();
    await button('Pay').click();
    await state('Paid');
    await page.getByText('WeChat does not know yet').waitFor();
    await page.locator('#shipping-tracking_no').fill('78794111518982');
    await page.locator('#shipping-contact').fill('13812345678');
    await button('Report it as shipped').click();
    await page.getByText('WeChat knows: 书包 ZTO 78794111518982 (told 1 time)').waitFor();
    await entries('shipping').first().waitFor();
    await entries('shipping').first().click();
    expect(await page.content()).not.toContain('13812345678');
    const calls = entries('provider_call').filter({ hasText: 'upload_shipping_info' });
    await calls.first().locator('button').first().click();
    await page.locator('.entry-details pre').first().waitFor();
    expect(await page.content()).not.toMatch(/access_token=\w|oUpF8uMuAJO/);
  });
});

describe('trouble on purpose', () => {
  const answers = (text: string) => page.locator('.trouble .said', { hasText: text }).waitFor();

  it('is told of while it is made, on a phone too', async () => {
    await openCheckout('wechat');
    const told = page.locator('.entry.callback').last();
    for (const [width, height] of [
      [1280, 700],
      [360, 740],
    ] as const) {
      await page.setViewportSize({ width, height });
      const last = page.locator('.trouble li button:enabled').last();
      await last.scrollIntoViewIfNeeded();
      await button('Broken signature').click();
      await told.waitFor();
      await expect.poll(() => isSeen(told)).toBe(true);
      expect(await isSeen(button('Broken signature'))).toBe(true);
    }
  });

  it('that cannot be made says why, and where it is read', async () => {
    await openCheckout('stripe');
    const reason = (name: string) => page.locator('.trouble li', { has: button(name) }).locator('.lock');
    expect(await reason('Dispute').textContent()).toBe('Only once the payer has paid.');
    expect(await button('Dispute').isDisabled()).toBe(true);
    await button('Pay').click();
    await state('Paid');
    await expect.poll(() => reason('Pay twice').textContent()).toBe('Only before the payer has paid.');
    expect(await reason('Dispute').count()).toBe(0);
    const promise = await button('Pay twice').getAttribute('aria-describedby');
    expect(await page.locator(`[id="${promise}"]`).textContent()).toContain('Only before');
  });

  it.each(providers)('delivered twice is booked once: %s', async (provider) => {
    await openCheckout(provider);
    await button('Deliver twice').click();
    await state('Paid');
    await answers('2 × 200');
    await callback('already_settled').waitFor();
    await expect.poll(() => entries('journal_entry').count()).toBe(1);
  });

  it('100 at once are all answered with success and booked once', async () => {
    await openCheckout('wechat');
    await button('100 at once').click();
    await answers('100 × 200 SUCCESS');
    await entries('journal_entry').waitFor();
    expect(await entries('journal_entry').count()).toBe(1);
  });

  it('late is pending until it arrives', async () => {
    await openCheckout('wechat');
    await button('3 s late').click();
    await page.locator('.entry.payment .badge', { hasText: 'Paid' }).waitFor();
    await page.locator('.headline .badge', { hasText: 'Pending' }).waitFor();
    await state('Paid');
  });

  it.each(providers)('out of order stays paid: %s', async (provider) => {
    await openCheckout(provider);
    await button('Out of order').click();
    await callback('unchanged').waitFor();
    await state('Paid');
  });

  it.each(providers)('to a closed order is booked to suspense: %s', async (provider) => {
    const order_no = await openCheckout(provider);
    await closeOrder(order_no);
    await state('Closed');
    await button('Pay').click();
    await callback('paid_after_close').waitFor();
    // It needs a person, and is no success.
    expect(await callback('paid_after_close').getAttribute('class')).toBe('badge warning');
    await entries('exception').waitFor();
    await page.locator('.entry.journal_entry', { hasText: 'suspense' }).waitFor();
    await state('Closed');
  });

  it.each(providers)('closed and then paid is paid once: %s', async (provider) => {
    await openCheckout(provider);
    await button('Closed, then paid').click();
    await callback('settled').waitFor();
    await state('Paid');
    await expect.poll(() => entries('journal_entry').count()).toBe(1);
  });

  it.each(providers)('paid twice under one number is booked to suspense: %s', async (provider) => {
    await openCheckout(provider);
    await button('Pay twice').click();
    await callback('paid_twice').waitFor();
    await page.locator('.entry.exception', { hasText: 'Paid twice' }).waitFor();
    await page.locator('.entry.journal_entry', { hasText: 'suspense' }).waitFor();
    await state('Paid');
  });

  it('the payment of an amount that was changed is shown as superseded, and its money is in suspense', async () => {
    const order_no = await putShopOrder('changed');
    await openOrder(order_no);
    await button('Go to payment').click();
    await button('Pay what was changed').click();
    await callback('paid_superseded').waitFor();
    await page.locator('.entry.exception', { hasText: 'Paid under a superseded number' }).waitFor();
    await page.locator('.entry.journal_entry', { hasText: 'suspense' }).waitFor();
    await page.locator('.headline .amount', { hasText: '20.99' }).waitFor();
    await state('Pending');
    await button('Go to payment').click();
    await page.locator(`[data-payment="${order_no}-2"]`, { hasText: 'Current' }).waitFor();
    await page.locator(`[data-payment="${order_no}"]`, { hasText: 'Superseded' }).waitFor();
  });

  it.each(providers)(
    'another amount is refused and recorded once, and the genuine message settles: %s',
    async (provider) => {
      await openCheckout(provider);
      await button('Changed amount').click();
      await answers('400');
      await page.locator('.entry.exception', { hasText: 'Mismatch' }).waitFor();
      await state('Pending');
      await button('Deliver the callback again').click();
      await state('Paid');
      await expect.poll(() => entries('exception').count()).toBe(1);
    },
  );

  it.each(providers)('another merchant is refused and recorded: %s', async (provider) => {
    await openCheckout(provider);
    await button('Wrong merchant').click();
    await page.locator('.entry.exception', { hasText: 'merchant' }).waitFor();
    await state('Pending');
  });

  it.each(providers)('a broken signature is a 401: %s', async (provider) => {
    await openCheckout(provider);
    await button('Broken signature').click();
    await answers('401');
    await page.locator('.entry.callback', { hasText: 'Not verified' }).waitFor();
    await state('Pending');
  });

  it('a probe is a 401 that says so', async () => {
    await openCheckout('wechat');
    await button('Probe signature').click();
    await page.locator('.entry.callback', { hasText: 'probe' }).waitFor();
    await state('Pending');
  });

  it('an answer that got lost is asked for again, and booked once', async () => {
    await openCheckout('wechat');
    await button('Drop the answer').click();
    await page.locator('.entry.callback', { hasText: 'Answer lost' }).waitFor();
    await page.locator('.entry.callback', { hasText: 'Attempt 2' }).waitFor();
    await callback('already_settled').waitFor();
    await expect.poll(() => entries('journal_entry').count()).toBe(1);
  });

  it('WeCom turned off stops no payment, and the sweep tells it once it is on', async () => {
    const order_no = await openCheckout('wechat');
    await button('Tools').click();
    await button('Turn WeCom off').click();
    await button('Turn WeCom on').waitFor();
    await page.keyboard.press('Escape');
    await button('Turn WeCom on').waitFor({ state: 'hidden' });
    await button('Pay').click();
    await state('Paid');
    await page.locator('.entry.wecom', { hasText: 'Not taken by the robot' }).first().waitFor();
    await button('Tools').click();
    await button('Turn WeCom on').click();
    await button('Turn WeCom off').waitFor();
    await makeDue(order_no);
    await system.sweep();
    await page.locator('.entry.wecom').filter({ hasNotText: 'Not taken by the robot' }).first().waitFor();
  });

  /** As its deadline does, once its time is over. */
  async function closeOrder(order_no: string): Promise<void> {
    const command = new UpdateItemCommand({
      TableName: system.tableName,
      Key: marshall(orderKey(order_no)),
      UpdateExpression: 'SET #status = :closed, version = version + :one',
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: marshall({ ':closed': 'closed', ':one': 1 }),
    });
    await withTable((client) => client.send(command));
  }

  /** As if the five minutes had passed in which the sweep leaves an announcement to the stream. */
  async function makeDue(order_no: string): Promise<void> {
    const command = new UpdateItemCommand({
      TableName: system.tableName,
      Key: marshall(paymentKey(order_no, 1)),
      UpdateExpression: 'SET work_due = :past',
      ConditionExpression: 'attribute_exists(#work)',
      ExpressionAttributeNames: { '#work': 'work' },
      ExpressionAttributeValues: marshall({ ':past': new Date(0).toISOString() }),
    });
    await withTable((client) => client.send(command));
  }
});

describe('the inbox', () => {
  const inbox = (name: string) => page.getByRole('region', { name, exact: true });
  const openInbox = async () => {
    await page.getByRole('link', { name: 'Inbox' }).click();
    await page.getByRole('heading', { name: 'Inbox', exact: true }).waitFor();
    await inbox('Stage').waitFor();
  };
  const came = (order_no: string) => page.locator('.received .entry', { hasText: order_no });

  async function payShopOrder(): Promise<string> {
    const order_no = await putShopOrder('雨伞');
    const path = order_no.replace('-', '/');
    await api('POST', `/v2/orders/${path}/pay`, 'user');
    await fetch(`${system.consoleUrl}/simulator/payments/wechat/${order_no}/pay`, { method: 'POST' });
    return order_no;
  }

  /** A message as the stage's sender would sign it, or as somebody else would. */
  async function send(order_no: string, signal?: AbortSignal, secret?: string): Promise<number | null> {
    const { url = '', secrets = [] } = system.counterparts.inboxes.get('stage') ?? {};
    const order = { order_no, version: 9, kind: 'mall', id: 1, tenant_id: null, status: 'closed' };
    const data = { ...order, amount: '19.99', currency: 'CNY' };
    const body = JSON.stringify({ type: 'order.closed', timestamp: new Date().toISOString(), data });
    const [id, at] = [`evt_${order_no}`, new Date()];
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': new Webhook(secret ?? secrets[0] ?? '').sign(id, at, body),
    };
    return fetch(url, { method: 'POST', headers, body, ...(signal && { signal }) }).then(
      ({ status }) => status,
      () => null,
    );
  }

  it('shows what came, verified and readable, and leads to its order, whose story tells of it', async () => {
    await openInbox();
    const order_no = await payShopOrder();
    const entry = came(order_no);
    await entry.filter({ hasText: 'Verified' }).filter({ hasText: 'Taken' }).waitFor();
    await entry.getByRole('button').press('Enter');
    const [event, request] = [entry.locator('pre').nth(0), entry.locator('pre').nth(1)];
    expect(await event.textContent()).toMatch(/^\{\n {2}"type": "order.paid",\n/);
    expect(await request.textContent()).toContain('webhook-signature: v1,…');
    await page.locator(`[data-known="${order_no}"]`, { hasText: 'Paid' }).waitFor();

    await entry.getByRole('link', { name: order_no }).click();
    await page.getByRole('heading', { name: order_no, exact: true }).waitFor();
    await entries('event').filter({ hasText: 'order.paid' }).waitFor();
    await entries('webhook').filter({ hasText: 'Verified' }).filter({ hasText: '200' }).waitFor();
  });

  it('fails once when it is told to, and is sent the same again', async () => {
    await openInbox();
    const once = inbox('Stage').getByRole('button', { name: 'Answer 500 once' });
    await once.click();
    await expect.poll(() => once.getAttribute('aria-pressed')).toBe('true');
    const order_no = await payShopOrder();
    await came(order_no).filter({ hasText: 'Not taken' }).filter({ hasText: '500' }).waitFor();
    await expect.poll(() => once.getAttribute('aria-pressed')).toBe('false');
    const path = '/api/pay/webhooks/deliveries';
    const find = async () => {
      const { data } = await api('GET', `${path}?order_no=${order_no}`, 'admin');
      return (data['deliveries'] as unknown as { id: string; attempts: object[] }[])[0];
    };
    await expect.poll(async () => (await find())?.attempts.length).toBe(1);
    await api('POST', `${path}/${(await find())?.id}/redeliver`, 'admin');
    await came(order_no).filter({ hasText: 'Attempt 2' }).filter({ hasText: 'Taken' }).waitFor();
  });

  it('hangs, answers 410, and takes what it is sent again, which the shop then knows', async () => {
    await openInbox();
    const answer = async (name: string) => {
      await inbox('Stage').getByRole('button', { name, exact: true }).click();
      const pressed = inbox('Stage').getByRole('button', { name, exact: true, pressed: true });
      await pressed.waitFor();
    };
    const giveUp = new AbortController();
    await answer('Hang');
    const hung = send('mall-701', giveUp.signal);
    await came('mall-701').filter({ hasText: 'no answer' }).waitFor();
    giveUp.abort();
    expect(await hung).toBeNull();
    await answer('Answer 410');
    expect(await send('mall-701')).toBe(410);
    await came('mall-701').filter({ hasText: '410' }).waitFor();
    expect(await page.locator('[data-known="mall-701"]').count()).toBe(0);
    await answer('Answer 200');
    expect(await send('mall-701')).toBe(200);
    await page.locator('[data-known="mall-701"]', { hasText: 'Closed' }).waitFor();
    expect(await send('mall-701')).toBe(200);
    await came('mall-701').filter({ hasText: 'Repeated' }).filter({ hasText: 'Attempt 4' }).waitFor();
  });

  it('says why it does not believe a message, and nothing that it says', async () => {
    await openInbox();
    const other = system.counterparts.inboxes.get('tenants/8')?.secrets[0];
    expect(await send('mall-702', undefined, other)).toBe(401);
    const forged = page.locator('.received .entry', { hasText: 'No signature matches' });
    await forged.filter({ hasText: 'Not verified' }).waitFor();
    expect(await forged.textContent()).not.toContain('mall-702');
    expect(await forged.getByRole('link').count()).toBe(0);
  });

  it('fits a phone, in Chinese too', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    const order_no = await payShopOrder();
    await openInbox();
    await page.locator(`[data-known="${order_no}"]`).waitFor();
    await came(order_no).getByRole('button').click();
    const fits = () => page.evaluate('document.documentElement.scrollWidth <= innerWidth');
    expect(await fits()).toBe(true);
    await button('中文').click();
    await page.getByRole('heading', { name: '收件箱', exact: true }).waitFor();
    expect(await fits()).toBe(true);
  });
});

describe('the story', () => {
  it('opens to the bytes without their secrets, which can be copied and sent again', async () => {
    await openCheckout('wechat');
    await button('Pay').click();
    await page.locator('.entry.callback .entry-head').click();
    const request = page.locator('.entry-details pre').first();
    await request.waitFor();
    expect(await request.textContent()).toMatch(
      /^POST \/api\/pay\/callback\/wechat\n[\s\S]* "ciphertext": "/,
    );
    expect(await request.textContent()).toContain('wechatpay-signature: ••••');
    await button('As sent').first().click();
    expect(await request.textContent()).toMatch(/^POST \/api\/pay\/callback\/wechat\n[\s\S]*"ciphertext":"/);
    const decrypted = page.locator('figure', { hasText: 'The resource, decrypted' });
    expect(await decrypted.locator('pre').textContent()).toMatch(
      /"trade_state": "SUCCESS"[\s\S]*"total": 880,/,
    );
    expect(await page.locator('.entry-details').textContent()).not.toMatch(/"openid": ?"\w/);

    await button('Send again').click();
    await page.getByText('Sent: 200').waitFor();
    await callback('already_settled').waitFor();

    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await button('Copy as curl').click();
    await page.getByText('Copied, with its real signature').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(
      /^curl -X POST 'http:\/\/127.0.0.1:\d+\/api\/pay\/callback\/wechat' .*-H 'wechatpay-signature: [\w+/=]{300,}'/,
    );
  });

  it('of no order says so', async () => {
    await openOrder('mall-404');
    await page.getByText('The local table holds no such order').waitFor();
  });
});

describe('text from an order', () => {
  it.each([
    ['markup', '<script>document.title="run"</script><img src=x onerror=alert(1)>'],
    ['markdown', '**bold** [link](https://example.com) `code`'],
    ['emoji', '😀'.repeat(31)],
  ])('is shown as text: %s', async (_name, description) => {
    const order_no = await putShopOrder(description);
    const row = page.locator(`[data-order=${order_no}]`);
    await row.waitFor();
    expect(await row.locator('.description').textContent()).toContain(description);
    expect(await row.locator('img, script, strong').count()).toBe(0);
    await openOrder(order_no);
    expect(await page.locator('.order-view > .description').textContent()).toBe(description);
    expect(await page.title()).toBe(`${order_no} · Settle`);
  });
});

describe('the page', () => {
  it('speaks both languages and remembers the choice', async () => {
    await button('中文').click();
    await page.getByRole('heading', { name: '订单', exact: true }).waitFor();
    expect(await page.getAttribute('html', 'lang')).toBe('zh-CN');
    await page.reload();
    await button('English').click();
    await page.getByRole('heading', { name: 'Orders', exact: true }).waitFor();
  });

  it('is dark or light as the system is, or as it is told', async () => {
    const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    await page.emulateMedia({ colorScheme: 'light' });
    const light = await background();
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await background();
    expect(dark).not.toBe(light);
    await page.getByLabel('Theme').selectOption('light');
    await expect.poll(background).toBe(light);
  });

  it('fits a phone', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    const fits = () => page.evaluate('document.documentElement.scrollWidth <= innerWidth');
    expect(await fits()).toBe(true);
    await openCheckout('wechat');
    await button('Pay').click();
    await entries('journal_entry').waitFor();
    expect(await fits()).toBe(true);
  });

  it('is there whatever the browser calls its language', async () => {
    const content = "Object.defineProperty(Navigator.prototype, 'language', { get: () => 'en-US@posix' });";
    await page.addInitScript({ content });
    await page.reload();
    await page.getByRole('heading', { name: 'Orders', exact: true }).waitFor();
  });

  it('leads to the operator’s console, in both languages', async () => {
    const link = (name: string) => page.getByRole('link', { name }).getAttribute('href');
    expect(await link('Operator’s console')).toBe(`${system.url}/console`);
    await button('中文').click();
    expect(await link('运营控制台')).toBe(`${system.url}/console`);
    await openOrder('mall-404');
    const order_no = await openCheckout('stripe');
    expect(await link('在运营控制台查看')).toBe(`${system.url}/console/orders/${order_no}`);
  });

  it('stores nothing but how it is to look', async () => {
    const order_no = await putShopOrder('stored');
    await openOrder(order_no);
    await button('Go to payment').click();
    await button('Pay').click();
    await state('Paid');
    const stored = await page.evaluate(
      '[Object.keys(localStorage), Object.keys(sessionStorage), document.cookie]',
    );
    expect(stored).toEqual([expect.arrayContaining(['language', 'theme']), [], '']);
    expect(await page.evaluate('localStorage.length')).toBe(2);
  });

  it('draws what has happened', async () => {
    await openCheckout('wechat');
    await button('Pay').click();
    await state('Paid');
    await page.getByRole('link', { name: 'Charts' }).click();
    await expect.poll(() => page.locator('.plot canvas').count()).toBe(3);
    const settled = page.locator('.tiles div', { hasText: 'Settled' }).locator('dd');
    await expect.poll(async () => Number(await settled.textContent())).toBeGreaterThan(0);
  });
});

describe('10,000 orders', () => {
  const COUNT = 10_000;
  /** There before the system starts: what the embedded engine takes for a write grows with its stream. */
  const THERE = 8_000;
  const started = Date.now() - 3_600_000;

  beforeAll(async () => {
    const { endpoint } = own(await startDynamodb());
    const { tableName: TableName } = system;
    await withTable(async (client) => {
      await createTable(DynamoDBDocumentClient.from(client), TableName);
      await writeOrders(client, 0, THERE);
      const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' } as const;
      await client.send(new UpdateTableCommand({ TableName, StreamSpecification }));
    }, endpoint);
    system = await startSystem({ dynamodbEndpoint: endpoint });
  });

  async function writeOrders(client: DynamoDBClient, from: number, to: number): Promise<void> {
    const batches = Array.from({ length: (to - from) / 25 }, (_, batch) =>
      Array.from({ length: 25 }, (_, index) => storedOrder(from + batch * 25 + index)),
    );
    const write = async () => {
      for (let batch = batches.pop(); batch; batch = batches.pop()) {
        const requests = batch.map((item) => ({ PutRequest: { Item: marshall(item) } }));
        await client.send(new BatchWriteItemCommand({ RequestItems: { [system.tableName]: requests } }));
      }
    };
    await Promise.all(Array.from({ length: 16 }, write));
  }

  const storedOrder = (index: number) => {
    const created_at = new Date(started + index).toISOString();
    const order_no = `mall-${1_000_000 + index}`;
    return {
      ...orderKey(order_no),
      order_no,
      kind: 'mall',
      id: 1_000_000 + index,
      amount: 100 + index,
      currency: 'CNY',
      status: index % 2 ? 'paid' : 'pending',
      version: 1,
      payment: null,
      payments: 0,
      paid_by: null,
      description: `order ${index}`,
      created_at,
      updated_at: created_at,
    };
  };

  // Ten thousand orders are written and read: a slow machine takes its time.
  it('and a burst of payments leave the page small and in use', { timeout: 240_000 }, async () => {
    const count = page.locator('.table-card .row-line .muted').first();
    await expect.poll(() => count.textContent(), { timeout: 120_000 }).toBe('8,000 orders');
    await withTable((client) => writeOrders(client, THERE, COUNT));
    await expect.poll(() => count.textContent(), { timeout: 120_000 }).toBe('10,000 orders');
    const rows = page.locator('table.orders tbody tr');
    expect(await rows.count()).toBe(50);

    const burst = Promise.all(Array.from({ length: 100 }, () => payByFlatBody()));
    await page.getByLabel('Search').fill('mall-1009');
    await page.getByText('1,000 orders', { exact: true }).waitFor();
    await button('Older →').click();
    await page.getByText('Page 2').waitFor();
    await button('← Newer').click();
    await page.getByLabel('State').selectOption('paid');
    await page.getByText('500 orders', { exact: true }).waitFor();
    await burst;
    await page.getByLabel('Search').fill('');
    await page.locator('table.orders .badge', { hasText: 'Paid' }).first().waitFor();
    expect(await rows.count()).toBe(50);
    expect(await page.locator('*').count()).toBeLessThan(1_500);
  });

  async function payByFlatBody(): Promise<void> {
    const { data } = await api('POST', '/api/pay/checkout', 'admin', {
      tenant_id: 7,
      amount: 1,
      provider: 'stripe',
    });
    const { order_no } = data;
    const pay = `${system.consoleUrl}/simulator/payments/stripe/${order_no}/pay`;
    expect((await fetch(pay, { method: 'POST' })).status).toBe(200);
  }
});

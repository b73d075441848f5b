import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildConsoleFiles, writeConsoleFiles } from '../../../infra/bundling/console-files.ts';
import { consoleServer, endpoints } from '../../../infra/endpoints.ts';
import type { Stoppable } from '../../../infra/local/all-started.ts';
import { startGateway } from '../../../infra/local/gateway/server.ts';
import { createTokenSigner } from '../../../infra/operate/token/sign-token.ts';
import { openFiles } from '../../../lib/console/served-files.ts';
import { createConsoleServer } from '../../../lib/console/server.ts';
import { isoTime } from '../../../lib/io.ts';
import type { Put } from '../../../lib/orders/change.ts';
import { exceptionOnce, merchantException } from '../../../lib/orders/exception.ts';
import type { DayResult } from '../../../lib/reconciliation/day-result.ts';
import { emptyTally } from '../../../lib/reconciliation/tally.ts';
import { createMerchantStore } from '../../../lib/store/merchant-store.ts';
import { createTelemetry } from '../../../lib/telemetry/telemetry.ts';
import { startBrowser, type TestBrowser, type WatchedPage } from '../../infra/local/console/browser.ts';
import { itemOf } from '../../support/items.ts';
import { merchantNames, paidPayment, shopOrder, suspenseOf } from '../../support/orders.ts';
import { createStageWorld, type StageFunctions, startFunctions } from '../../support/stage-functions.ts';
import { useStore } from '../../support/store.ts';
import { createTemporaryDirectory } from '../../support/temporary-directory.ts';
import { createWechatParty } from '../../support/wechat.ts';
import { openConsole } from './open-console.ts';

/**
 * The console as a stage serves it, and the stage's own functions behind it, of which the console asks no more than a
 * page at a time, however much there is. The stage has no webhooks.
 */

const COUNT = 320;
const HOUR_MS = 3_600_000;
const started = Date.now() - 3 * HOUR_MS;
const wechat = { provider: 'wechat', merchant: merchantNames.wechat } as const;

const running = new AsyncDisposableStack();
const own = <T extends Stoppable>(part: T): T => running.adopt(part, () => part.stop());

const store = useStore();
const world = createStageWorld({ wechat: createWechatParty({ mchid: merchantNames.wechat }).document });
let stage: StageFunctions;
let url: string;
let browser: TestBrowser;
const opened: WatchedPage[] = [];
/** Functions in the order in which they were asked. */
let asked: string[] = [];

beforeAll(async () => {
  stage = startFunctions(world, store.context);
  const files = createTemporaryDirectory('settle-console-');
  running.defer(files.remove);
  writeConsoleFiles(files.path, await buildConsoleFiles());
  const serveConsole = createConsoleServer({
    findFile: openFiles(files.path),
    settings: { stage: 'test', signIn: null, laboratory: null },
    telemetry: createTelemetry({ stage: 'test', function: consoleServer.name }, () => {}),
    now: stage.now,
  });
  const gateway = await startGateway({
    port: 0,
    endpoints: [...endpoints.filter(({ stack }) => stack !== 'webhooks'), consoleServer],
    invoke: async (name, event) => {
      asked.push(name);
      const context = { awsRequestId: 'request', functionName: name, getRemainingTimeInMillis: () => 30_000 };
      return name === consoleServer.name
        ? serveConsole(event, context as Parameters<typeof serveConsole>[1])
        : stage.invoke(name, event);
    },
  });
  url = own(gateway).url;
  browser = await startBrowser().then(own);
  await storeOrders();
}, 120_000);
afterAll(() => running.disposeAsync());

afterEach(async () => {
  // One that fails takes no other with it.
  for (const { errors, hosts, page } of opened.splice(0)) {
    expect(errors.filter((error) => !error.includes('404'))).toEqual([]);
    expect([...hosts]).toEqual(['127.0.0.1']);
    await page.context().close();
  }
});

/** Orders that were paid twice, one a second; and what belongs to none. */
async function storeOrders(): Promise<void> {
  const puts = Array.from({ length: COUNT }, (_, index) => orderPaidTwice(index + 1)).flat();
  const { client, tableName } = store.context;
  for (let first = 0; first < puts.length; first += 25) {
    const part = puts.slice(first, first + 25).map((put) => ({ PutRequest: { Item: itemOf(put) } }));
    await client.send(new BatchWriteCommand({ RequestItems: { [tableName]: part } }));
  }
  const merchants = createMerchantStore(store.context);
  await merchants.putMerchantException(
    wechat,
    merchantException(
      wechat,
      { kind: 'missing_here', transaction_id: '42-unknown', amount: 100, currency: 'CNY' },
      started + HOUR_MS,
    ),
  );
  const day: DayResult = {
    ...{
      ...wechat,
      day: isoTime(started).slice(0, 10),
      state: 'differs',
      version: 1,
      runs: 1,
      position: null,
    },
    ...{ started_at: isoTime(started), finished_at: isoTime(started + 2 * HOUR_MS) },
    ...emptyTally(),
    ...{ rows: 2, agreed: 1 },
    differences: { missing_here: 1, missing_there: 0, other_amount: 0, unknown_row: 0 },
    sums: { payment: { CNY: 1999 } },
    fees: { payment: { CNY: 12_000 } },
  };
  await merchants.days.write(day, 0);
}

function orderPaidTwice(id: number): Put[] {
  const at = isoTime(started + id * 1_000);
  const paid = { status: 'paid', paid_by: 1, payments: 1, created_at: at, paid_at: at } as const;
  const order = shopOrder({ id, order_no: `mall-${id}`, ...paid });
  const payment = paidPayment(order, { transaction_id: `42-${id}`, paid_at: at });
  const suspense = suspenseOf(payment, { transaction_id: `42-${id}-2`, paid_at: at });
  const { provider, merchant, payment_no, amount, currency } = payment;
  const about = { provider, merchant, payment_no, amount, currency, transaction_id: suspense.transaction_id };
  const exceptions = exceptionOnce(
    { order, exceptions: [] },
    { kind: 'paid_twice', ...about },
    started + id * 1_000,
  );
  const booked = <T extends { readonly booking: { readonly booked_at: string } | null }>(record: T): T => ({
    ...record,
    booking: record.booking && { ...record.booking, booked_at: at },
  });
  return [
    { put: 'order', record: order },
    { put: 'payment', record: booked(payment) },
    { put: 'suspense', record: booked(suspense) },
    ...exceptions,
  ];
}

async function open(path: string, claims: Readonly<Record<string, string | number>> = { role: 'admin' }) {
  const sign = createTokenSigner(world.documents.get('auth'));
  if (!sign) throw new Error('the stage has a key');
  asked = [];
  const watched = await openConsole(browser, url, { token: await sign('somebody', claims, '1 hour'), path });
  opened.push(watched);
  return watched.page;
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const rows = (page: Page, table: string) => page.getByRole('table', { name: table }).locator('tbody tr');
const times = (name: string) => asked.filter((one) => one === name).length;

describe('hundreds of exceptions', () => {
  it('come a page at a time, each by one request, and can be gone through and back', async () => {
    const page = await open('exceptions?kind=paid_twice');
    await page.getByRole('link', { name: `mall-${COUNT}`, exact: true }).waitFor();
    expect(await rows(page, 'Exceptions').count()).toBe(50);
    expect(times('list-exceptions')).toBe(1);
    await button(page, 'Next').click();
    await page.getByRole('link', { name: `mall-${COUNT - 50}`, exact: true }).waitFor();
    expect(await rows(page, 'Exceptions').count()).toBe(50);
    expect(times('list-exceptions')).toBe(2);
    await page.reload();
    await page.getByRole('link', { name: `mall-${COUNT - 50}`, exact: true }).waitFor();
    await button(page, 'First').click();
    await page.getByRole('link', { name: `mall-${COUNT}`, exact: true }).waitFor();
  });

  it('of which a filter leaves one out of many are looked for in few requests', async () => {
    const page = await open('exceptions?kind=missing_here');
    await button(page, 'In the bill alone').waitFor();
    expect(times('list-exceptions')).toBeLessThanOrEqual(8);
    expect(await rows(page, 'Exceptions').count()).toBe(1);
  });
});

it('an exception that is its merchant’s is resolved too', async () => {
  const page = await open('exceptions?kind=missing_here');
  await button(page, 'In the bill alone').click();
  await button(page, 'Resolve…').click();
  await expect.poll(() => page.getByRole('radio').count()).toBe(2);
  await page.getByRole('radio', { name: /^Dismiss/ }).check();
  await page.getByLabel('Reason').fill('of another system');
  await button(page, 'Continue').click();
  await button(page, 'Dismiss').click();
  await page.getByText('Nothing was booked.').waitFor();
  await button(page, 'Close').click();
  await page.getByText('No exception matches').waitFor();
});

it('money in suspense becomes its owner’s, and the ledger has it', async () => {
  const page = await open('exceptions');
  await page
    .getByRole('row')
    .filter({ has: page.getByRole('link', { name: `mall-${COUNT}`, exact: true }) })
    .getByRole('button', { name: 'Paid twice' })
    .click();
  await button(page, 'Resolve…').click();
  await page.getByRole('radio', { name: /^Attribute/ }).check();
  await button(page, 'Delivered all the same').click();
  await button(page, 'Continue').click();
  await button(page, 'Attribute to the order’s owner').click();
  await page.getByText(/^Booked ¥[\d.]+ from Suspense · WeChat Pay \d+ to Mall shop\.$/).waitFor();
});

it('hundreds of entries are summed at once and listed a page at a time', async () => {
  const page = await open('ledger?account=shop:mall');
  await rows(page, 'Entries').first().waitFor();
  expect(await rows(page, 'Entries').count()).toBe(50);
  expect(times('get-ledger')).toBe(1);
  await expect.poll(() => page.locator('.plot canvas').count()).toBe(1);
  await button(page, 'Next').click();
  await expect.poll(() => page.locator('.plot canvas').count()).toBe(0);
  await expect.poll(() => rows(page, 'Entries').count()).toBe(50);
});

it('a day that differs leads to its exception, which is of no order', async () => {
  const page = await open('reconciliation');
  await page.getByRole('link', { name: /: Differs, 1 difference$/ }).click();
  await rows(page, 'Differences').getByRole('button', { name: 'In the bill alone' }).click();
  await page.getByRole('dialog').getByText('The provider’s bill has it, and the books do not.').waitFor();
});

it('a stage without webhooks says so', async () => {
  const page = await open('webhooks');
  await page.getByText('This stage has no webhooks').waitFor();
});

it('a tenant’s admin sees nothing of the shop’s', async () => {
  const page = await open('exceptions', { role: 'admin', tenant_id: 7 });
  await page.getByText('No open exceptions').waitFor();
  await page.getByRole('link', { name: 'Reconciliation' }).click();
  await page.getByText('No day of this period was reconciled').waitFor();
});

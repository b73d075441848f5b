import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser, type TestBrowser } from '../../infra/local/console/browser.ts';
import { startTestSystem, type TestSystem } from '../../support/local-system.ts';

let system: TestSystem;
let browser: TestBrowser;
beforeAll(async () => {
  [system, browser] = await Promise.all([startTestSystem(), startBrowser()]);
});
afterAll(() => Promise.all([browser?.stop(), system?.stop()]));

async function openReference() {
  const opened = await browser.open(`${system.url}/docs`);
  await opened.page.locator('.opblock').first().waitFor();
  return opened;
}

const operationsIn = (paths: Readonly<Record<string, object>>): string[] =>
  Object.values(paths).flatMap((methods) => Object.keys(methods));

describe('the reference of the API', () => {
  it('shows each operation, asks no other host, and meets nothing that its policy forbids', async () => {
    const { page, errors, hosts } = await openReference();
    const { paths, webhooks } = (await (await fetch(`${system.url}/docs/openapi.json`)).json()) as Record<
      'paths' | 'webhooks',
      Record<string, object>
    >;
    const told = [...operationsIn(paths), ...operationsIn(webhooks)];
    expect(await page.locator('.opblock').count()).toBe(told.length);
    const summary = page.locator('.opblock-post .opblock-summary-control', { hasText: '/api/pay/checkout' });
    await summary.click();
    await page.locator('.opblock.is-open .responses-wrapper').waitFor();
    expect([[...hosts], errors]).toEqual([['127.0.0.1'], []]);
  });

  it('tries a request with a pasted token, at the server that it comes from, and keeps nothing', async () => {
    const { page, errors, hosts } = await openReference();
    await page.locator('.scheme-container button.authorize').click();
    const dialog = page.locator('.dialog-ux');
    await dialog.locator('input').fill(system.tokens?.admin ?? '');
    await dialog.locator('button.authorize').click();
    await dialog.locator('button.btn-done').click();

    const summary = page.locator('.opblock-get .opblock-summary-control', {
      hasText: '/api/pay/orders/{order_no}',
    });
    await summary.first().click();
    const operation = page.locator('.opblock.is-open');
    await operation.locator('.parameters input').first().fill('mall-404');
    await operation.locator('button.execute').click();
    const answer = operation.locator('.live-responses-table');
    // What the API says to somebody whom it knows.
    await answer.getByText('order_not_found').waitFor();
    expect(await operation.locator('.request-url').innerText()).toContain(
      `${system.url}/api/pay/orders/mall-404`,
    );
    // The browser itself writes a line of a refusal.
    expect([[...hosts], errors.filter((error) => !error.includes('404'))]).toEqual([['127.0.0.1'], []]);
    const kept = '[{ ...localStorage }, { ...sessionStorage }, document.cookie]';
    expect(await page.evaluate(`JSON.stringify(${kept})`)).toBe('[{},{},""]');
  });

  it('can be framed by nobody', async () => {
    const { page } = await browser.open(`${system.url}/docs/openapi.json`);
    await page.route('http://stranger.example/', (route) =>
      route.fulfill({ contentType: 'text/html', body: `<iframe src="${system.url}/docs"></iframe>` }),
    );
    await page.goto('http://stranger.example/');
    await expect.poll(() => page.frames()[1]?.url()).toMatch(/^chrome-error:/);
  });
});

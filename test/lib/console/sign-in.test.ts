import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Stoppable } from '../../../infra/local/all-started.ts';
import { people } from '../../../infra/local/simulators/issuer/people.ts';
import { type LocalSystem, startLocalSystem } from '../../../infra/local/system.ts';
import { createTokenSigner } from '../../../infra/operate/token/sign-token.ts';
import { startBrowser, type TestBrowser, type WatchedPage } from '../../infra/local/console/browser.ts';
import { accessibilityFaults } from '../../support/accessibility.ts';
import { sharedSystemParts } from '../../support/system-parts.ts';

const running = new AsyncDisposableStack();
const own = <T extends Stoppable>(part: T): T => running.adopt(part, () => part.stop());

let system: LocalSystem;
let browser: TestBrowser;
let watched: WatchedPage;

beforeAll(async () => {
  const parts = await sharedSystemParts();
  const start = startLocalSystem({ port: 0, consolePort: 0, cold: true, parts, log: () => {} });
  [system, browser] = await Promise.all([start.then(own), startBrowser().then(own)]);
}, 240_000);
afterAll(() => running.disposeAsync());

afterEach(async () => {
  // What a browser says of a 401 or 403 is no fault; a violation of the page's policy is.
  expect(watched.errors.filter((error) => !/status of 40[13]/.test(error))).toEqual([]);
  expect([...watched.hosts]).toEqual(['127.0.0.1']);
  await watched.page.context().close();
});

const ADDRESS = '/console/orders?kind=meal&status=paid';

async function open(path = ADDRESS) {
  watched = await browser.open(`${system.url}${path}`, { locale: 'en-US' });
  return watched.page;
}

/** All that the page keeps: names of what is stored, by where. */
const kept = () =>
  watched.page.evaluate<{ session: string[]; local: string[]; cookies: string }>(
    '({ session: Object.keys(sessionStorage), local: Object.keys(localStorage), cookies: document.cookie })',
  );

const button = (name: string) => watched.page.getByRole('button', { name, exact: true });

async function choose(name: string): Promise<void> {
  await button('Continue to sign in').click();
  await watched.page.getByRole('link', { name }).click();
}

const address = () => watched.page.url().slice(system.url.length);

describe('sign-in by the issuer', () => {
  it.each([
    [people.admin.name, 'Admin', 'Sees all orders.'],
    [people.viewer.name, 'Viewer', 'A viewer looks and does not act'],
    [people['tenant-7-admin'].name, 'Admin', 'Sees tenant 7 alone.'],
  ])('%s comes back to where they were, and nothing but the token is kept', async (name, role, reach) => {
    const page = await open();
    await choose(name);
    await page.getByRole('heading', { name: 'Orders' }).waitFor();
    expect(address()).toBe(ADDRESS);
    await page.locator('.account summary', { hasText: role }).click();
    await page.getByText(reach).waitFor();
    expect(await kept()).toEqual({ session: ['settle.token'], local: [], cookies: '' });
    await button('Sign out').click();
    await button('Continue to sign in').waitFor();
    expect((await kept()).session).toEqual([]);
  });

  it('says what the issuer says when it refuses', async () => {
    await open();
    await choose('Nobody: refuse');
    await watched.page.getByRole('alert').getByText('Nobody was chosen').waitFor();
    expect(address()).toBe('/console/signed-in');
    expect((await kept()).session).toEqual([]);
    expect(await accessibilityFaults(watched.page)).toEqual([]);
    await button('Sign in again').click();
    await watched.page.getByRole('link', { name: people.admin.name }).click();
    await watched.page.getByRole('heading', { name: 'Orders' }).waitFor();
  });

  it('takes no answer to a sign-in that this tab did not begin', async () => {
    await open('/console/signed-in?code=abc&state=def');
    await watched.page.getByText('no answer to a sign-in that this tab began').waitFor();
    expect(address()).toBe('/console/signed-in');
  });

  it.each([
    ['another state', (answer: URL) => answer.searchParams.set('state', 'another')],
    ['another issuer', (answer: URL) => answer.searchParams.set('iss', 'https://login.example.com')],
    ['no issuer', (answer: URL) => answer.searchParams.delete('iss')],
  ])('takes no answer with %s', async (_what, change) => {
    const page = await open();
    await page.route('**/issuer/authorize/*', async (route) => {
      const response = await route.fetch({ maxRedirects: 0 });
      const answer = new URL(response.headers()['location'] ?? '');
      change(answer);
      await route.fulfill({ status: 302, headers: { location: String(answer) } });
    });
    await choose(people.admin.name);
    await page.getByText('no answer to a sign-in that this tab began').waitFor();
    expect((await kept()).session).toEqual([]);
  });

  it('leads back to the same address when the session has ended', async () => {
    const page = await open();
    await choose(people.admin.name);
    await page.getByRole('heading', { name: 'Orders' }).waitFor();
    const sign = createTokenSigner(system.documents.auth);
    const expired = (await sign?.('admin', { role: 'admin' }, '-1 minute')) ?? '';
    await page.evaluate((token) => sessionStorage.setItem('settle.token', token), expired);
    await page.reload();
    await page.getByText('Your session has ended').waitFor();
    expect((await kept()).session).toEqual([]);
    await choose(people.admin.name);
    await page.getByRole('heading', { name: 'Orders' }).waitFor();
    expect(address()).toBe(ADDRESS);
  });
});

describe('sign-in by a token, where the stage has no issuer', () => {
  async function openWithout() {
    watched = await browser.open(`${system.url}/console/settings.json`, { locale: 'en-US' });
    const { page } = watched;
    await page.route('**/console/settings.json', (route) =>
      route.fulfill({ json: { stage: 'local', signIn: null, laboratory: null } }),
    );
    await page.goto(`${system.url}${ADDRESS}`);
    return page;
  }

  it('takes a token that is pasted, and keeps it in this tab alone', async () => {
    const page = await openWithout();
    await page.getByLabel('Access token').fill(`Bearer ${system.tokens?.admin}`);
    await button('Sign in').click();
    await page.getByRole('heading', { name: 'Orders' }).waitFor();
    expect(address()).toBe(ADDRESS);
    expect(await kept()).toEqual({ session: ['settle.token'], local: [], cookies: '' });
  });

  it('says what a token is', async () => {
    const page = await openWithout();
    await page.getByLabel('Access token').fill('secret');
    await button('Sign in').click();
    const field = page.getByLabel('Access token');
    await page.getByText('This is no JWT').waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await field.fill('other');
    expect(await field.getAttribute('aria-invalid')).toBeNull();
  });

  it('says which role is needed to whom the API refuses', async () => {
    const page = await openWithout();
    await page.getByLabel('Access token').fill(system.tokens?.user ?? '');
    await button('Sign in').click();
    await page.getByText('Your role does not allow this').waitFor();
    await page.getByText('To look takes the role viewer or admin').waitFor();
  });

  it.each(['light', 'dark'] as const)('is accessible (%s)', async (colorScheme) => {
    const page = await openWithout();
    await page.emulateMedia({ colorScheme });
    await page.getByLabel('Access token').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
  });
});

import type { TestBrowser, WatchedPage } from '../../infra/local/console/browser.ts';

interface Opened {
  /** Who is signed in. */
  readonly token: string;
  /** Below `/console`. */
  readonly path: string;
  readonly locale?: string;
}

/** The console as somebody has it who is signed in already, at one of its addresses. */
export async function openConsole(
  browser: TestBrowser,
  url: string,
  { token, path, locale = 'en' }: Opened,
): Promise<WatchedPage> {
  const watched = await browser.open(`${url}/console/settings.json`, { locale });
  await watched.page.evaluate((value) => sessionStorage.setItem('settle.token', value), token);
  await watched.page.goto(`${url}/console/${path}`);
  await watched.page.getByRole('heading', { level: 1 }).waitFor();
  return watched;
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { arch, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

export interface TestBrowser {
  /** A fresh page that writes down what must not happen: errors, and requests that leave this machine. */
  open(url: string, options?: { readonly locale?: string }): Promise<WatchedPage>;
  stop(): Promise<void>;
}

export interface WatchedPage {
  readonly page: Page;
  readonly errors: readonly string[];
  /** Hosts that were asked for anything. */
  readonly hosts: ReadonlySet<string>;
}

const ARGUMENTS = [
  '--no-sandbox',
  '--no-zygote',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-sync',
  '--no-first-run',
  '--no-default-browser-check',
  '--no-pings',
];

/** The browser that comes with the packages where it runs, else an installed one. */
export async function startBrowser(): Promise<TestBrowser> {
  const folder = mkdtempSync(join(tmpdir(), 'settle-browser-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    const browser = await (isPackedForHere ? launchPacked(folder) : launchInstalled());
    return {
      open: (url, { locale = 'en' } = {}) => open(browser, url, locale),
      stop: async () => {
        await browser.close();
        process.off('exit', remove);
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** What comes with the packages is for Lambda. */
const isPackedForHere = platform() === 'linux' && arch() === 'x64';

/** With the libraries that come with it: nothing of it is installed. */
async function launchPacked(folder: string): Promise<Browser> {
  const env = await unpack(folder);
  return chromium.launch({ executablePath: join(folder, 'chromium'), args: ARGUMENTS, env });
}

/** @throws Error when there is neither */
const launchInstalled = (): Promise<Browser> =>
  chromium
    .launch({ channel: 'chrome', args: ARGUMENTS })
    .catch(() => chromium.launch({ channel: 'msedge', args: ARGUMENTS }));

/** Unpacks into a folder of our own, where no other run can leave half a browser. Gives its environment. */
async function unpack(folder: string): Promise<Record<string, string>> {
  const before = { TMPDIR: process.env['TMPDIR'], AWS_EXECUTION_ENV: process.env['AWS_EXECUTION_ENV'] };
  // The package unpacks its own shared libraries only where it believes itself to be on Lambda.
  Object.assign(process.env, { TMPDIR: folder, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' });
  try {
    const { default: packed } = await import('@sparticuz/chromium');
    packed.setGraphicsMode = false;
    await packed.executablePath();
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
  const fonts = join(folder, 'fonts');
  // Its own names /tmp/fonts, whatever the folder: without a font the browser ends at a list of choices.
  writeFileSync(join(fonts, 'fonts.conf'), fontConfiguration(fonts, join(folder, 'fonts-cache')));
  return {
    ...environmentOf(process.env),
    HOME: folder,
    LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
    FONTCONFIG_PATH: fonts,
  };
}

const fontConfiguration = (fonts: string, cache: string): string =>
  `<?xml version="1.0"?><fontconfig><dir>${fonts}</dir><cachedir>${cache}</cachedir></fontconfig>`;

const environmentOf = (variables: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

async function open(browser: Browser, url: string, locale: string): Promise<WatchedPage> {
  const context = await browser.newContext({ locale, viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const errors: string[] = [];
  const hosts = new Set<string>();
  page.on('console', (message) => {
    const isFault = message.type() === 'error' || message.type() === 'warning';
    // What was not loaded is named by its place alone.
    if (isFault) errors.push(`${message.text()} at ${URL.parse(message.location().url)?.pathname}`);
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol !== 'data:') hosts.add(hostname);
  });
  await page.goto(url);
  return { page, errors, hosts };
}

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, stop as stopEsbuild } from 'esbuild';
import type { Answer } from '../simulators/http.ts';

const folder = fileURLToPath(new URL('./page', import.meta.url));

/** Everything comes from this server, and text from an order can run nothing even if it became markup. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Gives the page's files, made when one is first asked for, so that starting the system does not wait for them. */
export function createPageFiles(): (path: string) => Promise<Answer | null> {
  let made: Promise<ReadonlyMap<string, Answer>> | undefined;
  return async (path) => {
    made ??= makeFiles().catch((error) => {
      made = undefined;
      throw error;
    });
    return (await made).get(path) ?? null;
  };
}

async function makeFiles(): Promise<ReadonlyMap<string, Answer>> {
  const { outputFiles } = await build({
    entryPoints: [`${folder}/main.tsx`],
    outdir: '/console',
    write: false,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'error',
  }).finally(stopEsbuild);
  const text = (suffix: string) => outputFiles.find(({ path }) => path.endsWith(suffix))?.text ?? '';
  return new Map([
    ['/', file('text/html', await readFile(`${folder}/index.html`, 'utf8'))],
    ['/console/main.js', file('text/javascript', text('.js'))],
    ['/console/main.css', file('text/css', text('.css'))],
  ]);
}

const file = (type: string, body: string): Answer => ({
  status: 200,
  headers: {
    'content-type': `${type}; charset=utf-8`,
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'cache-control': 'no-cache',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  },
  body,
});

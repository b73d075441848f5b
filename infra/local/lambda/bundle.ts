import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, stop as stopEsbuild } from 'esbuild';
import { bundleOptions } from '../../bundling/bundle-options.ts';

export interface Bundles {
  /** The address of a function's bundle, for `import`. */
  url(name: string): string;
  remove(): void;
}

/** Bundles the entry files `<directory>/<name>.ts` with the stack's own options into a temporary directory. */
export async function bundleFunctions(directory: string, names: readonly string[]): Promise<Bundles> {
  const outdir = mkdtempSync(join(tmpdir(), 'settle-functions-'));
  const remove = () => rmSync(outdir, { recursive: true, force: true });
  process.once('exit', remove);
  await build({
    ...bundleOptions,
    entryPoints: names.map((name) => ({ in: join(directory, `${name}.ts`), out: name })),
    outdir,
    outExtension: { '.js': '.mjs' },
    logLevel: 'error',
  }).finally(stopEsbuild);
  return {
    url: (name) => pathToFileURL(join(outdir, `${name}.mjs`)).href,
    remove: () => {
      process.off('exit', remove);
      remove();
    },
  };
}

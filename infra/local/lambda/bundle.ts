import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type BuildResult, build, context, type OutputFile, stop as stopEsbuild } from 'esbuild';
import { bundleEach } from '../../bundling/bundle-options.ts';
import type { Stoppable } from '../all-started.ts';

const workerSource = fileURLToPath(new URL('./worker.ts', import.meta.url));

export interface BundlesOptions {
  readonly directory: string;
  readonly names: readonly string[];
  /** Leaves variables their names, which a debugger shows; for AWS they are shortened. */
  readonly readable?: boolean;
}

/** Takes the functions whose bundles have changed, or why there are none, as esbuild words it. */
export interface BundleListener {
  changed(names: readonly string[]): Promise<void>;
  failed(errors: BuildResult['errors']): Promise<void>;
}

export interface Bundles {
  /** The address of a function's bundle, for `import`. */
  url(name: string): string;
  /** Of what runs a bundle in a thread, as JavaScript: from its source each thread would strip the types anew. */
  readonly workerUrl: string;
  /** Bundles again whenever a source file changes. What does not build leaves all bundles as they are. */
  watch(listener: BundleListener): Promise<Stoppable>;
  remove(): void;
}

/** Bundles the entry files `<directory>/<name>.ts` with the stack's own options into a temporary directory. */
export async function bundleFunctions({ directory, names, readable }: BundlesOptions): Promise<Bundles> {
  const outdir = mkdtempSync(join(tmpdir(), 'settle-functions-'));
  const remove = () => rmSync(outdir, { recursive: true, force: true });
  process.once('exit', remove);
  const options = { ...bundleEach(directory, names), outdir, ...(readable && { minify: false }) };
  const workerFile = join(outdir, 'worker.mjs');
  await Promise.all([
    build({ ...options, logLevel: 'error' }),
    build({ entryPoints: [workerSource], outfile: workerFile, format: 'esm', logLevel: 'error' }),
  ]).finally(stopEsbuild);
  return {
    url: (name) => pathToFileURL(join(outdir, name, 'index.mjs')).href,
    workerUrl: pathToFileURL(workerFile).href,
    watch: async (listener) => {
      let handled = Promise.resolve();
      const watched = await context({
        ...options,
        write: false,
        logLevel: 'silent',
        plugins: [
          {
            name: 'watch-bundles',
            setup: ({ onEnd }) =>
              onEnd(({ errors, outputFiles = [] }) => {
                handled = report(errors, outputFiles, listener);
                return handled;
              }),
          },
        ],
      });
      await watched.watch();
      return {
        stop: async () => {
          await handled;
          // To dispose of the context would wait for a build that is under way, which takes seconds.
          await stopEsbuild();
        },
      };
    },
    remove: () => {
      process.off('exit', remove);
      remove();
    },
  };
}

async function report(
  errors: BuildResult['errors'],
  files: readonly OutputFile[],
  listener: BundleListener,
): Promise<void> {
  if (errors.length > 0) return listener.failed(errors);
  const changed = replaceChanged(files);
  if (changed.length > 0) await listener.changed(changed);
}

/** Writes what is not what lies there, and names the functions that it belongs to. */
function replaceChanged(files: readonly OutputFile[]): string[] {
  const changed = files.filter(({ path, contents }) => !readFileSync(path).equals(contents));
  for (const { path, contents } of changed) writeFileSync(path, contents);
  return [...new Set(changed.map(({ path }) => basename(dirname(path))))];
}

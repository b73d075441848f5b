import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  type BuildFailure,
  type BuildResult,
  build,
  context,
  type Metafile,
  type OutputFile,
  stop as stopEsbuild,
} from 'esbuild';
import { bundleEach } from '../../bundling/bundle-options.ts';
import {
  buildConsoleFiles,
  consoleFunction,
  pageFolders,
  writeConsoleFiles,
} from '../../bundling/console-files.ts';
import type { Stoppable } from '../all-started.ts';
import { watchFolders } from './watch-folders.ts';

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
  const addConsoleFiles = async () =>
    writeConsoleFiles(join(outdir, consoleFunction), await buildConsoleFiles());
  await Promise.all([
    build({ ...options, logLevel: 'error' }),
    build({ entryPoints: [workerSource], outfile: workerFile, format: 'esm', logLevel: 'error' }),
    names.includes(consoleFunction) && addConsoleFiles(),
  ]).finally(stopEsbuild);
  return {
    url: (name) => pathToFileURL(join(outdir, name, 'index.mjs')).href,
    workerUrl: pathToFileURL(workerFile).href,
    watch: async (listener) => {
      const made = await context({ ...options, write: false, metafile: true, logLevel: 'silent' });
      let isStopped = false;
      let reported = Promise.resolve();
      const rebuild = inTurn(async () => {
        if (isStopped) return;
        const { errors, outputFiles, metafile } = await made.rebuild().catch(failure);
        if (isStopped) return;
        // What changed before its folder was watched is seen by one build more.
        if (metafile && sources.add(foldersOf(metafile))) rebuild();
        reported = report(errors, outputFiles, listener);
        await reported;
      });
      // Not esbuild's own watching: that goes on for ever where this process is killed while it is busy.
      const sources = watchFolders(rebuild);
      void rebuild();
      const pages = names.includes(consoleFunction) ? watchPages(addConsoleFiles, listener) : null;
      return {
        stop: async () => {
          isStopped = true;
          sources.stop();
          const pagesReported = pages?.stop();
          // To dispose of the context would wait for a build that is under way, which takes seconds.
          await stopEsbuild();
          await Promise.all([reported, pagesReported]);
        },
      };
    },
    remove: () => {
      process.off('exit', remove);
      remove();
    },
  };
}

/** Makes the pages again whenever a source of theirs changes. */
function watchPages(addFiles: () => Promise<boolean>, listener: BundleListener): Stoppable {
  let isStopped = false;
  let reported = Promise.resolve();
  const rebuild = inTurn(async () => {
    sources.add(pageFolders());
    const outcome = await addFiles().catch((error: Partial<BuildFailure>) => failure(error));
    if (isStopped) return;
    if (outcome === true) reported = listener.changed([consoleFunction]);
    else if (outcome !== false) reported = listener.failed(outcome.errors);
    await reported;
  });
  const sources = watchFolders(rebuild);
  sources.add(pageFolders());
  return {
    stop: () => {
      isStopped = true;
      sources.stop();
      return reported;
    },
  };
}

type Outcome = Pick<BuildResult, 'errors'> & {
  readonly outputFiles?: readonly OutputFile[];
  readonly metafile?: Metafile;
};

/** A build that esbuild gave up, or was stopped in, fails without a reason that a listener could tell. */
const failure = ({ errors = [] }: Partial<BuildFailure>): Outcome => ({ errors });

/** Runs the work whenever it is asked for, one run at a time; all that is asked for meanwhile is one run more. */
function inTurn(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  let isAsked = false;
  const run = async () => {
    while (isAsked) {
      isAsked = false;
      await work();
    }
    running = null;
  };
  return () => {
    isAsked = true;
    running ??= run();
    return running;
  };
}

/** Where the sources lie; packages do not change while the system runs. */
const foldersOf = ({ inputs }: Metafile): string[] =>
  Object.keys(inputs)
    .filter((file) => !file.includes('node_modules/'))
    .map((file) => resolve(dirname(file)));

async function report(
  errors: BuildResult['errors'],
  files: readonly OutputFile[] = [],
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

import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { bundleOptions } from '../../../infra/bundling/bundle-options.ts';
import { createTemporaryDirectory } from '../../support/temporary-directory.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** As Settle's functions are bundled, but with the packages that Settle replaces, and without a source map. */
const withoutReplacements: BuildOptions = { ...bundleOptions, alias: {}, sourcemap: false };

/** What CDK's `NodejsFunction` does unless it is told otherwise: the SDK is the runtime's, file by file. */
const cdkDefaults: BuildOptions = {
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node24',
  external: ['@aws-sdk/*', '@smithy/*'],
};

export interface Bundler extends Disposable {
  /** The address of a function's bundle as it is deployed. */
  settle(name: string): Promise<string>;
  /** A file of `test/bench`, bundled as Settle's functions are. */
  asSettle(file: string): Promise<string>;
  asCdkDefaults(file: string): Promise<string>;
}

/** Bundles into a directory that is gone when it is disposed of. */
export function createBundler(): Bundler {
  const { path: directory, remove } = createTemporaryDirectory('settle-bench-');
  // In place of /var/runtime/node_modules.
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  let count = 0;
  const bundle = async (file: string, options: BuildOptions): Promise<string> => {
    count += 1;
    const outfile = join(directory, String(count), options.format === 'cjs' ? 'index.cjs' : 'index.mjs');
    await build({ ...options, entryPoints: [join(root, file)], outfile, logLevel: 'error' });
    return pathToFileURL(outfile).href;
  };
  return {
    settle: (name) => bundle(`functions/${name}.ts`, bundleOptions),
    asSettle: (file) => bundle(`test/bench/${file}`, withoutReplacements),
    asCdkDefaults: (file) => bundle(`test/bench/${file}`, cdkDefaults),
    [Symbol.dispose]: remove,
  };
}

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuildOptions } from 'esbuild';

/** Where each file is one function. */
export const functionsDirectory = fileURLToPath(new URL('../../functions', import.meta.url));

/**
 * A package replaced in every bundle, though types and tests know the real one. Lambda hands a function its credentials
 * in the environment; the SDK's own chain of places to look in would be a third of what a bundle holds of it.
 */
const bundleAliases = {
  '@aws-sdk/credential-provider-node': fileURLToPath(
    new URL('./environment-credentials.ts', import.meta.url),
  ),
};

/** CommonJS packages inside an ES module bundle still call `require`, for Node's own modules and for no other. */
const bundleBanner = 'const require=process.getBuiltinModule;';

/** How every function is bundled, on AWS and locally alike. */
export const bundleOptions = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  minify: true,
  // Read once there is an error to log (lib/telemetry/source-lines.ts): `--enable-source-maps` takes 4 ms of every start.
  sourcemap: true,
  sourcesContent: false,
  banner: { js: bundleBanner },
  alias: bundleAliases,
} satisfies BuildOptions;

/** One run for many functions, which reads a file once however many use it: `<name>.ts` becomes `<name>/index.mjs`. */
export const bundleEach = (directory: string, names: readonly string[]) =>
  ({
    ...bundleOptions,
    entryPoints: names.map((name) => ({ in: join(directory, `${name}.ts`), out: `${name}/index` })),
    outExtension: { '.js': '.mjs' },
  }) satisfies BuildOptions;

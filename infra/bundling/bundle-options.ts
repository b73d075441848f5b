import { fileURLToPath } from 'node:url';
import type { BuildOptions } from 'esbuild';

/**
 * A package replaced in every bundle, though types and tests know the real one. Lambda hands a function its credentials
 * in the environment; the SDK's own chain of places to look in would be a third of what a bundle holds of it.
 */
export const bundleAliases = {
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

import { fileURLToPath } from 'node:url';
import type { BuildOptions } from 'esbuild';

const leanSdk = (file: string) => fileURLToPath(new URL(`./lean-sdk/${file}.ts`, import.meta.url));

/**
 * Packages replaced in every bundle, though types and tests know the real ones. Of a cold start, the SDK's clients
 * took more than all the rest: chains of credentials and of regions, rules for addresses, schemas of every
 * operation and retries that the store makes itself. What stands in for them sends what they send and throws
 * what they throw, for the commands that are used; a command that it lacks fails the bundling.
 */
export const bundleAliases = {
  '@aws-sdk/client-dynamodb': leanSdk('client-dynamodb'),
  '@aws-sdk/lib-dynamodb': leanSdk('lib-dynamodb'),
  '@aws-sdk/client-secrets-manager': leanSdk('client-secrets-manager'),
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

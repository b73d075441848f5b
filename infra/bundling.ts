import { fileURLToPath } from 'node:url';
import type { BuildOptions } from 'esbuild';

const environmentCredentials = fileURLToPath(new URL('./environment-credentials.ts', import.meta.url));

/** Packages replaced in every bundle: Lambda hands credentials over in the environment and in no other way. */
export const bundleAliases = { '@aws-sdk/credential-provider-node': environmentCredentials };

/** CommonJS packages inside an ES module bundle still call `require` for Node's own modules. */
export const bundleBanner =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

/** How every function is bundled, on AWS and locally alike. */
export const bundleOptions = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  minify: true,
  sourcemap: true,
  sourcesContent: false,
  banner: { js: bundleBanner },
  alias: bundleAliases,
} satisfies BuildOptions;

import { cpSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { functionsDirectory } from '../../infra/bundling/bundle-options.ts';
import { functions } from '../../infra/endpoints.ts';
import { bundleFunctions } from '../../infra/local/lambda/bundle.ts';
import type { SystemParts } from '../../infra/local/system.ts';
import { readStage } from '../../infra/stages.ts';
import { oncePerRun } from './once-per-run.ts';
import { rsaKeysInPem } from './rsa-keys.ts';

/** The bundles and templates that every system of a test run is started from: to make them is most of a start. */
export async function sharedSystemParts(): Promise<SystemParts> {
  const [bundles, templates] = await Promise.all([
    oncePerRun('bundles', bundleInto),
    oncePerRun('templates', async () => {
      const { synthesizeStage } = await import('../../infra/stacks/template.ts');
      return synthesizeStage(readStage('local'));
    }),
  ]);
  const { workerUrl, urls } = bundles;
  return { bundles: { workerUrl, url: (name) => urls[name] ?? '' }, templates, rsaKeys: rsaKeysInPem };
}

async function bundleInto(directory: string) {
  const names = functions.map(({ name }) => name);
  const bundles = await bundleFunctions({ directory: functionsDirectory, names });
  const made = dirname(fileURLToPath(bundles.workerUrl));
  cpSync(made, directory, { recursive: true });
  bundles.remove();
  const copy = (url: string) => pathToFileURL(join(directory, relative(made, fileURLToPath(url)))).href;
  return {
    workerUrl: copy(bundles.workerUrl),
    urls: Object.fromEntries(names.map((name) => [name, copy(bundles.url(name))])),
  };
}

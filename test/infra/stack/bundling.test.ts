import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { build } from 'esbuild';
import { afterAll, expect, it } from 'vitest';
import { bundleOptions } from '../../../infra/bundling/bundle-options.ts';
import { PaymentFunction } from '../../../infra/constructs/payment-function.ts';
import { streamConsumer as definition } from '../../../infra/endpoints.ts';
import { referToTable } from '../../../infra/stacks/table-reference.ts';
import { testStage } from './stage.ts';

const outdir = mkdtempSync(join(tmpdir(), 'settle-bundle-'));
afterAll(() => rmSync(outdir, { recursive: true }));

it('the stack deploys, byte for byte, what the shared options make', async () => {
  const app = new App({ outdir, builtinCloudFormationValidation: false });
  const stack = new Stack(app, 'bundling');
  const table = referToTable(stack, 'table', testStage.name);
  const timeout = Duration.seconds(1);
  new PaymentFunction(stack, definition.name, {
    definition,
    stage: testStage,
    timeout,
    table,
    publicUrl: '',
  });
  app.synth();
  const assets = readdirSync(outdir).filter((name) => name.startsWith('asset.'));

  const { outputFiles } = await build({
    ...bundleOptions,
    entryPoints: [fileURLToPath(new URL(`../../../functions/${definition.name}.ts`, import.meta.url))],
    outfile: 'index.mjs',
    write: false,
  });
  const shared = outputFiles.filter(({ path }) => path.endsWith('.mjs')).map(({ contents }) => contents);
  const deployed = assets.map((asset) => readFileSync(join(outdir, asset, 'index.mjs')));

  expect(deployed).toHaveLength(1);
  expect(deployed.map(sha256)).toEqual(shared.map(sha256));
});

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

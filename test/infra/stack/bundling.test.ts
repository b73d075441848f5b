import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { App, type AppProps, Duration, Stack } from 'aws-cdk-lib';
import { build, buildSync } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bundleOptions, functionsDirectory } from '../../../infra/bundling/bundle-options.ts';
import { PaymentFunction } from '../../../infra/constructs/payment-function.ts';
import { ReconciliationQueue } from '../../../infra/constructs/reconciliation-queue.ts';
import { consoleServer, type FunctionDefinition, streamConsumer, sweep } from '../../../infra/endpoints.ts';
import { referToTable } from '../../../infra/stacks/table-reference.ts';
import { withoutBundling } from '../../../infra/stacks/template.ts';
import { testStage } from './stage.ts';

vi.mock('esbuild', { spy: true });

const definitions: readonly FunctionDefinition[] = [streamConsumer, sweep];

let outdir: string;
beforeEach(() => {
  outdir = mkdtempSync(join(tmpdir(), 'settle-bundle-'));
});
afterEach(() => rmSync(outdir, { recursive: true }));

/** Functions of a stack; the folders of their assets, by hash. */
function synthesize(props: AppProps = {}, synthesized = definitions): string[] {
  const app = new App({ ...props, outdir, builtinCloudFormationValidation: false });
  const stack = new Stack(app, 'bundling');
  const table = referToTable(stack, 'table', testStage.name);
  const { queue } = new ReconciliationQueue(stack, 'queue', { consumerTimeout: Duration.seconds(1) });
  const timeout = Duration.seconds(1);
  for (const definition of synthesized)
    new PaymentFunction(stack, definition.name, {
      definition,
      stage: testStage,
      timeout,
      table,
      resources: { queue },
      publicUrl: '',
    });
  app.synth();
  return readdirSync(outdir).filter((name) => name.startsWith('asset.'));
}

/** One function alone, by the shared options. */
async function bundle(name: string): Promise<Uint8Array[]> {
  const { outputFiles } = await build({
    ...bundleOptions,
    entryPoints: [join(functionsDirectory, `${name}.ts`)],
    outfile: 'index.mjs',
    write: false,
  });
  return outputFiles.filter(({ path }) => path.endsWith('.mjs')).map(({ contents }) => contents);
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('the code of functions', () => {
  it('is not bundled where it is not asked for, as by cdk destroy', () => {
    expect(synthesize(withoutBundling)).toEqual([]);
    expect(buildSync).not.toHaveBeenCalled();
  });

  it('is bundled in one run, and is byte for byte what the shared options make of each alone', async () => {
    const assets = synthesize();
    expect(buildSync).toHaveBeenCalledOnce();
    expect(assets.map((asset) => readdirSync(join(outdir, asset)))).toEqual(
      definitions.map(() => ['index.mjs', 'index.mjs.map']),
    );
    const deployed = assets.map((asset) => readFileSync(join(outdir, asset, 'index.mjs')));
    const alone = await Promise.all(definitions.map(({ name }) => bundle(name)));
    expect(deployed.map(sha256).toSorted()).toEqual(alone.flat().map(sha256).toSorted());
  });

  it('has source maps that name no place of the machine, as hashes are of what assets hold', () => {
    const maps = synthesize().map((asset) => readFileSync(join(outdir, asset, 'index.mjs.map'), 'utf8'));
    const own = maps
      .flatMap((map): string[] => JSON.parse(map).sources)
      .filter((source) => !source.includes('/node_modules/'));
    expect(own.filter((source) => !/^\.\.\/\.\.\/(functions|infra|lib)\//.test(source))).toEqual([]);
    expect(own).toEqual(expect.arrayContaining(definitions.map(({ name }) => `../../functions/${name}.ts`)));
  });

  it('has the files of the console beside it where it gives them, and nowhere else', () => {
    const [asset = ''] = synthesize({}, [consoleServer]);
    const names = readdirSync(join(outdir, asset), { recursive: true }).map(String);
    const besides = ['console', 'docs', 'index.mjs', 'index.mjs.map'];
    expect(names.filter((name) => dirname(name) === '.').toSorted()).toEqual(besides);
    const page = readFileSync(join(outdir, asset, 'console', 'index.html'), 'utf8');
    const script = /\/(console\/main-\w+\.js)/.exec(page)?.[1] ?? '';
    expect(names).toEqual(expect.arrayContaining([script, `${script}.gz`, join('docs', 'openapi.json')]));
  });
});

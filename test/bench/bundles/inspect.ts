import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundleOptions } from '../../../infra/bundling/bundle-options.ts';
import { functions } from '../../../infra/endpoints.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface InspectedBundle {
  readonly name: string;
  readonly bytes: number;
  /** Bytes by file, from the root of the project, of every file that something is left of. */
  readonly files: Readonly<Record<string, number>>;
}

/** What the bundle of each function consists of, as esbuild's metafile of the production options has it. */
export async function inspectBundles(): Promise<InspectedBundle[]> {
  const { metafile } = await build({
    ...bundleOptions,
    absWorkingDir: root,
    entryPoints: functions.map(({ name }) => `functions/${name}.ts`),
    outdir: '.',
    write: false,
    metafile: true,
  });
  return functions.map(({ name }) => {
    const output = metafile.outputs[`${name}.js`];
    if (!output) throw new Error(`no bundle of ${name}`);
    const files = Object.entries(output.inputs).flatMap(([file, { bytesInOutput }]) =>
      bytesInOutput > 0 ? [[file, bytesInOutput] as const] : [],
    );
    return { name, bytes: output.bytes, files: Object.fromEntries(files) };
  });
}

/** The package that a file is of; null for the project's own. */
export function packageOf(file: string): string | null {
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? null;
}

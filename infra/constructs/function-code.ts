import { writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync, type OutputFile, stop as stopEsbuild } from 'esbuild';
import { bundleEach, functionsDirectory } from '../bundling/bundle-options.ts';
import { buildConsoleFilesSync, consoleFunction, writeConsoleFiles } from '../bundling/console-files.ts';
import { functions } from '../endpoints.ts';

/** Nothing is written there, but source maps name their sources from there: the same, wherever the templates go. */
const outdir = join(dirname(functionsDirectory), 'cdk.out');

let bundled: readonly OutputFile[] | undefined;

/** Of all functions, in one run, when the first of them is asked for. @throws BuildFailure */
function bundles(): readonly OutputFile[] {
  if (bundled) return bundled;
  const names = functions.map(({ name }) => name);
  bundled = buildSync({ ...bundleEach(functionsDirectory, names), outdir, write: false }).outputFiles;
  stopEsbuild();
  return bundled;
}

/**
 * A function of the table of endpoints as it is deployed: its bundle and its source map, under the hash of what they
 * hold. Where CDK does not ask for the code, as for `cdk destroy`, nothing is bundled.
 */
export function functionCode(name: string): Code {
  return Code.fromAsset(functionsDirectory, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // CDK takes two assets of the same options for one. Neither is run: `local` always does it.
      command: [name],
      image: DockerImage.fromRegistry('none'),
      local: {
        tryBundle: (directory) => {
          const files = bundles().filter(({ path }) => dirname(path) === join(outdir, name));
          for (const { path, contents } of files) writeFileSync(join(directory, basename(path)), contents);
          if (name === consoleFunction) writeConsoleFiles(directory, buildConsoleFilesSync());
          return true;
        },
      },
    },
  });
}

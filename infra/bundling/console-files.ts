import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type BuildOptions, build, buildSync, type OutputFile } from 'esbuild';

/** The function beside whose bundle the files lie. */
export const consoleFunction = 'serve-console';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sources = join(root, 'lib', 'console');
const openapiFile = join(root, 'infra', 'openapi', 'openapi.json');

/** Every folder that holds sources of the pages. */
export const pageFolders = (): readonly string[] =>
  ['page', 'docs']
    .map((name) => join(sources, name))
    .flatMap((folder) => [
      folder,
      ...readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ parentPath, name }) => join(parentPath, name)),
    ]);

export interface ConsoleFile {
  /** Below the folder of the function's bundle: `console/index.html`. */
  readonly path: string;
  readonly contents: Uint8Array;
}

const options = {
  entryPoints: [
    { in: join(sources, 'page', 'main.tsx'), out: 'console/main' },
    { in: join(sources, 'docs', 'main.ts'), out: 'docs/main' },
  ],
  // Nothing is written there.
  outdir: join(root, 'cdk.out'),
  absWorkingDir: root,
  entryNames: '[dir]/[name]-[hash]',
  write: false,
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  // Chinese as it is, in place of six characters for each: it is served as UTF-8.
  charset: 'utf8',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  logLevel: 'silent',
} satisfies BuildOptions;

/** The files of the console and of the reference, as they are deployed. @throws BuildFailure */
export async function buildConsoleFiles(): Promise<readonly ConsoleFile[]> {
  const { outputFiles } = await build(options);
  return withPages(outputFiles);
}

/** The same for CDK, which cannot wait. @throws BuildFailure */
export const buildConsoleFilesSync = (): readonly ConsoleFile[] => withPages(buildSync(options).outputFiles);

/** Lays them beside the bundle that is in this folder. @returns whether any of them was not there */
export function writeConsoleFiles(folder: string, files: readonly ConsoleFile[]): boolean {
  const changed = files.filter(({ path, contents }) => {
    const file = join(folder, path);
    return !existsSync(file) || !readFileSync(file).equals(contents);
  });
  for (const { path, contents } of changed) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), contents);
  }
  return changed.length > 0;
}

function withPages(built: readonly OutputFile[]): readonly ConsoleFile[] {
  const made = built.map(({ path, contents }) => ({ path: relative(options.outdir, path), contents }));
  const files = [
    ...made,
    { path: 'console/index.html', contents: pageOf('page', made) },
    { path: 'docs/index.html', contents: pageOf('docs', made) },
    { path: 'docs/openapi.json', contents: openapiDocument() },
  ];
  return files.flatMap((file) => [file, { path: `${file.path}.gz`, contents: gzipSync(file.contents) }]);
}

/** Of the server that gives it, so that what is tried is tried there, and only there. */
function openapiDocument(): Buffer {
  const document = JSON.parse(readFileSync(openapiFile, 'utf8'));
  return Buffer.from(JSON.stringify({ ...document, servers: [{ url: '/' }] }));
}

/** The page under the names that its script and its styles have got. @throws Error when it names what was not made */
function pageOf(source: string, made: readonly ConsoleFile[]): Buffer {
  const page = readFileSync(join(sources, source, 'index.html'), 'utf8');
  const named = page.replace(/"\/(\w+\/main)\.(js|css)"/g, (_, name: string, ending: string) => {
    const file = made.find(({ path }) => path.startsWith(`${name}-`) && path.endsWith(`.${ending}`));
    if (!file) throw new Error(`${name}.${ending} is not made`);
    return `"/${file.path}"`;
  });
  return Buffer.from(named);
}

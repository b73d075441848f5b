import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  buildConsoleFiles,
  buildConsoleFilesSync,
  type ConsoleFile,
  writeConsoleFiles,
} from '../../../infra/bundling/console-files.ts';
import openapi from '../../../infra/openapi/openapi.json' with { type: 'json' };
import { openFiles } from '../../../lib/console/served-files.ts';
import { createTemporaryDirectory } from '../../support/temporary-directory.ts';

const folder = createTemporaryDirectory('settle-pages-');
afterAll(folder.remove);

let files: readonly ConsoleFile[];
beforeAll(async () => {
  files = await buildConsoleFiles();
});

const textOf = (path: string) => {
  const file = files.find((candidate) => candidate.path === path);
  if (!file) throw new Error(`no ${path}`);
  return Buffer.from(file.contents).toString();
};

describe('the files of the console', () => {
  it('are the pages, under names that change with what they hold, and each compressed', () => {
    const names = files.map(({ path }) => path.replace(/-[A-Z2-7]{8}\./, '-<hash>.'));
    const plain = [
      ...['console/main-<hash>.js', 'console/main-<hash>.css', 'docs/main-<hash>.js', 'docs/main-<hash>.css'],
      ...['console/index.html', 'docs/index.html', 'docs/openapi.json'],
    ];
    expect(names.toSorted()).toEqual(plain.flatMap((name) => [name, `${name}.gz`]).toSorted());
    for (const { path, contents } of files.filter((file) => file.path.endsWith('.gz'))) {
      expect(gunzipSync(contents).toString() === textOf(path.slice(0, -3))).toBe(true);
    }
  });

  it.each(['console', 'docs'])('hold in the page of %s nothing that its policy forbids', (name) => {
    const page = textOf(`${name}/index.html`);
    const named = Array.from(page.matchAll(/(?:src|href)="\/(\w+\/main[^"]*)"/g), ([, path = '']) => path);
    expect(named).toHaveLength(2);
    for (const path of named) expect(textOf(path).length).toBeGreaterThan(0);
    expect(page).not.toMatch(/<style|style=|<script(?! type="module" src=)|\son\w+=|https?:/);
  });

  it('are read by what serves them', () => {
    writeConsoleFiles(folder.path, files);
    const find = openFiles(folder.path);
    const script = /\/console\/main-[A-Z2-7]{8}\.js/.exec(textOf('console/index.html'))?.[0] ?? '';
    expect(find(script)).toMatchObject({ isImmutable: true, gzipped: expect.any(Buffer) });
    expect(find('/console/index.html')).toMatchObject({ isImmutable: false });
  });

  it('are written where something has changed', () => {
    writeConsoleFiles(folder.path, files);
    expect(writeConsoleFiles(folder.path, files)).toBe(false);
    const page = join(folder.path, 'docs', 'index.html');
    rmSync(page);
    expect(writeConsoleFiles(folder.path, files)).toBe(true);
    expect(existsSync(page)).toBe(true);
    const changed = { path: 'docs/index.html', contents: Buffer.from('changed') };
    expect(writeConsoleFiles(folder.path, [changed])).toBe(true);
    expect(readFileSync(page, 'utf8')).toBe('changed');
  });

  it('are the same when CDK makes them, which cannot wait', () => {
    expect(buildConsoleFilesSync().map(({ path }) => path)).toEqual(files.map(({ path }) => path));
  });

  it('have the whole API, of the server that they come from', () => {
    const document = JSON.parse(textOf('docs/openapi.json'));
    expect(document).toEqual({ ...openapi, servers: [{ url: '/' }] });
  });
});

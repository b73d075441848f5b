import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import { anchorsOf, commandsOf, linksOf } from './support/markdown.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const documents = globSync(['*.md', '{docs,infra,test}/**/*.md'], { cwd: root });

/** Whether there is what a link within the repository leads to. */
function leadsSomewhere(from: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? from : join(dirname(from), path);
  if (!existsSync(join(root, target))) return false;
  return anchor === undefined || anchorsOf(read(target)).includes(decodeURIComponent(anchor));
}

/** `a/{b,c}` → `a/b`, `a/c` */
const alternatives = (path: string): readonly string[] => {
  const [, before = '', choices, after = ''] = /^(.*?)\{([^}]*)\}(.*)$/.exec(path) ?? [];
  if (choices === undefined) return [path];
  return choices.split(',').flatMap((choice) => alternatives(before + choice + after));
};

/** Files and folders named in backticks, by their path from the root or from the document. */
function filesNamedIn(document: string): readonly string[] {
  const folders = [root, join(root, dirname(document))];
  const tokens = Array.from(read(document).matchAll(/`([\w.-]+\/[\w./*{},-]*)`/g), ([, token = '']) => token);
  return tokens
    .filter((token) => folders.some((folder) => existsSync(join(folder, token.slice(0, token.indexOf('/'))))))
    .flatMap(alternatives);
}

const isThere = (document: string, path: string) =>
  [root, join(root, dirname(document))].some((cwd) => globSync(path.replace(/\/$/, ''), { cwd }).length > 0);

describe.each(documents)('%s', (document) => {
  const text = read(document);

  it('has links that lead somewhere', () => {
    const links = linksOf(text).filter((link) => !/^https?:/.test(link));
    expect(links.filter((link) => !leadsSomewhere(document, link))).toEqual([]);
  });

  it('names scripts that there are', () => {
    const names = Array.from(text.matchAll(/npm run (?:-s )?([\w-]+)/g), ([, name = '']) => name);
    expect(names.filter((name) => !(name in packageJson.scripts))).toEqual([]);
  });

  it('names files that there are', () => {
    expect(filesNamedIn(document).filter((path) => !isThere(document, path))).toEqual([]);
  });
});

it('the README is the same in both languages: its commands, its links, the files that it names', () => {
  const english = read('README.md');
  const chinese = read('README.zh-CN.md');
  const outside = (link: string) => !link.startsWith('#') && !link.startsWith('README');
  expect(commandsOf(chinese)).toEqual(commandsOf(english));
  expect(linksOf(chinese).filter(outside)).toEqual(linksOf(english).filter(outside));
  expect(new Set(filesNamedIn('README.zh-CN.md'))).toEqual(new Set(filesNamedIn('README.md')));
  expect(chinese.match(/^#+ /gm)).toEqual(english.match(/^#+ /gm));
});

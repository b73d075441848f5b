import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { endpoints } from '../infra/endpoints.ts';
import { itemSchemas } from '../lib/store/item-schemas.ts';
import { tableIndexes } from '../lib/store/table.ts';
import { metrics } from '../lib/telemetry/metrics.ts';
import packageJson from '../package.json' with { type: 'json' };
import { logFields } from './support/log-fields.ts';
import { anchorsOf, commandsOf, linksOf } from './support/markdown.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const documents = globSync(['*.md', '{docs,infra,test}/**/*.md'], {
  cwd: root,
  exclude: ['**/node_modules/**'],
});

const isOutside = (link: string) => /^https?:/.test(link);

/** The file that a link within the repository leads to. */
function targetOf(from: string, link: string): string {
  const [path = ''] = link.split('#');
  return path === '' ? from : join(dirname(from), path);
}

/** Whether there is what a link within the repository leads to. */
function leadsSomewhere(from: string, link: string): boolean {
  const target = targetOf(from, link);
  const [, anchor] = link.split('#');
  if (!existsSync(join(root, target))) return false;
  return anchor === undefined || anchorsOf(read(target)).includes(decodeURIComponent(anchor));
}

/** `a/{b,c}` → `a/b`, `a/c` */
const alternatives = (path: string): readonly string[] => {
  const [, before = '', choices, after = ''] = /^(.*?)\{([^}]*)\}(.*)$/.exec(path) ?? [];
  if (choices === undefined) return [path];
  return choices.split(',').flatMap((choice) => alternatives(before + choice + after));
};

/** Folders that commands make: what is in them now tells nothing. */
const made = read('.gitignore').split('\n');

/** Files and folders named in backticks, by their path from the root or from the document. */
function filesNamedIn(document: string): readonly string[] {
  const folders = [root, join(root, dirname(document))];
  const tokens = Array.from(read(document).matchAll(/`([\w.-]+\/[\w./*{},-]*)`/g), ([, token = '']) => token);
  const folderOf = (token: string) => token.slice(0, token.indexOf('/') + 1);
  return tokens
    .filter((token) => !made.includes(folderOf(token)))
    .filter((token) => folders.some((folder) => existsSync(join(folder, folderOf(token)))))
    .flatMap(alternatives);
}

const isThere = (document: string, path: string) =>
  [root, join(root, dirname(document))].some((cwd) => globSync(path.replace(/\/$/, ''), { cwd }).length > 0);

describe.each(documents)('%s', (document) => {
  const text = read(document);

  it('has links that lead somewhere', () => {
    const links = linksOf(text).filter((link) => !isOutside(link));
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

const inChinese = '.zh-CN.md';
const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: root })];
const translations = pages.filter((page) => page.endsWith(inChinese));
const translationOf = (page: string) => page.replace(/\.md$/, inChinese);

/** In whichever language, and whatever a heading is called there. */
const withoutLanguage = (link: string) => link.replace(inChinese, '.md').replace(/#.*\P{ASCII}.*$/u, '');

describe('in two languages', () => {
  it('there are the README, every guide, and no page in Chinese alone', () => {
    const needed = ['README.md', ...globSync('docs/how-to/*.md', { cwd: root })].filter(
      (page) => !page.endsWith(inChinese),
    );
    expect(needed.length).toBeGreaterThan(5);
    expect(needed.filter((page) => !existsSync(join(root, translationOf(page))))).toEqual([]);
    const originals = translations.map((page) => page.replace(inChinese, '.md'));
    expect(originals.filter((page) => !existsSync(join(root, page)))).toEqual([]);
  });

  const pairs = [translationOf('README.md'), ...translations];

  it.each(pairs)('%s says the same: commands, links, files that it names, headings', (chinesePage) => {
    const englishPage = chinesePage.replace(inChinese, '.md');
    const english = read(englishPage);
    const chinese = read(chinesePage);
    expect(commandsOf(chinese)).toEqual(commandsOf(english));
    expect(linksOf(chinese).map(withoutLanguage)).toEqual(linksOf(english).map(withoutLanguage));
    expect(new Set(filesNamedIn(chinesePage))).toEqual(new Set(filesNamedIn(englishPage)));
    expect(chinese.match(/^#+ /gm)).toEqual(english.match(/^#+ /gm));
    expect(chinese.match(/^(?:\||- |\d+\. )/gm)).toEqual(english.match(/^(?:\||- |\d+\. )/gm));
  });

  it.each(pairs)('%s leads on in its own language where it can', (chinesePage) => {
    const english = linksOf(read(chinesePage))
      .filter((link) => !isOutside(link))
      .map((link) => targetOf(chinesePage, link))
      .filter((target) => target !== chinesePage.replace(inChinese, '.md'))
      .filter((target) => target.endsWith('.md') && existsSync(join(root, translationOf(target))));
    expect(english).toEqual([]);
  });
});

describe.each(['README.md', translationOf('README.md')])('the tutorial %s', (readme) => {
  it('is read in one go, and names the two commands', () => {
    const text = read(readme);
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(200);
    expect(commandsOf(text).slice(0, 2)).toEqual(['npm ci && npm start', 'npm cit']);
  });

  it('leads to every page', () => {
    const reached = new Set([readme]);
    for (const page of reached) {
      for (const link of linksOf(read(page)).filter((candidate) => !isOutside(candidate))) {
        const target = targetOf(page, link);
        if (target.endsWith('.md') && existsSync(join(root, target))) reached.add(target);
      }
    }
    expect(pages.filter((page) => !reached.has(page))).toEqual([]);
  });
});

describe('the reference', () => {
  const says = (page: string, words: readonly string[]) => {
    const text = read(`docs/reference/${page}`);
    expect(words.filter((word) => !text.includes(word))).toEqual([]);
  };

  it('knows every command', () =>
    says(
      'commands.md',
      Object.keys(packageJson.scripts).map(
        (name) => `\`npm ${/^(start|test)$/.test(name) ? '' : 'run '}${name}\``,
      ),
    ));

  it('knows every metric', () =>
    says(
      'metrics.md',
      Object.keys(metrics).map((name) => `\`${name}\``),
    ));

  it('knows every field of a log line', () =>
    says(
      'log.md',
      Array.from(logFields)
        .filter((name) => !(name in metrics))
        .map((name) => `\`${name}\``),
    ));

  it('knows every kind of item and every index', () =>
    says(
      'stored-items.md',
      [...Object.keys(itemSchemas), ...Object.keys(tableIndexes)].map((name) => `| \`${name}\` |`),
    ));

  it.each(['endpoints.md', 'endpoints.zh-CN.md'])('%s knows every endpoint', (page) =>
    says(
      page,
      endpoints.map(({ method, path }) => `${method} \`${path}`),
    ),
  );
});

const decisions = globSync('docs/decisions/0*.md', { cwd: root });

it('the list of decisions names each of them, in order', () => {
  expect(linksOf(read('docs/decisions/README.md'))).toEqual(decisions.map((page) => basename(page)).sort());
});

it.each(decisions)('%s is a short record', (page) => {
  const text = read(page);
  expect(text).toMatch(new RegExp(`^# ${Number(basename(page).slice(0, 4))}\\. `));
  expect(text.match(/^## .+$/gm)).toEqual(['## Context', '## Decision', '## Consequences']);
  expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(25);
});

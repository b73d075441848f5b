import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorWords } from '../../../lib/http/error-words.ts';

const files = globSync(['lib/*.ts', 'lib/{http,orders,providers,webhooks}/**/*.ts', 'functions/*.ts']);
const sources = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]));

describe('the words of errors', () => {
  it.each(errorWords)('%s is said somewhere', (word) => {
    const users = [...sources].filter(
      ([file, source]) => file !== 'lib/http/error-words.ts' && source.includes(`'${word}'`),
    );
    expect(users.map(([file]) => file)).not.toEqual([]);
  });

  it.each(['endpoints.md', 'endpoints.zh-CN.md'])('are explained in %s, and no others are', (page) => {
    const text = readFileSync(`docs/reference/${page}`, 'utf8');
    const [, table = ''] = /\| `settle-error` \|[^\n]*\n\|---\|---\|\n((?:\|[^\n]*\n)+)/.exec(text) ?? [];
    const explained = Array.from(table.matchAll(/^\| `(\w+)` \| \S/gm), ([, word]) => word);
    expect(explained.toSorted()).toEqual(errorWords.toSorted());
  });
});

describe('what is said in two languages', () => {
  const said = (language: 'zh' | 'en') =>
    [...sources.values()].flatMap((source) =>
      Array.from(
        source.matchAll(new RegExp(`\\b${language}: ['\`"](.+?)['\`"](?:,| })`, 'g')),
        ([, text]) => text ?? '',
      ),
    );

  it('is English in English, and Chinese in Chinese', () => {
    const [chinese, english] = [said('zh'), said('en')];
    expect(english.length).toBeGreaterThan(100);
    expect(english.filter((text) => /\p{Script=Han}|[，。；：]/u.test(text))).toEqual([]);
    expect(chinese.length).toBeGreaterThan(100);
    // Only a name stands alone.
    expect(
      chinese.filter(
        (text) => !/\p{Script=Han}/u.test(text.replaceAll(/\$\{[^}]*\}/g, '')) && !text.startsWith('${'),
      ),
    ).toEqual([]);
  });
});

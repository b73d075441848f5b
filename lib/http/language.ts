import type { Wording } from '../wording.ts';

export type Language = keyof Wording;

/** `zh-Hans-CN;q=0.8` (RFC 9110, 12.5.4): a language range, and how much it is wanted. */
const RANGE = /^([a-z]{1,8}(?:-[a-z0-9]{1,8})*|\*)(?:[ \t]*;[ \t]*q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?$/i;

/** The language in which a client is told things: the one that it prefers, and Chinese where it prefers none. */
export function preferredLanguage(acceptLanguage: string | undefined): Language {
  const ranges = (acceptLanguage ?? '').split(',').flatMap((text) => {
    const [, range, quality = '1'] = RANGE.exec(text.trim()) ?? [];
    return range === undefined ? [] : [{ range: range.toLowerCase(), quality: Number(quality) }];
  });
  // What is named counts before the asterisk, which means all others.
  const qualityOf = (language: Language): number => {
    const named = ranges.filter(({ range }) => range.split('-')[0] === language);
    const meant = named.length > 0 ? named : ranges.filter(({ range }) => range === '*');
    return Math.max(0, ...meant.map(({ quality }) => quality));
  };
  return qualityOf('en') > qualityOf('zh') ? 'en' : 'zh';
}

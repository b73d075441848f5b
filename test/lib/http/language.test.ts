import { describe, expect, it } from 'vitest';
import { preferredLanguage } from '../../../lib/http/language.ts';

describe('the language that a client prefers', () => {
  it.each([
    'en',
    'EN-gb',
    'en-US,en;q=0.9',
    'en;q=0.5, zh;q=0.4',
    'en-US,en;q=0.9,zh-CN;q=0.8,zh;q=0.7',
    'fr, en;q=0.1',
    'en\t;\tq=0.8',
    'en;q=1.000,zh;q=0.999',
    // The asterisk means what is not named.
    'zh;q=0.5, *',
    'zh;q=0,*;q=0.1',
    // What is no language range is left out.
    'zh;q=2, 中文, en;q=0.001',
  ])('is English by %j', (header) => {
    expect(preferredLanguage(header)).toBe('en');
  });

  it.each([
    undefined,
    '',
    'zh',
    'zh-Hans-CN',
    'zh-CN,zh;q=0.9,en;q=0.8',
    'en, zh',
    'en;q=0.5,zh-TW;q=0.5',
    'en-US,zh',
    '*',
    'fr',
    'fr,*;q=0.5',
    'en;q=0',
    'en;q=0,*',
    'en;q=2',
    'en;q=0.1234',
    'en;q=',
    'en;level=1',
    'en_US',
    'english',
    ',,;q=1',
    'e'.repeat(10_000),
  ])('is Chinese by %j', (header) => {
    expect(preferredLanguage(header)).toBe('zh');
  });
});

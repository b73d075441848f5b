import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonError, parseJsonObject } from '../../lib/json.ts';

const parse = (text: string) => parseJsonObject(Buffer.from(text));
const nested = (levels: number, value = '1') => `${'{"a":'.repeat(levels)}${value}${'}'.repeat(levels)}`;

const refusal = (message: string) => expect.objectContaining({ name: 'JsonError', message });

describe('parseJsonObject', () => {
  it('gives the object', () => {
    expect(parse(' {"a":[1,{"b":null}],"c":"\\u4e2d中"}\n')).toEqual({ a: [1, { b: null }], c: '中中' });
  });

  it.each([
    ['nothing', '', '不能为空'],
    ['blanks', '  ', '不是有效的 JSON'],
    ['no JSON', '{a:1}', '不是有效的 JSON'],
    ['a bare NaN', '{"a":NaN}', '不是有效的 JSON'],
    ['something after it', '{}{}', '不是有效的 JSON'],
    ['a byte order mark', '\uFEFF{}', '不能以 BOM 开头'],
    ['null', 'null', '须为 JSON 对象'],
    ['an array', '[{}]', '须为 JSON 对象'],
    ['a string', '"{}"', '须为 JSON 对象'],
    ['a number', '1', '须为 JSON 对象'],
  ])('refuses %s', (_, text, message) => {
    expect(() => parse(text)).toThrow(refusal(message));
  });

  it.each([
    ['an overlong slash', [0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]],
    ['a surrogate', [0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]],
    ['a character cut off', [0x7b, 0x22, 0xe4, 0xb8, 0x22, 0x3a, 0x31, 0x7d]],
  ])('refuses bytes that are not UTF-8: %s', (_, bytes) => {
    expect(() => parseJsonObject(Buffer.from(bytes))).toThrow(refusal('不是有效的 UTF-8'));
  });

  it('takes 32 levels and no more, whatever strings hold', () => {
    expect(parse(nested(32))).toHaveProperty(Array(32).fill('a').join('.'), 1);
    expect(parse(nested(31, '[1,null]'))).toHaveProperty(Array(31).fill('a').join('.'), [1, null]);
    expect(parse(nested(32, 'null'))).toHaveProperty(Array(32).fill('a').join('.'), null);
    expect(() => parse(nested(33))).toThrow(refusal('嵌套不能超过 32 层'));
    const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(() => parse(deep)).toThrow(refusal('嵌套不能超过 32 层'));
    expect(() => parse(`{"a":${'['.repeat(100_000)}`)).toThrow(refusal('不是有效的 JSON'));
    const siblings = { objects: Array(40).fill({}), arrays: Array(40).fill([]) };
    expect(parse(JSON.stringify(siblings))).toEqual(siblings);
    const text = `\\"${'[{'.repeat(50)}\\`;
    expect(parse(JSON.stringify({ a: text, b: [] }))).toEqual({ a: text, b: [] });
  });

  it.each(['__proto__', 'constructor', 'prototype', '\\u005f_proto__', 'const\\u0072uctor'])(
    'refuses the key %s at any level',
    (key) => {
      for (const text of [`{"${key}":1}`, `{"a":[{"b":{"${key}":{}}}]}`])
        expect(() => parse(text)).toThrow(refusal('含有不允许的字段名'));
    },
  );

  it('takes those names as values', () => {
    expect(parse('{"a":"__proto__"}')).toEqual({ a: '__proto__' });
  });

  it('agrees with JSON.parse on any object, and throws only JsonError on any bytes', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-z"\\[{]{0,9}$/), fc.jsonValue({ maxDepth: 5 })),
        (value) => {
          const text = JSON.stringify(value);
          fc.pre(!/__proto__|constructor|prototype/.test(text));
          expect(parse(text)).toEqual(JSON.parse(text));
        },
      ),
    );
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.stringMatching(/^[[\]{}":,\\a1 ]*$/)), (input) => {
        const bytes = Buffer.from(input as string);
        try {
          parseJsonObject(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(JsonError);
        }
      }),
    );
  });
});

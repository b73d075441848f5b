import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FormFields, parseForm } from '../../../../lib/providers/alipay/verify.ts';
import { MalformedMessageError } from '../../../../lib/providers/message.ts';
import { encodeForm } from '../../../support/alipay.ts';

const bytesOf = (fields: FormFields) =>
  [...fields].map(([name, value]) => [name, Buffer.from(value, 'latin1')] as const);

const parse = (body: string) =>
  Object.fromEntries(
    bytesOf(parseForm(Buffer.from(body, 'latin1'))).map(([name, value]) => [name, value.toString()]),
  );

describe('parseForm', () => {
  it.each([
    ['a=1&b=2', { a: '1', b: '2' }],
    ['b=2&a=1', { a: '1', b: '2' }],
    ['a=A%31&b=A1', { a: 'A1', b: 'A1' }],
    ['a=A%2531', { a: 'A%31' }],
    ['a=1+2&b=1%2B2&c=1%202', { a: '1 2', b: '1+2', c: '1 2' }],
    ['a=&b=x=y', { a: '', b: 'x=y' }],
    ['a=%e6%94%AF', { a: '支' }],
    ['n%61me=1', { name: '1' }],
  ])('decodes %s once', (body, fields) => {
    expect(parse(body)).toEqual(fields);
  });

  it('keeps bytes of any charset', () => {
    expect(bytesOf(parseForm(Buffer.from('a=%D6%A7%00%ff')))).toEqual([
      ['a', Buffer.from([0xd6, 0xa7, 0, 0xff])],
    ]);
  });

  it.each([
    '',
    '&',
    'a',
    'a=1&',
    '&a=1',
    'a=1&&b=2',
    'a=1&bc',
    '=1',
    'a=1&a=1',
    'a=1&%61=2',
    'a=%',
    'a=%1',
    'a=%zz',
    'a=%+1',
    'a=%u4e2d',
    'a=%1&1=1',
    '%=1',
    'a=1 2',
    'a=1\n',
    'a=\xe6',
    'a%20b=1',
    '%00=1',
    '__proto__=1',
    'constructor=1',
    'toString=1',
    '{"a":"1"}',
  ])('refuses %j', (body) => {
    expect(() => parse(body)).toThrow(MalformedMessageError);
  });

  it('throws nothing but its own error, whatever the bytes', () => {
    const bytes = fc.oneof(fc.uint8Array(), fc.stringMatching(/^[ab=&%+0-9A-F]*$/).map(Buffer.from));
    fc.assert(
      fc.property(bytes, (body) => {
        try {
          parseForm(Buffer.from(body));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedMessageError);
        }
      }),
    );
  });

  it('gives back whatever was encoded', () => {
    const names = fc.stringMatching(/^[a-z_]{1,12}$/).filter((name) => !(name in Object.prototype));
    const fields = fc.uniqueArray(fc.tuple(names, fc.uint8Array({ maxLength: 40 })), {
      minLength: 1,
      selector: ([name]) => name,
    });
    fc.assert(
      fc.property(fields, (pairs) => {
        const given = pairs.map(([name, value]) => [name, Buffer.from(value)] as const);
        expect(bytesOf(parseForm(encodeForm(given)))).toEqual(given);
      }),
    );
  });
});

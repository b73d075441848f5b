import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonError } from '../../../lib/json.ts';
import {
  MalformedMessageError,
  readJson,
  readPaymentNumber,
  readText,
  readTransactionId,
  wordings,
} from '../../../lib/providers/message.ts';

const malformed = (field: string | null, message: string) =>
  expect.objectContaining({ name: 'MalformedMessageError', field, message });

it('a malformed message says for the log which field is wrong, unless it is the whole', () => {
  expect(new MalformedMessageError('amount', wordings.malformed).reason).toBe('amount 格式不正确');
  expect(new MalformedMessageError(null, wordings.malformed).reason).toBe('格式不正确');
});

describe('readText', () => {
  it('gives a text of the form', () => {
    expect(readText('CNY', 'currency', /^[A-Z]{3}$/)).toBe('CNY');
  });

  it.each([
    [undefined, '必填'],
    [null, '必填'],
    ['', '不能为空'],
    [5, '须为字符串'],
    [['CNY'], '须为字符串'],
    [{ toString: () => 'CNY' }, '须为字符串'],
    ['cny', '格式不正确'],
  ])('says of %j: %s', (value, message) => {
    expect(() => readText(value, 'currency', /^[A-Z]{3}$/)).toThrow(malformed('currency', message));
  });
});

describe.each([
  ['readPaymentNumber', readPaymentNumber, /^[0-9A-Za-z_\-|*]{1,64}$/],
  ['readTransactionId', readTransactionId, /^[\x21-\x7e]{1,64}$/],
])('%s', (_, read, form) => {
  it('gives the value or an error of ours, whatever the value', () => {
    const values = fc.oneof(fc.anything(), fc.string(), fc.string({ minLength: 60, maxLength: 70 }));
    fc.assert(
      fc.property(values, (value) => {
        const isGood = typeof value === 'string' && form.test(value);
        if (isGood) expect(read(value, 'number')).toBe(value);
        else expect(() => read(value, 'number')).toThrow(MalformedMessageError);
      }),
    );
  });

  it('bounds the length', () => {
    expect(read('a'.repeat(64), 'number')).toHaveLength(64);
    expect(() => read('a'.repeat(65), 'number')).toThrow(malformed('number', '格式不正确'));
  });
});

describe('readJson', () => {
  const failing = (error: Error) => () => {
    throw error;
  };

  it('gives what was read', () => {
    expect(readJson('resource', () => 7)).toBe(7);
  });

  it('says which field holds no JSON', () => {
    expect(() =>
      readJson('resource', failing(new JsonError({ zh: '不能为空', en: 'must not be empty' }))),
    ).toThrow(malformed('resource', '不能为空'));
  });

  it('does not take a fault of ours for one of the message', () => {
    const fault = new RangeError('ours');
    expect(() => readJson(null, failing(fault))).toThrow(fault);
  });
});

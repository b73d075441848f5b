import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isNumberOf,
  isOrderNumber,
  MAX_PAYMENTS,
  PREFIX,
  parsePaymentNumber,
  paymentNumber,
  shopKindOf,
  shopOrderNumber,
  tenantOrderNumber,
} from '../../../lib/orders/order-number.ts';

const bytes = (seed: number) => (size: number) =>
  Buffer.from(Array.from({ length: size }, (_, index) => (seed * (index + 7)) % 256));
const prefixes = fc.stringMatching(/^[a-z0-9]{0,2}$/);
const ids = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const counts = fc.integer({ min: 1, max: MAX_PAYMENTS });
const seeds = fc.nat(255);

describe('order numbers', () => {
  it('of tenants are p and a ULID, which sorts by time and differs by chance', () => {
    expect(tenantOrderNumber(1, bytes(3))).toMatch(/^p[0-9A-HJKMNP-TV-Z]{26}$/);
    const numbers = [1, 2, 3].map((time) => tenantOrderNumber(time, bytes(9 - time)));
    expect([...numbers].sort()).toEqual(numbers);
    expect(tenantOrderNumber(7, bytes(1))).not.toBe(tenantOrderNumber(7, bytes(2)));
    expect(tenantOrderNumber(7, () => Buffer.alloc(0))).toMatch(/0{16}$/);
  });

  it('use every letter of a ULID, whatever chance gives', () => {
    const all = Array.from({ length: 256 }, (_, byte) => tenantOrderNumber(1, () => Buffer.alloc(16, byte)));
    expect(new Set(all).size).toBe(32);
    for (const order_no of all) expect(isOrderNumber(order_no)).toBe(true);
  });

  it('name the shop and its order', () => {
    expect(shopOrderNumber('mall', 123)).toBe('mall-123');
    expect(shopOrderNumber('meal', Number.MAX_SAFE_INTEGER, 'x1')).toBe('x1meal-9007199254740991');
  });

  it('are the same for all payments of an order, and fit what WeChat takes', () => {
    fc.assert(
      fc.property(prefixes, prefixes, ids, counts, seeds, (prefix, other, id, n, seed) => {
        for (const order_no of [
          shopOrderNumber('mall', id, prefix),
          shopOrderNumber('meal', id, prefix),
          tenantOrderNumber(seed + 1, bytes(seed), prefix),
        ]) {
          const payment_no = paymentNumber(order_no, n);
          expect(payment_no).toMatch(/^[0-9A-Za-z_-]{6,32}$/);
          expect(parsePaymentNumber(payment_no)).toEqual({ prefix, order_no, n });
          expect(isNumberOf(prefix, payment_no)).toBe(true);
          expect(isNumberOf(other, payment_no)).toBe(other === prefix);
          expect(isOrderNumber(payment_no)).toBe(n === 1);
        }
      }),
    );
  });

  it('name the kind of shop, or none', () => {
    const kindOf = (text: string) => {
      const number = parsePaymentNumber(text);
      return number && shopKindOf(number);
    };
    expect(kindOf('mall-1')).toBe('mall');
    expect(kindOf('x1meal-1-2')).toBe('meal');
    expect(kindOf(`x1p${'0'.repeat(26)}`)).toBeNull();
  });

  it('of the first payment are the order’s own', () => {
    expect(paymentNumber('mall-1', 1)).toBe('mall-1');
    expect(paymentNumber('mall-1', 2)).toBe('mall-1-2');
    expect(paymentNumber('mall-1', 99)).toBe('mall-1-99');
    expect(parsePaymentNumber('mall-1-10')).toEqual({ prefix: '', order_no: 'mall-1', n: 10 });
  });

  it('are a payment’s or none, whatever the text', () => {
    const parts = fc.constantFrom('x1', 'mall', 'meal', '-', '1', '0', '99', 'p', '0'.repeat(26), 'é');
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(parts).map((some) => some.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const number = parsePaymentNumber(text);
        if (number) expect(paymentNumber(number.order_no, number.n)).toBe(text);
      }),
    );
  });

  it.each([
    '',
    'mall-0',
    'mall-01',
    'mall--1',
    'mall-1-0',
    'mall-1-1',
    'mall-1-02',
    'mall-1-100',
    'mall-1-2-3',
    'mall-1.5',
    'mall-99999999999999999',
    'shop-1',
    'constructor',
    '__proto__',
    'p01JZZZZZZZ',
    `p${'8'.repeat(26)}`,
    `p${'0'.repeat(27)}`,
    `p${'0'.repeat(25)}I`,
    `abcp${'0'.repeat(26)}`,
    `-p${'0'.repeat(26)}`,
    'abcmall-1',
    'X1mall-1',
    'a-mall-1',
    'mall-1\n',
    ' mall-1',
  ])('are refused as %j', (text) => {
    expect(parsePaymentNumber(text)).toBeNull();
    expect(isOrderNumber(text)).toBe(false);
    expect(isNumberOf('', text)).toBe(false);
  });

  it.each([
    ['', true],
    ['a', true],
    ['x1', true],
    ['abc', false],
    ['X', false],
    ['a\n', false],
  ])('begin with a prefix such as %j: %s', (prefix, isOne) => {
    expect(PREFIX.test(prefix)).toBe(isOne);
  });
});

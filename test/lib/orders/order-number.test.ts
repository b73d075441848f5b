import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isOrderNumberOf,
  ownOrderNumber,
  parseOrderNumber,
  paymentNumber,
  shopOrderNumber,
  tenantOrderNumber,
} from '../../../lib/orders/order-number.ts';
import { shopOrder, tenantOrder } from '../../support/orders.ts';

const bytes = (seed: number) => Buffer.from(Uint32Array.of(seed).buffer);

describe('order numbers', () => {
  it('name the tenant, whatever its id, time and chance', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
        fc.integer({ min: 0, max: 2 ** 47 }),
        fc.nat(),
        (tenant_id, now, seed) => {
          const order_no = tenantOrderNumber(tenant_id, now, bytes(seed));
          expect(order_no).toMatch(/^p[0-9A-HJKMNP-TV-Z]{26}$/);
          expect(parseOrderNumber(order_no)).toEqual({ prefix: '', kind: 'tenant', tenant_id });
        },
      ),
    );
  });

  it('sort by time and differ by chance', () => {
    const numbers = [1, 2, 3].map((time) => tenantOrderNumber(7, time, bytes(9 - time)));
    expect([...numbers].sort()).toEqual(numbers);
    expect(tenantOrderNumber(7, 1, bytes(1))).not.toBe(tenantOrderNumber(7, 1, bytes(2)));
  });

  it('name the shop and its order', () => {
    expect(shopOrderNumber('mall', 123)).toBe('mall-123');
    expect(parseOrderNumber('mall-123')).toEqual({ prefix: '', kind: 'mall', id: 123, attempt: 1 });
    expect(parseOrderNumber('mall-123-2')).toEqual({ prefix: '', kind: 'mall', id: 123, attempt: 2 });
    for (const attempt of [9, 10, 9999]) {
      expect(parseOrderNumber(`mall-123-${attempt}`)).toEqual({ prefix: '', kind: 'mall', id: 123, attempt });
    }
    expect(parseOrderNumber('meal-9007199254740991')).toEqual({
      prefix: '',
      kind: 'meal',
      id: Number.MAX_SAFE_INTEGER,
      attempt: 1,
    });
  });

  it('begin with the first tenant', () => {
    const tenant_id = 1;
    expect(parseOrderNumber(tenantOrderNumber(tenant_id, 0, bytes(0)))).toEqual({
      prefix: '',
      kind: 'tenant',
      tenant_id,
    });
  });

  it('name a payment by the order, and by its attempt once there is a second', () => {
    const order = shopOrder();
    expect(paymentNumber(order)).toBe(order.order_no);
    expect(paymentNumber({ ...order, attempt: 2 })).toBe(`${order.order_no}-2`);
    const tenants = tenantOrder({ attempt: 2 });
    expect(paymentNumber(tenants)).toBe(tenants.order_no);
  });

  it('begin with the prefix of their stage, and are of no other', () => {
    const prefixes = fc.stringMatching(/^[a-z0-9]{0,4}$/);
    const ids = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(prefixes, prefixes, ids, fc.nat(), (prefix, other, id, seed) => {
        for (const order_no of [
          shopOrderNumber('mall', id, prefix),
          `${shopOrderNumber('meal', id, prefix)}-9999`,
          tenantOrderNumber(id, seed, bytes(seed), prefix),
        ]) {
          expect(order_no).toMatch(/^[0-9A-Za-z_*-]{6,32}$/);
          expect(isOrderNumberOf(prefix, order_no)).toBe(true);
          expect(isOrderNumberOf(other, order_no)).toBe(other === prefix);
        }
      }),
    );
    expect(isOrderNumberOf('', 'shop-1')).toBe(false);
  });

  it('are the same for all payments of an order', () => {
    for (const [payment_no, order_no] of [
      ['x1mall-7-2', 'x1mall-7'],
      ['mall-7', 'mall-7'],
      [`x1p${'0'.repeat(20)}100000`, `x1p${'0'.repeat(20)}100000`],
    ] as const) {
      const owner = parseOrderNumber(payment_no);
      expect(owner && ownOrderNumber(payment_no, owner)).toBe(order_no);
    }
  });

  it('are an owner or none, whatever the text', () => {
    const parts = fc.constantFrom(
      'x1',
      'mall',
      'meal',
      '-',
      '1',
      '0',
      '99',
      'p',
      '0123456789ABCDEFGHJKMNPQRS',
      'é',
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(parts).map((some) => some.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const owner = parseOrderNumber(text);
        if (!owner) return;
        if (owner.kind === 'tenant') {
          expect(owner.tenant_id).toBeGreaterThanOrEqual(1);
        } else {
          const own = `${owner.prefix}${owner.kind}-${owner.id}`;
          expect([own, `${own}-${owner.attempt}`]).toContain(text);
        }
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
    'mall-1-10000',
    'mall-1-2-3',
    'mall-1.5',
    'mall-9007199254740993',
    'mall-99999999999999999',
    'shop-1',
    'constructor',
    '__proto__',
    'p01JZZZZZZZ',
    `p${'0'.repeat(26)}`,
    `p${'Z'.repeat(26)}`,
    `alphap${'0'.repeat(20)}100000`,
    `-p${'0'.repeat(20)}100000`,
    'alphamall-1',
    'X1mall-1',
    'a-mall-1',
    `p${'0'.repeat(20)}1000000`,
    `p0000000000${'Z'.repeat(11)}00000`,
    'mall-1\n',
    ' mall-1',
  ])('are refused as %j', (order_no) => {
    expect(parseOrderNumber(order_no)).toBeNull();
  });
});

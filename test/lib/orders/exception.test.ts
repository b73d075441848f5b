import { describe, expect, it } from 'vitest';
import { decodeExceptionId } from '../../../lib/http/exception-id.ts';
import { isoTime } from '../../../lib/io.ts';
import {
  type ExceptionRecord,
  encodeExceptionId,
  exceptionId,
  exceptionOnce,
  merchantException,
} from '../../../lib/orders/exception.ts';
import { snapshotOf } from '../../../lib/orders/snapshot.ts';
import { NOW, shopOrder, tenantOrder } from '../../support/orders.ts';

const merchant = { provider: 'wechat', merchant: '1900000001' } as const;
const order = shopOrder();
const snapshot = snapshotOf(order);

describe('an exception', () => {
  it('is open, names its order and owner, and is announced', () => {
    expect(exceptionOnce(snapshot, { kind: 'numbers_exhausted' }, NOW)).toEqual([
      {
        put: 'exception',
        record: {
          order_no: order.order_no,
          owner: 'shop:mall',
          payment_no: null,
          kind: 'numbers_exhausted',
          state: 'open',
          version: 1,
          provider: null,
          merchant: null,
          transaction_id: null,
          refund_no: null,
          fields: [],
          amount: null,
          currency: null,
          reason: null,
          due_by: null,
          resolved: null,
          recorded_at: isoTime(NOW),
        },
        owes: { kind: 'alert', due: NOW + 5 * 60_000 },
      },
    ]);
    const tenants = { ...snapshot, order: tenantOrder() };
    expect(exceptionOnce(tenants, { kind: 'numbers_exhausted' }, NOW)).toMatchObject([
      { record: { owner: 'tenant:7' } },
    ]);
  });

  it('is written once, however often it comes, also when it was resolved', () => {
    const subject = {
      kind: 'mismatch',
      provider: 'wechat',
      payment_no: 'mall-1',
      transaction_id: 'T1',
    } as const;
    const [put] = exceptionOnce(snapshot, subject, NOW);
    if (put?.put !== 'exception') throw new Error('nothing was recorded');
    for (const state of ['open', 'resolved'] as const) {
      const known = { ...snapshot, exceptions: [{ ...put.record, state }] };
      expect(exceptionOnce(known, subject, NOW)).toEqual([]);
      for (const change of [
        { kind: 'paid_twice' },
        { provider: 'alipay' },
        { payment_no: 'mall-1-2' },
        { transaction_id: 'T2' },
        { transaction_id: null },
        { refund_no: 'mall-1-r1' },
      ] as const) {
        expect(exceptionOnce(known, { ...subject, ...change }, NOW)).toHaveLength(1);
      }
    }
  });

  it('of another merchant is recorded ten times for an order, and others go on', () => {
    const fields = ['merchant'] as const;
    const subjectOf = (index: number) =>
      ({ kind: 'mismatch', payment_no: 'x', transaction_id: `T${index}`, fields }) as const;
    const exceptions: ExceptionRecord[] = [];
    for (let index = 0; index < 20; index++) {
      for (const { record } of exceptionOnce({ ...snapshot, exceptions }, subjectOf(index), NOW)) {
        exceptions.push(record);
      }
    }
    expect(exceptions.map(({ transaction_id }) => transaction_id)).toEqual(
      Array.from({ length: 10 }, (_, index) => `T${index}`),
    );
    const others = [
      { ...subjectOf(20), fields: ['amount'] },
      { kind: 'paid_twice', transaction_id: 'T21' },
    ] as const;
    for (const other of others) {
      expect(exceptionOnce({ ...snapshot, exceptions }, other, NOW)).toHaveLength(1);
    }
    const own = exceptions.map((exception) => ({ ...exception, fields: ['amount' as const] }));
    expect(exceptionOnce({ ...snapshot, exceptions: own }, subjectOf(20), NOW)).toHaveLength(1);
  });

  it('of no order is its merchant’s', () => {
    const subject = { kind: 'missing_here', transaction_id: 'T1', amount: 1234, currency: 'CNY' } as const;
    expect(merchantException(merchant, subject, NOW)).toEqual({
      order_no: null,
      owner: 'provider:wechat.1900000001',
      ...merchant,
      ...subject,
      payment_no: null,
      state: 'open',
      version: 1,
      refund_no: null,
      fields: [],
      reason: null,
      due_by: null,
      resolved: null,
      recorded_at: isoTime(NOW),
    });
  });

  it('is found again by its opaque name, of an order or of a merchant', () => {
    const about = { kind: 'paid_twice', transaction_id: '?>付款' } as const;
    const [put] = exceptionOnce(snapshot, about, NOW);
    if (!put) throw new Error('nothing was recorded');
    const records = [put.record, merchantException(merchant, about, NOW)];
    const names = records.map(encodeExceptionId);
    for (const name of names) expect(name).toMatch(/^[\w-]+$/);
    expect(names.map(decodeExceptionId)).toEqual([
      { order_no: order.order_no, id: 'paid_twice#-#-#?>付款' },
      { ...merchant, id: 'paid_twice#wechat#-#?>付款' },
    ]);
  });

  it('is named by its kind, provider, payment, and refund or transaction', () => {
    const named = { kind: 'disputed', provider: 'wechat', payment_no: 'mall-1', amount: 5 } as const;
    expect(exceptionId({ ...named, refund_no: 'R', transaction_id: 'T' })).toBe('disputed#wechat#mall-1#R');
    expect(exceptionId({ ...named, refund_no: null, transaction_id: 'T' })).toBe('disputed#wechat#mall-1#T');
    const none = { kind: 'numbers_exhausted', provider: null, payment_no: null } as const;
    expect(exceptionId({ ...none, refund_no: null, transaction_id: null })).toBe('numbers_exhausted#-#-#-');
  });

  it('of a mismatch is named by what disagrees as well, and by whose word it is where that is another merchant', () => {
    const named = { kind: 'mismatch', provider: 'wechat', payment_no: 'mall-1', refund_no: null } as const;
    const said = { ...named, transaction_id: 'T', amount: 5, currency: 'CNY', merchant: '190' };
    const others = [
      { fields: ['amount'] },
      { fields: ['amount'], amount: 6 },
      { fields: ['amount'], currency: 'USD' },
      { fields: ['amount', 'currency'] },
      { fields: ['transaction_id'] },
      { fields: ['merchant'] },
      { fields: ['merchant'], merchant: '191' },
    ] as const;
    expect(new Set(others.map((other) => exceptionId({ ...said, ...other }))).size).toBe(others.length);
    const ofAnyMerchant = { ...said, fields: ['amount'] } as const;
    expect(exceptionId({ ...ofAnyMerchant, merchant: '191' })).toBe(exceptionId(ofAnyMerchant));
    expect(exceptionId({ ...named, transaction_id: 'T' })).toBe('mismatch#wechat#mall-1#T##-#-');
  });
});

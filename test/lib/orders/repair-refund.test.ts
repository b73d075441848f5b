import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import type { RefundEvent } from '../../../lib/orders/event.ts';
import type { ExceptionEnd, ExceptionRecord } from '../../../lib/orders/exception.ts';
import { ownerAccount } from '../../../lib/orders/ledger.ts';
import type { Refund } from '../../../lib/orders/refund.ts';
import { MissingMerchantError } from '../../../lib/orders/refund-at-provider.ts';
import { repairRefund } from '../../../lib/orders/repair-refund.ts';
import { settleRefund } from '../../../lib/orders/settle-refund.ts';
import { NOW, paidPayment, refundOf, shopOrder } from '../../support/orders.ts';
import { createWorld } from './world.ts';

const now = isoTime(NOW);
const HOUR_MS = 3_600_000;

/** A refund of 400 that the payer's bank has refused, as its exception says. */
function abnormal(changes: Partial<Refund> = {}, exceptionChanges: Partial<ExceptionRecord> = {}) {
  const order = shopOrder({ status: 'refunding', paid_by: 1, refunds: 1 });
  const payment = paidPayment(order, { reserved: 400 });
  const refund = refundOf(payment, changes);
  const { payment_no, provider, merchant, amount, currency, refund_no } = refund;
  const exception: ExceptionRecord = {
    ...{ order_no: order.order_no, owner: ownerAccount(order), kind: 'refund_abnormal' },
    ...{ payment_no, provider, merchant, amount, currency, refund_no, transaction_id: null },
    ...{
      fields: [],
      reason: null,
      due_by: null,
      resolved: null,
      state: 'open',
      version: 1,
      recorded_at: now,
    },
    ...exceptionChanges,
  };
  const world = createWorld({ order, payments: [payment], refunds: [refund], exceptions: [exception] });
  world.merchants.refunds.set(refund_no, { ...refund, transaction_id: 'T1', state: 'abnormal' });
  return {
    ...world,
    order,
    refund,
    exception,
    repair: (by = 'admin-1') => repairRefund(world.ports, { order_no: order.order_no, refund_no, by }),
    tell: (type: RefundEvent['type']) =>
      settleRefund(world.ports, { type, payment_no, provider, merchant, refund_no, refund_id: 'R1' }),
    stored: () => world.store.stored(order),
  };
}

const resolved: ExceptionEnd = {
  ...{ resolution: 'repaired', reason: 'repaired at its provider', by: 'admin-1', at: now },
  ...{ entries: [], refund_no: null },
};

describe('a refund that is repaired', () => {
  it('stays open and is asked about soon; its exception ends, and says who asked', async () => {
    const { repair, refund, exception, merchants, store, order, stored } = abnormal();
    const owes = { kind: 'alert', due: NOW } as const;
    const told = { update: 'exception', of: exception, set: {}, owes, expects: {} } as const;
    await store.write({ order_no: order.order_no, writes: [told] });
    expect(await repair()).toEqual({ outcome: 'repaired', refund });
    expect(merchants.requests.repairRefund).toMatchObject([
      { refund_no: refund.refund_no, transaction_id: 'T1', amount: 400 },
    ]);
    expect(stored()).toMatchObject({
      order: { status: 'refunding', version: 1 },
      refunds: [{ status: 'open', updated_at: now, version: 2 }],
      exceptions: [{ ...exception, state: 'resolved', resolved, version: 3 }],
    });
    expect(store.debts(order)).toEqual({ 'refund 1': `check ${isoTime(NOW + 60_000)}` });
  });

  it('is on its way again, whatever its provider calls it until then', async () => {
    const { repair, merchants, stored } = abnormal();
    merchants.script('repairRefund', () => ({ state: 'abnormal', refund_id: 'R1' }));
    expect(await repair()).toMatchObject({ outcome: 'repaired', refund: { status: 'open' } });
    expect(stored().exceptions).toMatchObject([{ resolved }]);
  });

  it('is asked for once: the same again is the same reply', async () => {
    const { repair, refund, merchants, store } = abnormal();
    await repair();
    const again = { outcome: 'repaired', refund: { ...refund, updated_at: now, version: 2 } };
    expect(await repair('admin-2')).toEqual(again);
    expect(merchants.requests.repairRefund).toHaveLength(1);
    expect(store.changes).toHaveLength(1);
  });

  it('is stored by the next who asks when it was taken and not stored', async () => {
    const { repair, store, stored } = abnormal();
    store.before('write', () => 'lose request');
    await expect(repair()).rejects.toThrow('lost');
    expect(stored().exceptions).toMatchObject([{ state: 'open' }]);
    expect(await repair()).toMatchObject({ outcome: 'repaired' });
    expect(stored().exceptions).toMatchObject([{ state: 'resolved', resolved }]);
  });

  it('is what two who ask at once come to together', async () => {
    const { repair, store, stored } = abnormal();
    store.before('write', async () => void (await repair('admin-2')));
    expect(await repair()).toMatchObject({ outcome: 'repaired' });
    expect(stored().exceptions).toMatchObject([{ resolved: { by: 'admin-2' }, version: 2 }]);
  });

  it.each(['succeeded', 'failed'] as const)('is settled when it has %s meanwhile', async (state) => {
    const { repair, merchants, stored } = abnormal();
    merchants.script('repairRefund', () => ({ state, refund_id: 'R1' }));
    expect(await repair()).toMatchObject({ outcome: 'repaired', refund: { status: state, refund_id: 'R1' } });
    expect(stored().refunds).toMatchObject([{ status: state }]);
  });

  it.each([
    ['unsupported', 'unsupported'],
    ['refused', 'refused'],
    ['absent', 'not_held'],
  ] as const)('stays as it is when its provider says %s', async (state, outcome) => {
    const { repair, merchants, store } = abnormal();
    merchants.script('repairRefund', () => ({ state }));
    expect(await repair()).toEqual({ outcome });
    expect(store.changes).toEqual([]);
  });

  it('is one that waits for it: else nobody is asked', async () => {
    const dismissed = { ...resolved, resolution: 'dismissed' } as const;
    for (const [refundChanges, exceptionChanges] of [
      [{ status: 'succeeded' }, {}],
      [{ status: 'failed' }, {}],
      [{}, { kind: 'refund_failed' }],
      [{}, { refund_no: 'mall-1-r9' }],
      [{}, { state: 'resolved', resolved: dismissed }],
    ] as const) {
      const { repair, merchants } = abnormal(refundChanges, exceptionChanges);
      expect(await repair()).toEqual({ outcome: 'not_abnormal' });
      expect(merchants.calls).toEqual([]);
    }
  });

  it('is one that there is, of a merchant that can be asked', async () => {
    const { ports, order } = abnormal();
    const { order_no } = order;
    const asked = { refund_no: `${order_no}-r2`, by: 'admin-1' };
    expect(await repairRefund(ports, { order_no, ...asked })).toEqual({ outcome: 'not_found' });
    expect(await repairRefund(ports, { order_no: 'mall-404', ...asked })).toEqual({ outcome: 'not_found' });
    await expect(abnormal({ merchant: '1900000999' }).repair()).rejects.toThrow(MissingMerchantError);
  });
});

describe('a refund that its bank refuses once more after it was repaired', () => {
  it('is told of again, and can be repaired again', async () => {
    const { repair, tell, clock, stored, store, order, exception } = abnormal();
    await repair();
    clock.now += HOUR_MS + 1;
    expect(await tell('refund_abnormal')).toMatchObject({ outcome: 'refund_abnormal' });
    expect(stored().exceptions).toEqual([{ ...exception, version: 3 }]);
    expect(Object.values(store.debts(order))).toContainEqual(expect.stringContaining('alert'));
    expect(await repair()).toMatchObject({ outcome: 'repaired' });
    expect(stored().exceptions).toMatchObject([{ state: 'resolved', version: 4 }]);
  });

  it('is told of apart from another that was repaired', async () => {
    const other = { refund_no: 'mall-1-r9', state: 'resolved', resolved } as const;
    const { tell, clock, stored, refund } = abnormal({}, other);
    clock.now += HOUR_MS + 1;
    await tell('refund_abnormal');
    expect(stored().exceptions).toMatchObject([other, { refund_no: refund.refund_no, state: 'open' }]);
  });

  it('is not told of for what was said before the repair and comes late', async () => {
    const { repair, tell, clock, stored } = abnormal();
    await repair();
    clock.now += HOUR_MS;
    await tell('refund_abnormal');
    expect(stored().exceptions).toMatchObject([{ state: 'resolved', version: 2 }]);
  });

  it('is not told of again where a person has ended it otherwise', async () => {
    const { tell, clock, stored } = abnormal(
      {},
      { state: 'resolved', resolved: { ...resolved, resolution: 'dismissed' } },
    );
    clock.now += 2 * HOUR_MS;
    await tell('refund_abnormal');
    expect(stored().exceptions).toMatchObject([{ state: 'resolved', version: 1 }]);
  });
});

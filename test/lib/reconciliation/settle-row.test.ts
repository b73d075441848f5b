import { describe, expect, it } from 'vitest';
import { systemIo } from '../../../lib/io.ts';
import type { BillRow, OtherRow, RefundAnswer } from '../../../lib/orders/provider-gateway.ts';
import { ProviderCallError } from '../../../lib/providers/call.ts';
import { ownRow } from '../../../lib/reconciliation/bill-row.ts';
import { type SettlingPorts, settleRow } from '../../../lib/reconciliation/settle-row.ts';
import { createMemoryStore } from '../orders/memory-store.ts';
import { booksOf, disputeRow, entry, merchant, paymentRow, refundRow } from './books.ts';

const order_no = 'mall-1';
const settled = { outcome: 'settled', order_no, status: 'paid' } as const;
const failing = async (): Promise<never> => {
  throw new ProviderCallError('wechat', 500, 'down');
};

/** Payment 1 is paid, and payment 2 is not. */
async function settle(row: Exclude<BillRow, OtherRow>, changes: Partial<SettlingPorts> = {}) {
  const own = ownRow(row, '');
  const books = await booksOf([entry({ order_no })]).readOrder(order_no);
  const [paid] = books?.payments ?? [];
  if (!own || !books || !paid) throw new Error('none of ours');
  const unpaid = { ...paid, n: 2, payment_no: 'mall-1-2', state: 'open', booking: null } as const;
  const applied: unknown[] = [];
  const asked: string[] = [];
  const askedRefunds: unknown[] = [];
  const ports: SettlingPorts = {
    io: systemIo,
    store: createMemoryStore(),
    applyEvent: async (event) => {
      applied.push(event);
      return settled;
    },
    askAbout: async ({ payment_no }) => void asked.push(payment_no),
    askAboutRefund: async (_merchant, refund): Promise<RefundAnswer> => {
      askedRefunds.push(refund);
      return { state: 'absent' };
    },
    ...changes,
  };
  const result = await settleRow(ports, merchant, own, { ...books, payments: [unpaid, paid] });
  return { result, applied, asked, askedRefunds };
}

const of = { ...merchant, payment_no: order_no };

describe('a row is settled as a message of its provider', () => {
  it.each([
    [null, {}],
    ['2026-11-21T04:00:00.000Z', { paid_at: '2026-11-21T04:00:00.000Z' }],
  ])('that a payment succeeded, at %s', async (at, time) => {
    const { applied, result } = await settle(paymentRow(order_no, { at }));
    const event = { type: 'succeeded', amount: 1999, currency: 'CNY', transaction_id: `T-${order_no}` };
    expect(applied).toEqual([{ ...of, ...event, ...time }]);
    expect(result).toBe(settled);
  });

  it('that it was paid in an app, where the row names one', async () => {
    const { applied } = await settle(paymentRow(order_no, { appid: 'wx2' }));
    expect(applied).toEqual([expect.objectContaining({ type: 'succeeded', appid: 'wx2' })]);
  });

  it.each([
    [false, 500, 'refund_succeeded'],
    [true, 500, 'refund_failed'],
    [true, -500, 'refund_failed'],
  ])('that a refund failed: %s, in a row of %i', async (failed, amount, type) => {
    const { applied } = await settle(refundRow(order_no, 1, { failed, amount }));
    const names = { refund_no: 'mall-1-r1', refund_id: 'R-mall-1-1', transaction_id: `T-${order_no}` };
    expect(applied).toEqual([{ ...of, type, ...names, currency: 'CNY', amount: 500 }]);
  });

  it.each([
    [{ refund_no: null, refund_id: 'R1' }, { amount: 500 }],
    [{ refund_no: 'console-1', refund_id: null }, { amount: 500 }],
    [{ refund_no: null, refund_id: null }, { total: 500 }],
  ])('that so much went back by the name %j', async (names, sum) => {
    const { applied } = await settle(refundRow(order_no, 1, { ...names, transaction_id: null }));
    expect(applied).toEqual([{ ...of, type: 'refund_succeeded', ...names, currency: 'CNY', ...sum }]);
  });

  it('that a dispute is as it is, where the row says how it is', async () => {
    const silent = await settle(disputeRow(order_no, { event: null }));
    expect(silent).toMatchObject({ applied: [], result: { outcome: 'not_found' } });
    const event = { ...of, type: 'failed' } as const;
    const said = await settle(disputeRow(order_no, { event: event as never }));
    expect(said.applied).toEqual([event]);
  });
});

describe('before a row is settled', () => {
  it('its provider is asked about a payment that is not paid here, of what is not a payment', async () => {
    expect((await settle(refundRow('mall-1-2', 1))).asked).toEqual(['mall-1-2']);
    expect((await settle(disputeRow('mall-1-2'))).asked).toEqual(['mall-1-2']);
    expect((await settle(refundRow(order_no, 1))).asked).toEqual([]);
    expect((await settle(paymentRow('mall-1-2'))).asked).toEqual([]);
    expect((await settle(refundRow('mall-1-3', 1))).asked).toEqual([]);
  });

  it('and a provider that fails does not stop it, but anything else does', async () => {
    expect((await settle(refundRow('mall-1-2', 1), { askAbout: failing })).applied).toHaveLength(1);
    const broken = async () => {
      throw new Error('a mistake');
    };
    await expect(settle(refundRow('mall-1-2', 1), { askAbout: broken })).rejects.toThrow('a mistake');
  });
});

describe('a refund that was not decided when the bill was written', () => {
  const row = refundRow(order_no, 1, { failed: null });
  const typeOf = async (askAboutRefund: SettlingPorts['askAboutRefund']) =>
    (await settle(row, { askAboutRefund })).applied;

  it('is asked about by its number, and counts as gone until it is said to have failed', async () => {
    const { askedRefunds, applied } = await settle(row);
    expect(askedRefunds).toEqual([expect.objectContaining({ refund_no: 'mall-1-r1', payment_no: order_no })]);
    expect(applied).toMatchObject([{ type: 'refund_succeeded' }]);
    expect(await typeOf(async () => ({ state: 'failed', refund_id: null }))).toMatchObject([
      { type: 'refund_failed' },
    ]);
    expect(await typeOf(async () => ({ state: 'open' }))).toMatchObject([{ type: 'refund_succeeded' }]);
    expect(await typeOf(failing)).toMatchObject([{ type: 'refund_succeeded' }]);
  });

  it('is not asked about without a number, nor where it was decided', async () => {
    const unnamed = await settle(refundRow(order_no, 1, { failed: null, refund_no: null }));
    expect(unnamed).toMatchObject({ askedRefunds: [], applied: [{ type: 'refund_succeeded' }] });
    expect((await settle(refundRow(order_no, 1))).askedRefunds).toEqual([]);
  });
});

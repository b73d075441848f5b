import { describe, expect, it } from 'vitest';
import type { DisputeEvent, RefundEvent } from '../../../lib/orders/event.ts';
import type { Order } from '../../../lib/orders/order.ts';
import { applyEvent } from '../../../lib/orders/settle.ts';
import type { CheckResult } from '../../../lib/orders/sweep.ts';
import { createOrderStore } from '../../../lib/store/order-store.ts';
import { merchantNames, NOW, paidPayment, suspenseOf, tenantOrder } from '../../support/orders.ts';
import { createProvider } from '../../support/provider.ts';
import { useStore } from '../../support/store.ts';
import { sweepAt } from '../../support/sweep.ts';

const store = useStore();
const { stripe } = merchantNames;
const DAY_MS = 24 * 3_600_000;

async function paidOrder(): Promise<Order> {
  const order = tenantOrder({ amount: 1000, status: 'paid', paid_by: 1 });
  const payment = paidPayment(order);
  await store.put(
    { put: 'order', record: order },
    { put: 'payment', record: payment },
    { put: 'suspense', record: suspenseOf(payment) },
  );
  return order;
}

const tell = (event: RefundEvent | DisputeEvent) =>
  applyEvent({ store: createOrderStore(store.context), io: { ...store.context.io, now: () => NOW } }, event);

const kindOf = ({ order_no }: Order) =>
  ({ payment_no: order_no, provider: 'stripe', merchant: stripe }) as const;

const returned = (order: Order, changes: Partial<RefundEvent> = {}): RefundEvent => ({
  ...{ type: 'refund_succeeded', ...kindOf(order), refund_no: null, refund_id: 're_1', amount: 300 },
  ...changes,
});

const disputed = (order: Order, changes: Partial<DisputeEvent> = {}): DisputeEvent => ({
  ...{ type: 'dispute', ...kindOf(order), dispute_id: 'du_1', transaction_id: 'T1', amount: 1000 },
  ...{ currency: 'USD', reason: 'fraudulent', refundable: false, state: 'open' },
  due_by: new Date(NOW + 7 * DAY_MS).toISOString(),
  movements: [{ id: 'txn_1', amount: -1000, fee: 15, fee_currency: 'EUR' }],
  ...changes,
});

/** The items of an order whose keys begin so, without what only the table needs. */
const itemsOf = async ({ order_no }: Order, prefix: string) =>
  (await store.items(order_no)).filter(({ sk }) => String(sk).startsWith(prefix));

const shard = (account: string) => expect.stringMatching(`^${account}#[0-7]$`);
const provider = shard(`provider:stripe.${stripe}`);
const suspense = shard(`suspense:stripe.${stripe}`);

describe('money that moves without our asking, on DynamoDB', () => {
  it('by a refund is one item, one entry under its own key, and one exception', async () => {
    const order = await paidOrder();
    for (const outcome of ['unknown_refund', 'already_refunded']) {
      expect(await tell(returned(order))).toMatchObject({ outcome, status: 'paid' });
    }
    expect(await itemsOf(order, 'RETURN#')).toMatchObject([{ sk: 'RETURN#1#re_1', amount: 300 }]);
    expect(await itemsOf(order, 'ENTRY#')).toMatchObject([
      { sk: 'ENTRY#RETURN#1#re_1', debit: suspense, credit: provider, amount: 300, transaction_id: 'T1' },
    ]);
    expect(await itemsOf(order, 'EXCEPTION#')).toMatchObject([
      { kind: 'unknown_refund', refund_no: 're_1', work: expect.stringMatching(/^alert#/) },
    ]);
    expect(await itemsOf(order, 'PAYMENT#')).toMatchObject([{ returned: 300, version: 2 }]);
  });

  it('of money in suspense, and back again, is of that', async () => {
    const order = await paidOrder();
    const said = { transaction_id: 'T2', amount: 1000 } as const;
    await tell(returned(order, said));
    expect(await itemsOf(order, 'SUSPENSE#')).toMatchObject([{ returned: 1000 }]);
    await tell(returned(order, { ...said, type: 'refund_failed' }));
    expect(await itemsOf(order, 'SUSPENSE#')).toMatchObject([{ returned: 0 }]);
    expect((await itemsOf(order, 'ENTRY#')).map(({ sk }) => sk)).toEqual([
      'ENTRY#RETURN#1#re_1',
      'ENTRY#RETURN#1#re_1#back',
    ]);
    expect(await itemsOf(order, 'RETURN#')).toMatchObject([{ suspense: 'T2', status: 'failed', version: 2 }]);
  });

  it('is booked once when it is told of many times at once', async () => {
    const order = await paidOrder();
    const messages = [returned(order), disputed(order), returned(order, { refund_id: 're_2', amount: 200 })];
    await Promise.all(
      Array.from({ length: 24 }, (_, count) =>
        tell(messages[count % 3] ?? returned(order)).catch(() => null),
      ),
    );
    for (const message of messages) await tell(message);
    expect(await itemsOf(order, 'PAYMENT#')).toMatchObject([{ returned: 500 }]);
    expect((await itemsOf(order, 'ENTRY#')).map(({ sk, amount }) => [sk, amount])).toEqual([
      ['ENTRY#DISPUTE#txn_1', 1000],
      ['ENTRY#FEE#txn_1', 15],
      ['ENTRY#RETURN#1#re_1', 300],
      ['ENTRY#RETURN#1#re_2', 200],
    ]);
    expect(await itemsOf(order, 'EXCEPTION#')).toHaveLength(3);
  });

  it('by a dispute is booked with its fee, and told of again by the sweep, once', async () => {
    const order = await paidOrder();
    expect(await tell(disputed(order))).toMatchObject({ outcome: 'disputed' });
    expect(await itemsOf(order, 'ENTRY#')).toMatchObject([
      { sk: 'ENTRY#DISPUTE#txn_1', debit: suspense, credit: provider, amount: 1000, currency: 'USD' },
      { sk: 'ENTRY#FEE#txn_1', debit: shard(`fees:stripe.${stripe}`), credit: provider, currency: 'EUR' },
    ]);
    const results: CheckResult[] = [];
    const sweep = (at: number) =>
      sweepAt(store.context, at, {
        merchants: createProvider().merchants,
        onFailure: (_check, error) => {
          throw error;
        },
        report: ({ order_no }, result) => {
          if (order_no === order.order_no) results.push(result);
        },
      });
    await sweep(NOW + 5 * DAY_MS - 1);
    expect(results).toEqual([]);
    for (const later of [0, DAY_MS]) await sweep(NOW + 5 * DAY_MS + later);
    expect(results).toEqual([{ outcome: 'dispute_reminded' }]);
    expect(await itemsOf(order, 'DISPUTE#')).toMatchObject([
      { reminded: true, work: expect.stringMatching(/^alert#/), movements: ['txn_1'] },
    ]);
  });
});

import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import type { Payment } from '../../../lib/orders/payment.ts';
import { toRecord } from '../../../lib/store/items.ts';
import { accountShard } from '../../../lib/store/keys.ts';
import { queryShard } from '../../../lib/store/sharded-read.ts';
import { tableIndexes } from '../../../lib/store/table.ts';
import { itemOf } from '../../support/items.ts';
import { paidPayment, shopOrder } from '../../support/orders.ts';
import { useStore } from '../../support/store.ts';

const store = useStore();

describe.each(['debit', 'credit'] as const)('the index by what is on the %s side', (side) => {
  /** Stores a payment that was booked, and reads what the index has of it. */
  async function read({ order_no, booking }: Payment, item: Readonly<Record<string, unknown>>) {
    if (!booking) throw new Error('it was booked');
    const { client, tableName } = store.context;
    await client.send(new PutCommand({ TableName: tableName, Item: item }));
    const { booked_at } = booking;
    const shard = {
      ...{ index: tableIndexes[side], partition: accountShard(booking[side], order_no) },
      ...{ first: booked_at, last: booked_at },
    };
    const parts = await Array.fromAsync(queryShard(store.context, shard));
    return parts.flatMap(({ items }) => items).filter((found) => found['order_no'] === order_no);
  }

  it('has of a payment whose it is and what it was booked by, and not what may change once it is paid', async () => {
    const payment = paidPayment(shopOrder(), { n: 2 });
    const { order_no, n, provider, merchant, payee, amount, currency, transaction_id, paid_at, booking } =
      payment;
    const [item, ...others] = await read(payment, itemOf({ put: 'payment', record: payment }));
    expect(others).toEqual([]);
    const record = toRecord('payment', item ?? {});
    const booked = {
      order_no,
      n,
      provider,
      merchant,
      payee,
      amount,
      currency,
      transaction_id,
      paid_at,
      booking,
    };
    expect(record).toEqual(booked);
  });

  it('says of which version an item is, so that none of newer code is misread', async () => {
    const payment = paidPayment(shopOrder());
    const item = { ...itemOf({ put: 'payment', record: payment }), schema: 9 };
    await expect(read(payment, item)).rejects.toThrow('schema version');
  });
});

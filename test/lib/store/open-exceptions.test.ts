import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient, type QueryCommand } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { type ExceptionSubject, exceptionOnce, merchantException } from '../../../lib/orders/exception.ts';
import { listExceptions } from '../../../lib/store/exception-store.ts';
import { createMerchantStore } from '../../../lib/store/merchant-store.ts';
import { readOpenExceptions } from '../../../lib/store/open-exceptions.ts';
import { itemOf } from '../../support/items.ts';
import { merchantNames, NOW, shopOrder } from '../../support/orders.ts';
import { useStore } from '../../support/store.ts';

const store = useStore();
const PER_BATCH = 25;

/** So many of one order, and so of one shard, a second after one another. */
async function recordOf(order_no: string, from: number, to: number): Promise<void> {
  const { client, tableName } = store.context;
  const subjects = Array.from(
    { length: to - from },
    (_, index): ExceptionSubject & { readonly at: number } => ({
      ...{ kind: 'paid_twice', transaction_id: `T${from + index}` },
      at: NOW + (from + index) * 1_000,
    }),
  );
  const requests = subjects
    .flatMap(({ at, ...subject }) =>
      exceptionOnce({ order: shopOrder({ order_no }), exceptions: [] }, subject, at),
    )
    .map((put) => ({ PutRequest: { Item: itemOf(put) } }));
  for (let start = 0; start < requests.length; start += PER_BATCH) {
    const RequestItems = { [tableName]: requests.slice(start, start + PER_BATCH) };
    await client.send(new BatchWriteCommand({ RequestItems }));
  }
}

it('a merchant’s exception that names no order is listed as any other', async () => {
  const merchant = { provider: 'wechat', merchant: merchantNames.wechat } as const;
  const record = merchantException(merchant, { kind: 'unknown_row', transaction_id: 'T1' }, NOW);
  await createMerchantStore(store.context).putMerchantException(merchant, record);
  expect(await readOpenExceptions(store.context)).toEqual({ exceptions: [record], isCut: false });
  const query = { state: 'open', kind: 'unknown_row', limit: 10, after: null } as const;
  expect(await listExceptions(store.context, query)).toEqual({ items: [record], next: null });
});

it('of each shard the oldest thousand are read, and it is said whether there are more', async () => {
  await recordOf('mall-1', 0, 999);
  const whole = await readOpenExceptions(store.context);
  expect(whole.exceptions.filter(({ order_no }) => order_no === 'mall-1')).toHaveLength(999);
  expect(whole.isCut).toBe(false);
  await recordOf('mall-1', 999, 1_001);
  const { exceptions, isCut } = await readOpenExceptions(store.context);
  const numbers = exceptions
    .filter(({ order_no }) => order_no === 'mall-1')
    .map(({ transaction_id }) => transaction_id);
  expect(numbers).toEqual(Array.from({ length: 1_000 }, (_, index) => `T${index}`));
  expect(isCut).toBe(true);
});

it('there are no more where the thousandth was the last of its shard', async () => {
  const record = merchantException(
    { provider: 'wechat', merchant: merchantNames.wechat },
    { kind: 'unknown_row', transaction_id: 'T1' },
    NOW,
  );
  const item = itemOf({ put: 'exception', record });
  const page = (count: number) => ({ Items: Array.from({ length: count }, () => item) });
  const send = async ({ input }: QueryCommand) => {
    if (input.ExpressionAttributeValues?.[':partition'] !== 'open#3') return page(0);
    return input.ExclusiveStartKey ? page(400) : { ...page(600), LastEvaluatedKey: item };
  };
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' }));
  const context = { ...store.context, client: Object.assign(client, { send }) };
  const { exceptions, isCut } = await readOpenExceptions(context);
  expect([exceptions.length, isCut]).toEqual([1_000, false]);
});

import { expect, it } from 'vitest';
import type { ExceptionIdentity } from '../../../lib/orders/exception.ts';
import {
  accountOf,
  accountShard,
  accountShards,
  dayShard,
  dayShards,
  disputeKey,
  entryKey,
  exceptionKey,
  exceptionShard,
  exceptionShards,
  heartbeatKey,
  type ItemKind,
  idempotencyKey,
  itemKindOf,
  merchantDayKey,
  merchantEntryKey,
  merchantExceptionKey,
  merchantShardName,
  orderKey,
  orderNumberOf,
  ordersShard,
  ordersShards,
  owesAnnouncement,
  parkedShard,
  paymentKey,
  refundKey,
  returnKey,
  shardOf,
  shippingKey,
  suspenseKey,
  tenantKey,
  workShard,
  workShards,
} from '../../../lib/store/keys.ts';

const merchant = { provider: 'stripe', merchant: 'acct_1.live' } as const;

it('what belongs to a merchant and to no order has a partition of its own', () => {
  const pk = 'MERCHANT#stripe.acct_1.live';
  const entry = merchantEntryKey(merchant, { kind: 'fee', reference: '2026-11-22#USD' });
  const exception = merchantExceptionKey(merchant, 'unknown_row#stripe#-#row-1');
  expect(entry).toEqual({ pk, sk: 'ENTRY#FEE#2026-11-22#USD' });
  expect(exception).toEqual({ pk, sk: 'EXCEPTION#unknown_row#stripe#-#row-1' });
  expect(merchantDayKey(merchant, '2026-11-22')).toEqual({ pk, sk: 'DAY#2026-11-22' });
  expect([entry, exception].map(itemKindOf)).toEqual(['entry', 'exception']);
  expect(orderNumberOf(exception)).toBe(pk);
});

it('a merchant is in one shard of each list, by its provider and its name', () => {
  expect(merchantShardName(merchant)).toBe('stripe.acct_1.live');
  expect(exceptionShard('open', merchantShardName(merchant))).toMatch(/^open#[0-7]$/);
});

it('a merchant’s days are in one of the shards that are read for its provider', () => {
  expect(dayShard(merchant)).toMatch(/^days:stripe#[0-7]$/);
  expect(dayShards('stripe')).toContain(dayShard(merchant));
  expect(dayShards('stripe')).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((shard) => `days:stripe#${shard}`));
});

it('an announcement is owed until it is parked, and a check is none', () => {
  const [alert, owed] = [workShard('alert', 'mall-1'), workShard('notify', 'mall-1')];
  const parked = [alert, owed].map(parkedShard);
  expect(parked).toEqual([workShard('parked', 'mall-1'), workShard('parked', 'mall-1')]);
  expect([alert, owed].map(owesAnnouncement)).toEqual([true, true]);
  const owing = [...parked, workShard('check', 'mall-1'), 'check#notify#', ''];
  expect(owing.map(owesAnnouncement)).toEqual([false, false, false, false, false]);
});

const mismatch: ExceptionIdentity = {
  ...{ kind: 'mismatch', provider: 'stripe', payment_no: 'mall-1-2', fields: ['amount'], amount: 5 },
  ...{ refund_no: null, transaction_id: 'T1' },
};

it.each([
  ['order', orderKey('mall-1'), 'ORDER'],
  ['payment', paymentKey('mall-1', 2), 'PAYMENT#2'],
  ['suspense', suspenseKey('mall-1', { n: 2, transaction_id: 'T1' }), 'SUSPENSE#2#T1'],
  ['refund', refundKey('mall-1', 3), 'REFUND#3'],
  ['return', returnKey('mall-1', { payment: 2, return_id: 're_1' }), 'RETURN#2#re_1'],
  ['dispute', disputeKey('mall-1', { dispute_id: 'du_1' }), 'DISPUTE#du_1'],
  ['shipping', shippingKey('mall-1'), 'SHIPPING'],
  ['entry', entryKey('mall-1', { kind: 'refund', reference: '1#1' }), 'ENTRY#REFUND#1#1'],
  ['exception', exceptionKey('mall-1', mismatch), 'EXCEPTION#mismatch#stripe#mall-1-2#T1#amount#5#-'],
] as const)('the key of an order’s %s stays the same from one release to the next', (kind, key, sk) => {
  expect(key).toEqual({ pk: 'ORDER#mall-1', sk });
  expect(itemKindOf(key)).toBe(kind);
  expect(orderNumberOf(key)).toBe('mall-1');
});

it('so do those of what belongs to no order', () => {
  expect(tenantKey(7)).toEqual({ pk: 'TENANTS', sk: 'TENANT#7' });
  expect(heartbeatKey('sweep')).toEqual({ pk: 'HEARTBEAT#sweep', sk: 'HEARTBEAT' });
});

it.each<[string, ItemKind | null]>([
  ['DAY#2026-11-22', 'day'],
  ['TENANT#7', 'tenant'],
  ['KEY', 'idempotency'],
  ['DELIVERY#2026-11-22T08:00:00.000Z#evt_1', 'delivery'],
  ['ENDPOINT#shop', 'endpoint'],
  ['PARCEL#1', null],
  ['constructor', null],
  ['', null],
])('an item under %j is of the kind %s', (sk, kind) => {
  expect(itemKindOf({ sk })).toBe(kind);
});

it.each([
  ['', 0],
  ['mall-1', 0],
  ['stripe.acct_1.live', 4],
  ['01ARZ3NDEKTSV4RRFFQ69G5FAV', 5],
])('what is named %j stays in its shard', (name, shard) => {
  expect(shardOf(name)).toBe(shard);
});

it.each([
  [workShard('check', 'mall-1'), workShards('check'), 'check'],
  [accountShard('shop:mall', 'mall-1'), accountShards('shop:mall'), 'shop:mall'],
  [exceptionShard('open', 'mall-1'), exceptionShards('open'), 'open'],
  [ordersShard('tenant:7', 'mall-1'), ordersShards('tenant:7'), 'orders:tenant:7'],
])('%s is one of all shards that are read', (shard, shards, name) => {
  expect(shard).toBe(`${name}#${shardOf('mall-1')}`);
  expect(shards).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((number) => `${name}#${number}`));
  expect(accountOf(shard)).toBe(name);
});

it('an idempotency key stays the same from one release to the next', () => {
  const sent = { operation: 'refund', subject: 'admin-1', key: 'k' } as const;
  expect(idempotencyKey(sent)).toEqual({
    pk: 'IDEMPOTENCY#refund#04c214f8e4a6ec3ded12f67f58d5370ca634187a1dc893ebb023dd23caab90e4',
    sk: 'KEY',
  });
});

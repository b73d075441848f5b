import { expect, it } from 'vitest';
import {
  dayShard,
  dayShards,
  exceptionShard,
  idempotencyKey,
  itemKindOf,
  merchantDayKey,
  merchantEntryKey,
  merchantExceptionKey,
  merchantShardName,
  orderNumberOf,
  owesAnnouncement,
  parkedShard,
  workShard,
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

it('an idempotency key stays the same from one release to the next', () => {
  const sent = { operation: 'refund', subject: 'admin-1', key: 'k' } as const;
  expect(idempotencyKey(sent)).toEqual({
    pk: 'IDEMPOTENCY#refund#04c214f8e4a6ec3ded12f67f58d5370ca634187a1dc893ebb023dd23caab90e4',
    sk: 'KEY',
  });
});

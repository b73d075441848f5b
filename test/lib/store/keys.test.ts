import { expect, it } from 'vitest';
import {
  exceptionShard,
  itemKindOf,
  merchantDayKey,
  merchantEntryKey,
  merchantExceptionKey,
  merchantShardName,
  orderNumberOf,
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

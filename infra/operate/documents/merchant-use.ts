import { isoTime } from '../../../lib/io.ts';
import type { MerchantName } from '../../../lib/orders/ledger.ts';
import { providerAccount } from '../../../lib/orders/ledger.ts';
import type { StoreContext } from '../../../lib/store/client.ts';
import { accountShards, merchantShardName, workShards } from '../../../lib/store/keys.ts';
import { queryShard } from '../../../lib/store/sharded-read.ts';
import { tableIndexes } from '../../../lib/store/table.ts';

/**
 * WeChat Pay refunds for 365 days, Alipay for a year at most (docs: "订单退款", "alipay.trade.refund"). Stripe names no
 * term for refunds; disputes come within months, so that a year is taken for it too.
 */
const REFUND_MS = 366 * 86_400_000;

const ALL_TIME = { first: '0', last: '9999-12-31T23:59:59.999Z' };

/** Whether a merchant of before is still needed. */
export interface MerchantUse {
  /** When money of it was booked last; null where none ever was. */
  readonly booked_at: string | null;
  /** Why it is, in words that follow its name; null when it can go. */
  readonly needed: string | null;
}

/** What the table knows of merchants; what is open is read once, however many are asked about. */
export function createMerchantUse(store: StoreContext) {
  let open: Promise<ReadonlySet<string>> | undefined;
  return {
    /** @param now milliseconds since 1970. @throws the store's error after retries */
    async of(name: MerchantName, now: number): Promise<MerchantUse> {
      open ??= readOpen(store);
      const [booked_at, isOpen] = await Promise.all([
        readNewest(store, name),
        open.then((all) => all.has(merchantShardName(name))),
      ]);
      if (isOpen) return { booked_at, needed: 'is needed: a payment or refund of it is open' };
      const until = booked_at === null ? 0 : Date.parse(booked_at) + REFUND_MS;
      if (until <= now) return { booked_at, needed: null };
      return { booked_at, needed: `is needed until ${isoTime(until).slice(0, 10)}, for refunds` };
    },
  };
}

async function readNewest(store: StoreContext, name: MerchantName): Promise<string | null> {
  const { sortKey } = tableIndexes.debit;
  const newest = await Promise.all(
    accountShards(providerAccount(name)).map(async (partition) => {
      const shard = { index: tableIndexes.debit, partition, ...ALL_TIME };
      for await (const { items } of queryShard(store, shard, { Limit: 1, ScanIndexForward: false })) {
        return items.map((item) => String(item[sortKey]));
      }
      return [];
    }),
  );
  return newest.flat().sort().at(-1) ?? null;
}

/** Whose payments, refunds and disputes are still to be checked. */
async function readOpen(store: StoreContext): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  await Promise.all(
    workShards('check').map(async (partition) => {
      for await (const { items } of queryShard(store, { index: tableIndexes.work, partition, ...ALL_TIME })) {
        for (const { provider, merchant } of items) names.add(`${provider}.${merchant}`);
      }
    }),
  );
  return names;
}

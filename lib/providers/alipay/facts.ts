import type { CurrencyFormat, CurrencyTable } from '../../money.ts';
import type { FlatStatuses, ProviderFacts } from '../provider.ts';

export const CNY: CurrencyFormat = { digits: 2, step: 1 };

/** Alipay in mainland China takes yuan only. Without a prototype, so that no inherited name passes for a currency. */
export const alipayCurrencies: CurrencyTable = Object.assign(Object.create(null), { CNY });

/** What each `trade_status` means that calls for action. TRADE_FINISHED is paid as well, and past its refund period. */
export const tradeStatuses: FlatStatuses = {
  TRADE_SUCCESS: 'succeeded',
  TRADE_FINISHED: 'succeeded',
  TRADE_CLOSED: 'closed',
};

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export const alipayFacts = {
  label: '支付宝',
  currencies: alipayCurrencies,
  flatStatuses: tradeStatuses,
  // As at WeChat Pay; a tenant's order ends long before.
  limits: { longest_ms: 6 * DAY, shortest_ms: MINUTE, failedCanBePaid: true },
  // alipay.data.dataservice.bill.downloadurl.query: mostly made by 9 o'clock of the next day.
  // It is the seller's, whichever of its apps was paid in.
  bill: { utcOffset_h: 8, ready_h: 9, accountOf: (merchant) => merchant.slice(merchant.indexOf('.') + 1) },
  // opendocs.alipay.com, alipay.trade.page.pay and alipay.trade.refund.
  texts: {
    payment_no: { most: 64, unit: 'characters' },
    refund_no: { most: 64, unit: 'characters' },
    notify_url: { most: 256, unit: 'characters' },
    description: { most: 256, unit: 'characters' },
    openid: null,
    // Said of characters; of bytes by whoever has met the limit.
    reason: { most: 256, unit: 'bytes' },
  },
  // "取值范围 [0.01,100000000]"
  amounts: () => ({ least: 1, most: 10_000_000_000 }),
} satisfies ProviderFacts;

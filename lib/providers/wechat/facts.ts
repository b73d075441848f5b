import type { CurrencyTable } from '../../money.ts';
import type { ProviderFacts, TextLimit } from '../provider.ts';

/** WeChat Pay takes yuan, counted in fen. No prototype: `constructor` is no currency. */
export const wechatCurrencies: CurrencyTable = Object.assign(Object.create(null), {
  CNY: { digits: 2, step: 1 },
});

const bytes = (most: number): TextLimit => ({ most, unit: 'bytes' });

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export const wechatFacts = {
  label: '微信支付',
  currencies: wechatCurrencies,
  flatStatuses: { SUCCESS: 'succeeded', PAYERROR: 'failed', CLOSED: 'closed' },
  // WeChat Pay takes a `time_expire` at most 7 days ahead: a day less leaves room for clocks and repeats.
  limits: { longest_ms: 6 * DAY, shortest_ms: MINUTE, failedCanBePaid: true },
  // docs: "申请交易账单": of the day before, from 10 o'clock in Beijing on.
  bill: { utcOffset_h: 8, ready_h: 10, accountOf: (merchant) => merchant },
  // docs: "JSAPI下单" and "申请退款", which say characters; refusals of the live API name the number of bytes.
  texts: {
    payment_no: bytes(32),
    refund_no: bytes(64),
    notify_url: bytes(255),
    description: bytes(127),
    openid: bytes(128),
    reason: bytes(80),
  },
  // No upper bound is documented.
  amounts: () => ({ least: 1, most: Number.MAX_SAFE_INTEGER }),
} satisfies ProviderFacts;

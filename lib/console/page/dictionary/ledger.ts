import type { EntryKind } from '../../../orders/kinds.ts';

type Pair = readonly [chinese: string, english: string];

const kinds = {
  entry_payment: ['收款', 'Payment'],
  entry_suspense: ['挂账', 'Suspense'],
  entry_refund: ['退款', 'Refund'],
  entry_return: ['渠道退出', 'Returned at the provider'],
  entry_dispute: ['争议', 'Dispute'],
  entry_fee: ['手续费', 'Fee'],
  entry_attribution: ['归属', 'Attribution'],
} as const satisfies Record<`entry_${EntryKind}`, Pair>;

/** The ledger: accounts, what is in them, and what it means. */
export const ledger = {
  ...kinds,
  account: ['账户', 'Account'],
  account_other: ['其他账户…', 'Another account…'],
  account_name: ['账户名', 'Name of the account'],
  account_name_hint: [
    '如 tenant:7 或 suspense:wechat.1900000001',
    'For example tenant:7 or suspense:wechat.1900000001',
  ],
  account_group_owners: ['商家', 'Owners'],
  account_group_suspense: ['挂账', 'Suspense'],
  account_group_provider: ['渠道代收', 'Held by providers'],
  account_group_fees: ['手续费', 'Fees'],
  account_mall: ['商城', 'Mall shop'],
  account_meal: ['餐饮', 'Meal shop'],
  account_suspense: ['挂账 · {provider} {merchant}', 'Suspense · {provider} {merchant}'],
  account_provider: ['{provider} 代收 · {merchant}', 'Held by {provider} · {merchant}'],
  account_fees: ['手续费 · {provider} {merchant}', 'Fees · {provider} {merchant}'],
  about_owner: [
    '为商家收下的钱：贷方增加，借方减少。',
    'What was taken for its owner: credits raise it, debits lower it.',
  ],
  about_suspense: [
    '收到了、但还不属于任何订单的钱。每一笔都有一条异常；都处理完，借贷相抵。',
    'Money that came and pays no order. Each has an exception; once all are seen to, credits and debits cancel out.',
  ],
  about_provider: [
    '渠道为商户代收的钱：借方增加，贷方减少。',
    'What the provider holds for the merchant: debits raise it, credits lower it.',
  ],
  about_fees: ['渠道收取的费用。', 'What the provider kept for its service.'],
  period: ['时段', 'Period'],
  last_day: ['今天', 'Today'],
  last_days: ['最近 {days} 天', 'Last {days} days'],
  refresh: ['刷新', 'Refresh'],
  debit: ['借方', 'Debit'],
  credit: ['贷方', 'Credit'],
  net: ['本期净额', 'Net of the period'],
  net_nothing: ['借贷相抵', 'Credits and debits cancel out'],
  sums: ['合计', 'Sums'],
  sums_by_currency: ['各货币合计', 'Sums by currency'],
  by_day: ['按天，{currency}', 'By day, {currency}'],
  by_day_table: ['按天列表', 'Days as a table'],
  day: ['日期', 'Day'],
  entries: ['分录', 'Entries'],
  other_account: ['对方账户', 'Other account'],
  booked: ['记账时间', 'Booked'],
  no_entries: ['此账户在这段时间没有分录', 'Nothing was booked to this account in the period'],
  no_entries_hint: ['换一个账户，或选更长的时段。', 'Choose another account or a longer period.'],
  account_unknown: ['没有这样的账户', 'There is no such account'],
  too_many_entries: ['这段时间分录太多，无法合计', 'The period has too many entries to add up'],
  too_many_entries_hint: ['请选更短的时段。', 'Choose a shorter one.'],
} as const satisfies Record<string, Pair>;

import type { DayState } from '../../../reconciliation/day-result.ts';

type Pair = readonly [chinese: string, english: string];

const states = {
  day_running: ['进行中', 'Running'],
  day_late: ['账单未出', 'Bill is late'],
  day_agreed: ['一致', 'Agrees'],
  day_differs: ['有差异', 'Differs'],
} as const satisfies Record<`day_${DayState}`, Pair>;

/** Reconciliation: what the days came to. */
export const reconciliation = {
  ...states,
  day_none: ['未对账', 'Not reconciled'],
  about_day_running: ['还没有对完。', 'It is not finished yet.'],
  about_day_late: [
    '渠道还没有给出账单，系统每小时再要一次，持续一周。',
    'The provider has no bill yet. It is asked for every hour, for a week.',
  ],
  about_day_agreed: ['账单与账本一致。', 'The bill and the books agree.'],
  about_day_differs: [
    '账单与账本不一致：每处差异都是一条异常，见下。',
    'The bill and the books do not agree: each difference is an exception, below.',
  ],
  by_the_providers_day: [
    '日期按渠道的日历。点一天看明细。',
    'Days are by the provider’s calendar. Choose one to see more of it.',
  ],
  days_grid: ['各商户每天的对账结果', 'What each merchant’s days came to'],
  no_days: ['这段时间没有对账结果', 'No day of this period was reconciled'],
  no_days_hint: [
    '账单在次日上午给出，之后自动对账。也可以选别的时段。',
    'Bills are there the next morning, and days are reconciled by themselves then. Or choose another period.',
  ],
  days_cut: [
    '结果太多，只显示前 {count} 条。请缩短时段或选一个渠道。',
    'Too many: the first {count} are shown. Choose a shorter period or a provider.',
  ],
  one_day: ['{provider} {merchant}，{day}', '{provider} {merchant}, {day}'],
  differences: ['差异', 'Differences'],
  difference_count: ['{number} 处差异', '{number} {count?difference:differences}'],
  rows: ['账单行数', 'Rows compared'],
  agreed_rows: ['相符', 'Agree'],
  settled_rows: ['补记', 'Settled from the bill'],
  under_way: ['渠道未决', 'Under way'],
  undecided: ['可能属于别日', 'Perhaps of another day'],
  foreign: ['非本系统订单', 'Not ours'],
  started: ['开始', 'Started'],
  finished: ['完成', 'Finished'],
  moved: ['发生额', 'Moved'],
  fees: ['手续费', 'Fees'],
  moved_payment: ['收款', 'Payments'],
  moved_refund: ['退款', 'Refunds'],
  moved_dispute: ['争议', 'Disputes'],
  other_rows: ['其他行', 'Other rows'],
  nothing_moved: ['当天没有我们的款项。', 'Nothing of ours moved that day.'],
  whole_period: ['本期各渠道合计', 'Sums of the period'],
  net_of_fees: ['扣除手续费', 'Less fees'],
  differences_not_found: [
    '其余的已另有异常说明，或更早就已记下：',
    'The others were told of by another exception, or recorded before:',
  ],
  all_of_kind: ['{kind}：全部', 'All: {kind}'],
} as const satisfies Record<string, Pair>;

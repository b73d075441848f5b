import { faultNames } from './faults.ts';

/** Counts the rare branches that runs take: a set of runs that never takes one has not tried what it claims to try. */
export interface Marks {
  take(name: string): void;
  readonly counts: ReadonlyMap<string, number>;
}

export function createMarks(): Marks {
  const counts = new Map<string, number>();
  return {
    take: (name) => counts.set(name, (counts.get(name) ?? 0) + 1),
    counts,
  };
}

/** What providers, actors and the machinery do now and then; and what comes of it, by the tables of design.md. */
const branches = [
  // Providers.
  'alipay_finished_first',
  'closed_early',
  'gave_up_telling',
  'key_rotated',
  'merchant_changed',
  'merchant_restored',
  'message_misstated',
  'never_told',
  'notify_in_gbk',
  'number_of_another_program',
  'number_used_years_ago',
  'paid_after_its_close',
  'payment_fails',
  'provider_takes_no_payment',
  'refund_failed',
  'refund_not_enough',
  'refund_sent_back',
  'refund_succeeded',
  'signature_probe',
  'stripe_chatter',
  'stripe_pays_later',
  'stripe_replays_answer',
  'taken_twice',
  'told_again',
  'told_in_a_burst',
  'told_late',
  'told_twice',
  'wechat_prepay_again',
  // Actors.
  'a_byte_too_long',
  'called_again',
  'change_refused',
  'failure_relayed',
  'forged',
  'key_repeated',
  'key_with_another_body',
  'left_over_paid',
  'order_changed',
  'order_changed_twice_at_once',
  'order_changed_while_begun',
  'paid_twice_at_once',
  'refund_asked',
  'refund_repeated',
  'refunds_at_once',
  'relay_misstated',
  'relayed',
  'replayed',
  'told_without_number',
  'unknown_order_relayed',
  // The machinery.
  'batch_bisected',
  'body_in_base64',
  'cold_started',
  'poison_record',
  'stream_gave_up',
  'swept_twice_at_once',
  // What came of it.
  'already_settled',
  'exception_merchant_missing',
  'exception_mismatch_amount',
  'exception_mismatch_appid',
  'exception_mismatch_currency',
  'exception_mismatch_merchant',
  'exception_number_spent',
  'exception_paid_after_close',
  'exception_paid_superseded',
  'exception_paid_twice',
  'named_later',
  'order_closed',
  'order_failed',
  'order_free',
  'order_refunded',
  'order_reopened',
  'payment_closed',
  'payment_superseded',
  'refund_booked_back',
  'refund_of_suspense',
  'settled',
] as const;

/** What a large set of runs has to take, each at least once. */
export const allMarks: readonly string[] = [...faultNames, ...branches];

/** What even a small set of runs takes. */
export const commonMarks: readonly string[] = [
  'already_settled',
  'db_reply_lost',
  'db_request_lost',
  'exception_number_spent',
  'forged',
  'function_dies',
  'key_repeated',
  'never_told',
  'order_changed',
  'order_changed_while_begun',
  'order_closed',
  'payment_closed',
  'payment_fails',
  'payment_superseded',
  'provider_server_error',
  'provider_slow',
  'refund_asked',
  'refund_succeeded',
  'relayed',
  'settled',
  'stripe_pays_later',
  'told_again',
  'told_late',
  'told_twice',
  'told_without_number',
  'wechat_prepay_again',
];

/** How many runs must take all of them. */
export const MANY_RUNS = 2_000;

export const missing = (counts: ReadonlyMap<string, number>, wanted: readonly string[]): string[] =>
  wanted.filter((name) => !counts.has(name));

/** What the search holds every state to, by name. */
export const invariants = [
  // Of the table.
  'paid_once',
  'booked_to_the_right_account',
  'exception_for_suspense',
  'refund_sums',
  'entries_agree',
  'returns_add_up',
  'exception_for_what_was_not_asked',
  'order_shows_what_went_back',
  'one_current_payment',
  'deadline_has_an_owner',
  'open_refund_is_watched',
  'shipping_is_watched',
  'paid_is_final',
  'change_is_storable',
  // Of the table and the provider.
  'booked_at_most_once',
  'nothing_payable_left_work',
  'handed_out_is_current',
  'nothing_payable_is_given_up',
  'never_more_back_than_paid',
  'told_is_known_there',
  // Of a process that ended.
  'success_reply_is_stored',
  'no_unexpected_error',
  // Of what has come to rest.
  'every_transaction_is_booked',
  'everything_ends',
  'order_can_be_paid_or_is_over',
  'given_up_is_closed_at_provider',
  'refunds_agree',
  'books_are_the_provider’s',
] as const;
export type Invariant = (typeof invariants)[number];

/** A state that must not be. */
export class Violation extends Error {
  override readonly name = 'Violation';
  readonly invariant: Invariant;

  constructor(invariant: Invariant, detail: string) {
    super(`${invariant}: ${detail}`);
    this.invariant = invariant;
  }
}

/** What must hold, by the names that failures are reported under. */
export const invariants = {
  paid_once: 'an order is paid at most once, with exactly one journal entry of its amount',
  booked_once: 'every transaction that a provider took is booked exactly once: to its order, or to suspense',
  ledger_is_provider: 'the ledger says of each provider what the provider says itself; debits equal credits',
  integer_money: 'every stored amount is a safe integer that is not negative',
  refunds_bounded: 'never more is reserved and refunded than was paid, and the sums are those of the refunds',
  refund_agrees: 'a refund is in the state that its provider holds it in',
  exception_recorded: 'a message that could not be applied has a record, and so has all money in suspense',
  success_is_stored: 'a success answer means that it is stored',
  failure_changes_nothing: 'a refusal means that nothing changed, save an exception record',
  forged_is_refused: 'a forged message is refused without a request to the table',
  state_agrees:
    'an order whose payment was taken is not pending, failed or closed, save with the money in suspense',
  same_request_same_effect: 'an idempotency key names one order or one refund',
  announced: 'every paid order and every exception is announced at least once',
  nothing_invented: 'nothing is announced, recorded or booked that did not happen',
  nothing_owed: 'once faults stop, everything that is owed is done',
  no_unknown_error: 'nothing throws an error that is a mistake of ours',
} as const;

export type InvariantName = keyof typeof invariants;

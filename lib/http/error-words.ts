/**
 * What an error reply says to a machine, in the header `settle-error`. The list is closed: a word may be added to it,
 * but none changes its meaning (docs/reference/endpoints.md).
 */
export const errorWords = [
  // The request itself.
  'missing_field',
  'unknown_field',
  'invalid_field',
  'amount_too_small',
  'amount_too_large',
  'invalid_body',
  'body_too_large',
  'unsupported_media_type',
  'key_reused',
  // Who asks.
  'unauthenticated',
  'invalid_token',
  'token_expired',
  'invalid_signature',
  'forbidden',
  // What is not there.
  'order_not_found',
  'refund_not_found',
  'exception_not_found',
  'account_not_found',
  'delivery_not_found',
  'transaction_not_found',
  'merchant_not_found',
  // How things are.
  'order_not_payable',
  'already_paid',
  'being_paid',
  'order_not_closable',
  'order_not_changeable',
  'order_changing',
  'order_not_shippable',
  'shipping_corrected',
  'shipping_unsupported',
  'shipping_refused',
  'nothing_to_refund',
  'in_dispute',
  'refund_not_repairable',
  'already_resolved',
  'resolution_not_possible',
  'delivery_changing',
  'too_many_entries',
  'payment_mismatch',
  'payment_not_settled',
  // Who serves it.
  'provider_not_offered',
  'merchant_missing',
  'provider_failed',
  'internal_error',
] as const;

export type ErrorWord = (typeof errorWords)[number];

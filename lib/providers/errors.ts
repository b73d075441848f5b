import type { Provider } from '../orders/kinds.ts';

export type VerificationReason =
  | 'signature_missing'
  | 'signature_malformed'
  | 'signature_mismatch'
  | 'timestamp_out_of_range'
  | 'unknown_key'
  | 'probe';

/** A message that is not proven to come from the provider. Nothing in it may be used. */
export class VerificationError extends Error {
  override readonly name = 'VerificationError';
  readonly reason: VerificationReason;

  constructor(reason: VerificationReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** A message whose form is wrong; `field` is the field to mend, or null when it is the whole. */
export class MalformedMessageError extends Error {
  override readonly name = 'MalformedMessageError';
  readonly field: string | null;

  constructor(field: string | null, message: string) {
    super(message);
    this.field = field;
  }
}

/**
 * A call to a provider that gave no usable answer. `status` is the HTTP status that was received, or null when
 * none was (timeout, connection failure, unverified answer). `code` is the provider's own error code where the
 * refusal that carries it was verified like any answer, so that it may be acted on. The message never holds the
 * provider's raw answer.
 */
export class ProviderCallError extends Error {
  override readonly name = 'ProviderCallError';
  readonly provider: Provider;
  readonly status: number | null;
  readonly code: string | null;

  constructor(provider: Provider, status: number | null, message: string, code: string | null = null) {
    super(message);
    this.provider = provider;
    this.status = status;
    this.code = code;
  }
}

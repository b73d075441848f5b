import type { Provider } from '../orders/kinds.ts';
import type { Wording } from '../wording.ts';

/** A field of our API, and what is wrong with it, in words of ours. */
export interface FieldRefusal {
  readonly field: string;
  readonly word: 'amount_too_small' | 'amount_too_large';
  readonly problem: Wording;
}

/**
 * A call to a provider that gave no usable answer. `status` is the HTTP status that was received, or null when
 * none was (timeout, connection failure, unverified answer). `code` is the provider's own error code where the
 * refusal that carries it was verified like any answer, so that it may be acted on. The message never holds the
 * provider's raw answer. `refusal` says what of the request its caller must change, where asking again is in vain.
 */
export class ProviderCallError extends Error {
  override readonly name = 'ProviderCallError';
  readonly provider: Provider;
  readonly status: number | null;
  readonly code: string | null;
  readonly refusal: FieldRefusal | null;

  constructor(
    provider: Provider,
    status: number | null,
    message: string,
    code: string | null = null,
    refusal: FieldRefusal | null = null,
  ) {
    super(message);
    this.refusal = refusal;
    this.provider = provider;
    this.status = status;
    this.code = code;
  }
}

/** An answer's body, read no further than it may be long; null when it is longer. Rejects as the stream does. */
export async function readBoundedBody({ body }: Response, maximumSize: number): Promise<Buffer | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > maximumSize) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

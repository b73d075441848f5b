/** Who asks, with the key that makes the request the same one when it comes again. */
export interface IdempotentCaller {
  readonly operation: 'checkout' | 'refund';
  readonly subject: string;
  readonly key: string;
}

/** The first request that came with a key. */
export interface IdempotencyRecord extends IdempotentCaller {
  /** The number of what it made. */
  readonly result: string;
  /** The request itself, in one text. */
  readonly request: string;
  readonly expires_at: string;
}

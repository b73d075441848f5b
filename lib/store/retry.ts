import { type Io, jitter } from '../io.ts';

/** A provider waits 5 s for its answer: past this the request is given up, and the provider sends again. */
export const DEADLINE_MS = 4_000;

/** The time and randomness of retries. */
export type RetryIo = Pick<Io, 'now' | 'randomBytes' | 'sleep'> & {
  /** When to give up, in milliseconds since 1970; each operation has a deadline of its own where there is none. */
  readonly deadline?: number;
};

const FIRST_DELAY_MS = 20;
const LONGEST_DELAY_MS = 500;

const throttlingErrors = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'TransactionConflictException',
  'TransactionInProgressException',
]);

const transientCancellations = new Set([
  'ProvisionedThroughputExceeded',
  'ThrottlingError',
  'TransactionConflict',
]);

/**
 * Repeats an operation that failed for a passing reason, with full jitter, until the deadline. The operation must
 * be safe to repeat, also when its reply was lost: ours carry a condition that tells their own earlier write.
 * @throws the operation's last error
 */
export async function withRetries<T>(
  io: RetryIo,
  operation: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = io.deadline ?? io.now() + DEADLINE_MS;
  for (let attempt = 0; ; attempt++) {
    try {
      return await operation(AbortSignal.timeout(Math.max(1, deadline - io.now())));
    } catch (error) {
      const delay_ms = jitter(io, Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt));
      if (!isTransient(error) || io.now() + delay_ms >= deadline) throw error;
      await io.sleep(delay_ms);
    }
  }
}

/** The codes of a cancelled transaction, in the order of its parts; empty when this is another error. */
export function cancellationCodes(error: unknown): string[] {
  const { CancellationReasons: reasons = [] } = (error ?? {}) as {
    CancellationReasons?: { Code?: string }[];
  };
  return reasons.map(({ Code }) => Code ?? 'None');
}

/** A refusal that would come again is final; everything else, a lost or late reply too, may pass. */
function isTransient(error: unknown): boolean {
  const codes = cancellationCodes(error);
  if (codes.length > 0) return codes.some((code) => transientCancellations.has(code));
  // Stryker disable next-line StringLiteral: any name that is none of them
  const { name = '', $metadata } = (error ?? {}) as {
    name?: string;
    $metadata?: { httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode ?? 0;
  return throttlingErrors.has(name) || status < 400 || status >= 500;
}

/** Who is asked, and for whom; null where that is for no one merchant. */
export interface Callee {
  readonly name: string | null;
  readonly merchant: string | null;
}

export interface CircuitBreaker {
  recordFailure(callee: Callee): void;
  /** Whether the callee has failed so often that it is asked no more. */
  isOpen(callee: Callee): boolean;
}

/** Of one merchant, which may be refused for its own sake: nobody else waits for that. */
const MOST_FAILURES = 5;

/** Where so many of a callee's merchants failed so often, it may be down itself, and each other is believed at once. */
const SUSPICIOUS_MERCHANTS = 3;

/**
 * Counts who has failed in a run. Whoever is asked for a merchant that has not failed is asked: that others were refused
 * does not say that its provider is down.
 */
export function createCircuitBreaker(): CircuitBreaker {
  const failures = new Map<string | null, Map<string | null, number>>();
  return {
    recordFailure({ name, merchant }) {
      const byMerchant = failures.get(name) ?? new Map<string | null, number>();
      failures.set(name, byMerchant.set(merchant, (byMerchant.get(merchant) ?? 0) + 1));
    },
    isOpen({ name, merchant }) {
      const byMerchant = failures.get(name) ?? new Map<string | null, number>();
      const down = [...byMerchant.values()].filter((count) => count >= MOST_FAILURES).length;
      const most = down >= SUSPICIOUS_MERCHANTS ? 1 : MOST_FAILURES;
      return (byMerchant.get(merchant) ?? 0) >= most;
    },
  };
}

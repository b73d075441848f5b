/** As many as tenants pay and are paid at once within one execution environment, and more. */
const MOST_PROVEN = 400;
/** What anybody can have read by sending something to a tenant's address. */
const MOST_ASKED_FOR = 100;

/**
 * What was made of documents that are read as they are needed, within a bound. What has proven to be in use is kept
 * apart from what somebody only asked for: strangers who go through all tenants' addresses push out each other's alone.
 */
export interface DocumentCache<T> {
  /** What is held under the name, else what `make` gives, held from now on. */
  get(name: string, make: () => T): T;
  /** It is in use: a genuine message, or a payment of ours. */
  prove(name: string): void;
}

export function createDocumentCache<T>(
  { proven: mostProven, askedFor: mostAskedFor } = { proven: MOST_PROVEN, askedFor: MOST_ASKED_FOR },
): DocumentCache<T> {
  const proven = new Map<string, T>();
  const askedFor = new Map<string, T>();
  return {
    get(name, make) {
      const holder = proven.has(name) ? proven : askedFor;
      const value = holder.get(name) ?? make();
      hold(holder, name, value, holder === proven ? mostProven : mostAskedFor);
      return value;
    },
    prove(name) {
      const value = askedFor.get(name);
      if (value === undefined) return;
      askedFor.delete(name);
      hold(proven, name, value, mostProven);
    },
  };
}

/** As the newest; the one that was not used for longest makes room. */
function hold<T>(holder: Map<string, T>, name: string, value: T, most: number): void {
  holder.delete(name);
  holder.set(name, value);
  const [oldest] = holder.keys();
  if (holder.size > most && oldest !== undefined) holder.delete(oldest);
}

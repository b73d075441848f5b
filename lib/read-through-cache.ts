/** What was read, and for how long it is used before it is read again. */
export interface Reading<T> {
  readonly value: T;
  readonly lasts_ms: number;
}

/** After a failed read what is held stays in use, and the next read waits this long. */
export const RETRY_MS = 15_000;

export interface ReadThroughParts<T> {
  /** Is given what is held, which it may give again. */
  readonly read: (held: T | undefined) => Promise<Reading<T>>;
  readonly now: () => number;
  /** A read has failed while what is held stays in use. */
  readonly onFailure: (error: unknown) => void;
  /** Whether another read would fail alike: with nothing held, it waits too. */
  readonly isLasting?: (error: unknown) => boolean;
}

/**
 * What is held of something that is read elsewhere: read by the first who asks, once for all who ask meanwhile.
 * @param since milliseconds; what was read before then is read again, and is not given when that fails
 * @throws what reading throws then, or where nothing is held
 */
export type ReadThrough<T> = (since?: number) => Promise<T>;

export function createReadThroughCache<T>({
  read,
  now,
  onFailure,
  isLasting = () => false,
}: ReadThroughParts<T>): ReadThrough<T> {
  let held: { readonly value: T } | undefined;
  let readAt = 0;
  let staleAt = 0;
  let failed: { readonly at: number; readonly error: unknown } | undefined;
  let reading: Promise<void> | undefined;

  const refresh = async (): Promise<void> => {
    const began = now();
    try {
      const { value, lasts_ms } = await read(held?.value);
      held = { value };
      readAt = began;
      staleAt = now() + lasts_ms;
    } catch (error) {
      failed = { at: began, error };
      if (!held) throw error;
      staleAt = now() + RETRY_MS;
      onFailure(error);
    } finally {
      reading = undefined;
    }
  };
  const wasTriedSince = (since: number): boolean => Math.max(readAt, failed?.at ?? 0) >= since;
  return async (since = 0) => {
    if (!held && failed && wasTriedSince(since)) {
      if (isLasting(failed.error) && now() < failed.at + RETRY_MS) throw failed.error;
    }
    // A reading that is under way may have begun before then: the next one has not.
    for (let readings = 0; readings < 2; readings++) {
      if (held && now() < staleAt && wasTriedSince(since)) break;
      reading ??= refresh();
      await reading;
    }
    if (!held || (failed && readAt < since)) throw failed?.error;
    return held.value;
  };
}

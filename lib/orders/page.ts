/**
 * A place in a list that is ordered by time, and by key among items of the same time: behind the item of this time
 * and key, or before all items of its time when the key is empty.
 */
export interface Position {
  /** ISO 8601, as it is stored. */
  readonly at: string;
  readonly key: string;
}

/** Part of a list, and where the next part begins; null when there is none. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: Position | null;
}

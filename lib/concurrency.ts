/** Runs a task for each item, so many at once. The tasks handle their own failures: the first rejection rejects. */
export async function forEachConcurrently<T>(
  items: Iterable<T>,
  limit: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  // Shared by the runners, so that each item is taken by one of them.
  const rest = items[Symbol.iterator]();
  const run = async () => {
    for (let next = rest.next(); !next.done; next = rest.next()) await task(next.value);
  };
  await Promise.all(Array.from({ length: limit }, run));
}

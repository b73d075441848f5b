/** As many as one request to the store takes. */
const CHUNK_SIZE = 100;
const CHUNKS_AT_ONCE = 8;

/** What the task makes of each 100 items, in their order, with 8 such groups under way at once. */
export async function* mapInChunks<T, R>(
  items: AsyncIterable<T>,
  task: (chunk: readonly T[]) => Promise<R>,
): AsyncGenerator<R> {
  const underWay: Promise<R>[] = [];
  for await (const chunk of inChunks(items)) {
    const result = task(chunk);
    // Awaited in its turn; until then its failure is nobody's.
    result.catch(() => {});
    underWay.push(result);
    const first = underWay.length === CHUNKS_AT_ONCE ? underWay.shift() : undefined;
    if (first) yield await first;
  }
  for (const result of underWay) yield await result;
}

async function* inChunks<T>(items: AsyncIterable<T>): AsyncGenerator<T[]> {
  let chunk: T[] = [];
  for await (const item of items) {
    chunk.push(item);
    if (chunk.length === CHUNK_SIZE) {
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}

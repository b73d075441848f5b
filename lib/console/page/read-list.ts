import type { ApiClient } from './api-client.ts';
import type { Query } from './route.ts';

export interface List<Item> {
  readonly items: readonly Item[];
  /** Where to go on; null at the end. */
  readonly cursor: string | null;
}

export const PAGE_SIZE = 50;
const MOST_REQUESTS = 8;

/**
 * A page of a list. The API's own pages may be short where a filter leaves out what it has read: it is asked on until
 * the page is full, so often at most. @throws ApiFailure
 */
export async function readList<Page extends { readonly cursor: string | null }, Item>(
  api: ApiClient,
  path: string,
  query: Query,
  itemsOf: (page: Page) => readonly Item[],
  signal: AbortSignal,
): Promise<List<Item>> {
  const items: Item[] = [];
  let cursor: string | null = query['cursor'] ?? null;
  for (let request = 0; request < MOST_REQUESTS; request += 1) {
    const limit = String(PAGE_SIZE - items.length);
    const page: Page = await api.get<Page>(path, { ...query, limit, cursor: cursor ?? undefined }, signal);
    items.push(...itemsOf(page));
    cursor = page.cursor;
    if (cursor === null || items.length >= PAGE_SIZE) break;
  }
  return { items, cursor };
}

import type { MeteredRequest } from '../../support/dynamodb-meter.ts';

/** The keys of all items that these requests named to be written. */
export const writtenItems = (requests: readonly MeteredRequest[]): ReadonlySet<string> =>
  new Set(requests.flatMap(({ writes }) => writes.map(({ key }) => JSON.stringify(key))));

/** The items that were written for more than one order; each group holds what was asked for one of them. */
export function itemsOfSeveralOrders(groups: readonly (readonly MeteredRequest[])[]): string[] {
  const counts = new Map<string, number>();
  for (const group of groups) {
    for (const item of writtenItems(group)) counts.set(item, (counts.get(item) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count > 1).map(([item]) => item);
}

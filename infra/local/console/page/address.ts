import { noFilter, type OrderFilter } from '../rows.ts';

/** What the address bar names. */
export type Route =
  | { readonly view: 'orders'; readonly filter: OrderFilter }
  | { readonly view: 'charts' }
  | { readonly view: 'inbox' }
  | { readonly view: 'order'; readonly order_no: string };

export const orderLink = (order_no: string): string => `#/orders/${encodeURIComponent(order_no)}`;

/** The list of orders with what it is filtered by. */
export function ordersLink(filter: OrderFilter): string {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ''));
  return query.size === 0 ? '#/' : `#/?${query}`;
}

/** What an address names behind its `#`. */
export function parseRoute(hash: string): Route {
  const order = /^#\/orders\/(.+)$/.exec(hash)?.[1];
  if (order !== undefined) return { view: 'order', order_no: decodeURIComponent(order) };
  if (hash === '#/inbox') return { view: 'inbox' };
  if (hash === '#/charts') return { view: 'charts' };
  const query = new URLSearchParams(/\?(.*)$/.exec(hash)?.[1]);
  const filter = Object.fromEntries(Object.keys(noFilter).map((name) => [name, query.get(name) ?? '']));
  return { view: 'orders', filter: { ...noFilter, ...filter } };
}

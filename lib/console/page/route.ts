/** The filters of a view, as its address has them. */
export type Query = Readonly<Record<string, string>>;

export const views = ['orders', 'exceptions', 'ledger', 'reconciliation', 'webhooks'] as const;
export type View = (typeof views)[number];

export type Route =
  | { readonly view: View; readonly query: Query }
  | { readonly view: 'order'; readonly order_no: string; readonly query: Query }
  | { readonly view: 'signed_in' | 'nowhere'; readonly query: Query };

export const ROOT = '/console';

/** Where the issuer leads back to after a sign-in. */
export const SIGNED_IN_PATH = `${ROOT}/signed-in`;

/** The address of a view; what is undefined or empty is left out of its query. */
export function linkTo(view: View, query: Readonly<Record<string, string | undefined>> = {}): string {
  return `${ROOT}/${view}${queryText(query)}`;
}

export const orderLink = (order_no: string): string => `${ROOT}/orders/${encodeURIComponent(order_no)}`;

export function queryText(query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter(([, value]) => value) as [string, string][];
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

/** What an address of the console shows. */
export function parseRoute({ pathname, search }: Pick<URL, 'pathname' | 'search'>): Route {
  const query = Object.fromEntries(new URLSearchParams(search));
  const [view = '', part, ...rest] = pathname
    .slice(ROOT.length)
    .replace(/^\/|\/$/g, '')
    .split('/');
  if (view === '') return { view: 'orders', query };
  const order_no = view === 'orders' && rest.length === 0 && part ? decode(part) : null;
  if (order_no) return { view: 'order', order_no, query };
  if (part === undefined && view === 'signed-in') return { view: 'signed_in', query };
  const known = part === undefined ? views.find((name) => name === view) : undefined;
  return { view: known ?? 'nowhere', query };
}

function decode(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

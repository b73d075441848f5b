import { useEffect, useState } from 'preact/hooks';

export type Route =
  | { readonly view: 'orders' }
  | { readonly view: 'charts' }
  | { readonly view: 'inbox' }
  | { readonly view: 'order'; readonly order_no: string };

export const orderLink = (order_no: string): string => `#/orders/${encodeURIComponent(order_no)}`;

export function goTo(hash: string): void {
  location.hash = hash;
}

function read(): Route {
  const order = /^#\/orders\/(.+)$/.exec(location.hash)?.[1];
  if (order !== undefined) return { view: 'order', order_no: decodeURIComponent(order) };
  if (location.hash === '#/inbox') return { view: 'inbox' };
  return location.hash === '#/charts' ? { view: 'charts' } : { view: 'orders' };
}

/** Where the address bar says that we are. */
export function useRoute(): Route {
  const [route, setRoute] = useState(read);
  useEffect(() => {
    const follow = () => {
      setRoute(read());
      scrollTo(0, 0);
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return route;
}

import { useEffect, useState } from 'preact/hooks';
import type { OrderFilter } from '../rows.ts';
import { ordersLink, parseRoute } from './address.ts';

export function goTo(hash: string): void {
  location.hash = hash;
}

/** The list as it was last looked at, to come back to. */
let latestList = '#/';
export const backToOrders = (): string => latestList;

/** Where the address bar says that we are; a filter takes the place of the one before it there. */
export function useRoute() {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  if (route.view === 'orders') latestList = ordersLink(route.filter);
  useEffect(() => {
    const follow = () => {
      setRoute(parseRoute(location.hash));
      scrollTo(0, 0);
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const setFilter = (filter: OrderFilter) => {
    history.replaceState(null, '', ordersLink(filter));
    setRoute({ view: 'orders', filter });
  };
  return { route, setFilter };
}

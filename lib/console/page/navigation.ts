import { useEffect, useState } from 'preact/hooks';
import { parseRoute, queryText, ROOT, type Route } from './route.ts';

const MOVED = 'settle-moved';

/** Shows another address of the console, without loading the page again. */
export function navigate(address: string, { replace = false } = {}): void {
  history[replace ? 'replaceState' : 'pushState'](null, '', address);
  dispatchEvent(new Event(MOVED));
}

/** Changes filters in the address: undefined or empty takes one out. Every change of a filter leaves the page of a list. */
export function changeQuery(changes: Readonly<Record<string, string | undefined>>): void {
  const current = Object.fromEntries(new URLSearchParams(location.search));
  navigate(location.pathname + queryText({ ...current, cursor: undefined, ...changes }));
}

/** Where the address bar says that we are. */
export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location));
  useEffect(() => {
    const follow = () => setRoute(parseRoute(location));
    addEventListener('popstate', follow);
    addEventListener(MOVED, follow);
    document.addEventListener('click', followLink);
    return () => {
      removeEventListener('popstate', follow);
      removeEventListener(MOVED, follow);
      document.removeEventListener('click', followLink);
    };
  }, []);
  return route;
}

/** A link within the console shows its view in place, unless its user asks for another tab or window. */
function followLink(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  const isPlain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (!link || !isPlain || event.defaultPrevented || link.target || link.hasAttribute('download')) return;
  const { origin, pathname, search, hash } = link;
  const isOfConsole = origin === location.origin && (pathname === ROOT || pathname.startsWith(`${ROOT}/`));
  if (!isOfConsole || hash) return;
  event.preventDefault();
  navigate(pathname + search);
  scrollTo(0, 0);
}

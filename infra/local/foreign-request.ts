import type { IncomingMessage } from 'node:http';

/** Names of this machine: any other leads here only because somebody's DNS says so. */
const ownHost = /^(127\.0\.0\.1|localhost)(:\d+)?$/;

export type Refusal = 421 | 403;

type Asked = Pick<IncomingMessage, 'method' | 'headers'>;

/**
 * How a request is refused that a page of a stranger made a browser send, or null for any other. Whoever listens on this
 * machine alone is still reached by each page that is open on it: under a host name of its own that leads here, which
 * makes the page and this server one site to the browser, or by a form, an image or a frame.
 */
export function refuseForeign(request: Asked): Refusal | null {
  return refuseForeignHost(request) ?? (isFromForeignPage(request) ? 403 : null);
}

/** The same, where pages of others may ask. */
export const refuseForeignHost = ({ headers }: Asked): Refusal | null =>
  ownHost.test(headers.host ?? '') ? null : 421;

/**
 * Told by what a browser says of itself and no page can change (Fetch, "Forbidden request-header"; Fetch Metadata Request
 * Headers). A link that is followed is nobody's request but the user's; the page that it opens is out of reach.
 */
function isFromForeignPage({ method, headers }: Asked): boolean {
  const {
    origin,
    host,
    'sec-fetch-site': site,
    'sec-fetch-mode': mode,
    'sec-fetch-dest': destination,
  } = headers;
  if (site === undefined) return origin !== undefined && origin !== `http://${host}`;
  if (site === 'same-origin' || site === 'none') return false;
  return method !== 'GET' || mode !== 'navigate' || destination !== 'document';
}

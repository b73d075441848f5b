import type { LookupAddress } from 'node:dns';
import { forEachConcurrently } from '../../../lib/concurrency.ts';
import { isLoopback } from '../../../lib/config/document.ts';
import { parseWebhooksDocument, type WebhooksConfig } from '../../../lib/config/webhooks.ts';
import { isPublicAddress } from '../../../lib/public-address.ts';
import { isFailing } from '../../../lib/webhooks/attempt-schedule.ts';
import { type EndpointState, receiverOf } from '../../../lib/webhooks/delivery.ts';
import type { DeliveryStore } from '../../../lib/webhooks/delivery-store.ts';
import type { HeldWebhooks } from '../documents/held-webhooks.ts';
import { fault, ok, type Result, unknown, unreadable, warning } from './check.ts';

/** The addresses of a host. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

export interface EndpointPorts {
  /** Null where the table of deliveries is not known. */
  readonly store: Pick<DeliveryStore, 'listEndpoints'> | null;
  readonly resolve: Resolve;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const CONCURRENT_ENDPOINTS = 8;

/**
 * Whether what is told of events can be reached, and takes what it is told.
 * @param tenant_id the tenant of whose endpoint all is told; of those of all others, what is wrong
 */
export async function checkEndpoints(
  endpoints: readonly HeldWebhooks[],
  tenant_id: number | null,
  ports: EndpointPorts,
): Promise<Result[]> {
  const states = await (ports.store?.listEndpoints() ?? Promise.resolve([])).catch((error: Error) => error);
  if (states instanceof Error) return [unreadable('endpoints', states)];
  const results: Result[] = [];
  await forEachConcurrently(endpoints.entries(), CONCURRENT_ENDPOINTS, async ([index, held]) => {
    const config = parsed(held);
    const { tenant_id: owner } = held;
    if (!config || (owner !== null && tenant_id !== null && owner !== tenant_id)) return;
    const state = states.find(({ receiver }) => receiver === receiverOf(owner)) ?? null;
    const check = `endpoint of ${owner === null ? 'the stage' : `tenant ${owner}`}`;
    const result = await checkEndpoint(check, config, state, ports);
    if (owner === null || owner === tenant_id || result.level !== 'ok') results[index] = result;
  });
  return results.flat();
}

/** What is wrong with it, its own check says. */
function parsed({ document }: HeldWebhooks): WebhooksConfig | null {
  try {
    return parseWebhooksDocument('webhooks', document, { allowLoopback: true });
  } catch {
    return null;
  }
}

async function checkEndpoint(
  check: string,
  { url, secrets }: WebhooksConfig,
  state: EndpointState | null,
  { resolve, now }: EndpointPorts,
): Promise<Result> {
  const problem = isLoopback(url.href) ? null : await checkAddress(check, url, resolve);
  if (problem) return problem;
  if (state && state.failing_since !== null) {
    const since = `has taken nothing since ${state.failing_since}, in ${state.failures} attempts`;
    const level = isFailing(state, now) ? fault : warning;
    return level(check, `${since}. Look at the runbook, "endpoint-failing"`);
  }
  const rotation = secrets.length > 1 ? '; it has two secrets, as during a rotation' : '';
  // What is in the address besides may be secret.
  return ok(check, `${url.origin}, and nothing fails${rotation}`);
}

/** Null when all of its addresses are public ones. */
async function checkAddress(check: string, { hostname }: URL, resolve: Resolve): Promise<Result | null> {
  const host = hostname.replace(/^\[|\]$/g, '');
  try {
    const addresses = await resolve(host);
    if (addresses.length > 0 && addresses.every(({ address }) => isPublicAddress(address))) return null;
    return fault(
      check,
      `${host} has an address that is not a public one: nothing is sent there. Mend its name`,
    );
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTFOUND' && code !== 'ENODATA') {
      return unknown(check, `could not be found out: no word of ${host} (${code})`);
    }
    return fault(
      check,
      `${host} has no address: nothing is sent there. Mend its name, or url in its document`,
    );
  }
}

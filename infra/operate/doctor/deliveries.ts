import { isoTime } from '../../../lib/io.ts';
import { type Delivery, type Receiver, tenantOf } from '../../../lib/webhooks/delivery.ts';
import type { DeliveryStore } from '../../../lib/webhooks/delivery-store.ts';
import { fault, ok, type Result, unreadable, warning } from './check.ts';

type Store = Pick<DeliveryStore, 'list' | 'listDue' | 'listEndpoints'>;

/** The release takes what is due every minute: what waits longer is more than it manages, or is not taken. */
const LONGEST_WAIT_MS = 15 * 60_000;

/**
 * Whether the table of deliveries holds what should have been attempted long ago, or what was given up lately.
 * @param now milliseconds since 1970
 */
export const checkDeliveries = (store: Store, now: number): Promise<Result[]> =>
  Promise.all([checkOverdue(store, now), checkGivenUp(store, now)]);

async function checkOverdue(store: Store, now: number): Promise<Result> {
  const check = 'overdue deliveries';
  try {
    const due = await store.listDue(isoTime(now - LONGEST_WAIT_MS), 1);
    const [first] = due.toSorted((one, other) => (one.due_at < other.due_at ? -1 : 1));
    if (!first) return ok(check, 'none');
    const problem = 'nobody attempts it. Look at the logs of release-deliveries and deliver-webhook';
    return fault(check, `${first.event_id}, to ${whose(first.receiver)}, since ${first.due_at}: ${problem}`);
  } catch (error) {
    return unreadable(check, error);
  }
}

const DAY_MS = 86_400_000;
/** From the event to the last attempt, and the day that is looked at. */
const LOOK_BACK_MS = 5 * DAY_MS;
const PER_PAGE = 100;
/** Each reads some thousand deliveries. */
const MOST_PAGES = 5;

/** Of endpoints that ever failed: the others have taken everything. */
async function checkGivenUp(store: Store, now: number): Promise<Result> {
  const check = 'deliveries given up';
  try {
    const deliveries: Delivery[] = [];
    let isCut = false;
    for (const { receiver } of await store.listEndpoints()) {
      const found = await readGivenUp(store, receiver, now);
      deliveries.push(...found.deliveries);
      isCut ||= found.isCut;
    }
    const latest = deliveries.toSorted(byEnd).at(-1);
    if (!latest) return ok(check, `none in the last day${isCut ? ', as far as was looked' : ''}`);
    const { type, order_no, reason, ended_at, receiver } = latest;
    const count = `${isCut ? 'more than ' : ''}${deliveries.length} in the last day`;
    const last = `the last ${type} of ${order_no ?? 'no order'}, to ${whose(receiver)}, at ${ended_at} (${reason})`;
    return warning(check, `${count}, ${last}. Look at the runbook, "deliveries-given-up"`);
  } catch (error) {
    return unreadable(check, error);
  }
}

const byEnd = (one: Delivery, other: Delivery): number =>
  (one.ended_at ?? '') < (other.ended_at ?? '') ? -1 : 1;

async function readGivenUp(store: Store, receiver: Receiver, now: number) {
  const since = isoTime(now - DAY_MS);
  const deliveries: Delivery[] = [];
  const period = { from: isoTime(now - LOOK_BACK_MS), to: isoTime(now) };
  let after = null;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const query = { receiver, ...period, state: 'given_up', after, limit: PER_PAGE } as const;
    const { items, next }: Awaited<ReturnType<DeliveryStore['list']>> = await store.list(query);
    deliveries.push(...items.filter(({ ended_at }) => ended_at !== null && ended_at >= since));
    if (!next) return { deliveries, isCut: false };
    after = next;
  }
  return { deliveries, isCut: true };
}

function whose(receiver: Receiver): string {
  const tenant_id = tenantOf(receiver);
  return tenant_id === null ? 'the stage' : `tenant ${tenant_id}`;
}

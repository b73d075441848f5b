import { forEachConcurrently } from '../concurrency.ts';
import { isoTime } from '../io.ts';
import { nextAnnouncement, nextReading } from '../orders/schedule.ts';
import { announcementKinds, orderNumberOf } from '../store/keys.ts';
import type { WorkStore } from '../store/work-store.ts';
import { type AnnounceContext, announce, CONCURRENT_WRITES } from './announce.ts';
import { occurredAt } from './announcement.ts';
import { type OwingItem, type ReadableItem, readOwingItem } from './owing-item.ts';

export interface AnnouncementSweep {
  readonly context: AnnounceContext;
  readonly work: Pick<WorkStore, 'listDue' | 'postponeWork'>;
  readonly now: () => number;
}

/** Of each kind, so that no number of payments hides an alert: enough to fill the messages of one run. */
const DUE_PER_SHARD = 50;

/**
 * Announces what the stream consumer could not. What a message announces is put off before it is sent, longer each
 * time, so that several sweeps do not make an announcement twice and one that is not taken does not hold up the rest.
 * @returns how many items were announced and how many were due, and for how long people wait for the oldest of these
 */
export async function sweepAnnouncements(
  sweep: AnnouncementSweep,
): Promise<{ readonly announced: number; readonly overdue: number; readonly oldest_ms: number }> {
  const { context, work, now } = sweep;
  const start = now();
  const lists = announcementKinds.map((kind) => work.listDue(kind, isoTime(start), DUE_PER_SHARD));
  const due = (await Promise.all(lists)).flat().map(readOwingItem);
  const waited = due.map((item) => start - waitingSince(item));
  await postponeNewer(
    due.filter(({ isNewer }) => isNewer),
    sweep,
  );
  const announced = await announce(due, context, (message) => claim(message, sweep));
  return { announced, overdue: due.length, oldest_ms: Math.max(0, ...waited) };
}

/** Of an item that cannot be read, only when it was due is known. */
const waitingSince = ({ announcement, work_due }: OwingItem): number =>
  announcement ? occurredAt(announcement) : Date.parse(work_due);

/** What only newer code understands gives way to what is due after it. */
async function postponeNewer(items: readonly OwingItem[], sweep: AnnouncementSweep): Promise<void> {
  const next = nextReading(sweep.now());
  await forEachConcurrently(items, CONCURRENT_WRITES, async (item) => {
    await postpone(item, next, sweep);
  });
}

/** Puts off what is announced now. @returns the items that no other sweep has put off since they were read */
async function claim(items: readonly ReadableItem[], sweep: AnnouncementSweep): Promise<ReadableItem[]> {
  const claimed = new Set<ReadableItem>();
  await forEachConcurrently(items, CONCURRENT_WRITES, async (item) => {
    const next = nextAnnouncement(occurredAt(item.announcement), sweep.now());
    if (await postpone(item, next, sweep)) claimed.add(item);
  });
  return items.filter((item) => claimed.has(item));
}

/** @returns whether nobody else has put it off since it was read, and the store has taken it */
async function postpone(
  item: OwingItem,
  next: number,
  { context, work }: AnnouncementSweep,
): Promise<boolean> {
  try {
    return await work.postponeWork(item.key, item, isoTime(next));
  } catch (error) {
    const fields = {
      order_no: orderNumberOf(item.key),
      outcome: 'left',
      reason: 'the next sweep announces it',
    };
    context.telemetry.log('error', 'announcement', fields, { error });
    return false;
  }
}

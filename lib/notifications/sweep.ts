import type { StoredItem } from '../store/conditional-write.ts';
import { type AnnounceContext, announce, park } from './announce.ts';
import { readOwedItems } from './owed-item.ts';

export interface AnnouncementSweep {
  readonly context: AnnounceContext;
  /** What owes an announcement that is due, at most so many. */
  readonly listDue: (now: string) => Promise<StoredItem[]>;
  /** Puts an item's announcement off, so that another sweep does not make it too. @returns whether it was ours */
  readonly postpone: (item: StoredItem, work_due: string) => Promise<boolean>;
  readonly now: () => number;
}

const SHORTEST_DELAY_MS = 5 * 60_000;
const LONGEST_DELAY_MS = 3_600_000;

/** Announces what the stream consumer could not. A robot that takes nothing is tried less and less often. */
export async function sweepAnnouncements({
  context,
  listDue,
  postpone,
  now,
}: AnnouncementSweep): Promise<number> {
  const due = await listDue(new Date(now()).toISOString());
  const claimed = await Promise.all(
    due.map(async (item) => ((await postpone(item, nextAttempt(item, now()))) ? [item] : [])),
  );
  const { owed, unreadable } = readOwedItems(claimed.flat());
  await park(unreadable, context);
  await announce(owed, context);
  return owed.length;
}

function nextAttempt(item: StoredItem, now: number): string {
  const since = Date.parse(String(item['paid_at'] ?? item['recorded_at']));
  const waited_ms = Number.isNaN(since) ? 0 : now - since;
  const delay_ms = Math.min(LONGEST_DELAY_MS, Math.max(SHORTEST_DELAY_MS, waited_ms / 2));
  return new Date(now + delay_ms).toISOString();
}

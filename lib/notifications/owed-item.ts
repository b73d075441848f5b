import { type ItemKey, owesAnnouncement } from '../store/keys.ts';
import { type Announcement, readAnnouncement } from './announcement.ts';

/** An item that owes an announcement. */
export interface OwingItem {
  readonly key: ItemKey;
  /** What it owed when it was read. */
  readonly work: string;
}

export interface OwedItem extends OwingItem {
  readonly announcement: Announcement;
}

/** What stored items have to announce, and those that owe something which nothing can be made of. */
export function readOwedItems(items: readonly Readonly<Record<string, unknown>>[]): {
  readonly owed: OwedItem[];
  readonly unreadable: OwingItem[];
} {
  const owed: OwedItem[] = [];
  const unreadable: OwingItem[] = [];
  for (const item of items) {
    const { pk, sk, work } = item;
    if (typeof work !== 'string' || !owesAnnouncement(work)) continue;
    const owing = { key: { pk: String(pk), sk: String(sk) }, work };
    const announcement = readAnnouncement(item);
    if (announcement) owed.push({ ...owing, announcement });
    else unreadable.push(owing);
  }
  return { owed, unreadable };
}

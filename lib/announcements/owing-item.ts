import type { StoredItem } from '../store/conditional-write.ts';
import type { Work } from '../store/items.ts';
import type { ItemKey } from '../store/keys.ts';
import { isReadableVersion } from '../store/schema.ts';
import { type Announcement, readAnnouncement } from './announcement.ts';

/** A stored item that owes an announcement, with what it owed when it was read. */
export interface OwingItem extends Work {
  readonly key: ItemKey;
  /** Null when nothing can be made of the item. */
  readonly announcement: Announcement | null;
  /** Whether the item is of a version of its schema that this code does not understand. */
  readonly isNewer: boolean;
}

export type ReadableItem = OwingItem & { readonly announcement: Announcement };

export function readOwingItem(item: StoredItem): OwingItem {
  const { pk, sk, work, work_due } = item;
  const key = { pk: String(pk), sk: String(sk) };
  const isNewer = !isReadableVersion(item);
  return {
    key,
    work: String(work),
    work_due: String(work_due),
    announcement: isNewer ? null : readAnnouncement({ ...item, ...key }),
    isNewer,
  };
}

export const isReadable = <T extends OwingItem>(item: T): item is T & ReadableItem =>
  item.announcement !== null;

import type { StoredItem } from './conditional-write.ts';
import type { ItemKind } from './keys.ts';

/** Makes an item of one version into one of the next. Pure; keeps the keys. */
export type Upgrade = (item: StoredItem) => StoredItem;

/** What this code knows of one kind of item. `docs/migrations.md` says how a version is changed. */
export interface ItemSchema {
  /** The version that is written; the newest that is understood, or during a migration the one before. */
  readonly written: number;
  /** From version 1 on, each to the next: where they end is the newest version that is understood. */
  readonly upgrades: readonly Upgrade[];
}

export type ItemSchemas = Readonly<Record<ItemKind, ItemSchema>>;

export const itemSchemas: ItemSchemas = {
  order: { written: 1, upgrades: [] },
  payment: { written: 1, upgrades: [] },
  suspense: { written: 1, upgrades: [] },
  refund: { written: 1, upgrades: [] },
  return: { written: 1, upgrades: [] },
  dispute: { written: 1, upgrades: [] },
  shipping: { written: 1, upgrades: [] },
  entry: { written: 1, upgrades: [] },
  exception: { written: 1, upgrades: [] },
  idempotency: { written: 1, upgrades: [] },
  day: { written: 1, upgrades: [] },
  tenant: { written: 1, upgrades: [] },
  delivery: { written: 1, upgrades: [] },
  endpoint: { written: 1, upgrades: [] },
};

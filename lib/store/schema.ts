import type { StoredItem } from './conditional-write.ts';
import { itemSchemas } from './item-schemas.ts';
import { type ItemKey, type ItemKind, itemKindOf } from './keys.ts';

/** An item is of a version that this code does not understand: it is neither read nor written. */
export class SchemaVersionError extends Error {
  override readonly name = 'SchemaVersionError';
}

/** The attribute that says of which version an item is; every item that is put carries it. */
export const schemaAttribute = (kind: ItemKind) => ({ schema: itemSchemas[kind].written });

/**
 * The item as the newest version has it. One that names no version is of version 1.
 * @throws SchemaVersionError
 */
export function readItem(item: StoredItem, schemas = itemSchemas): StoredItem & ItemKey {
  const key = keyOf(item);
  const { schema = 1 } = item;
  const { upgrades } = schemas[kindOf(key)];
  const newest = upgrades.length + 1;
  if (!Number.isInteger(schema) || Number(schema) < 1 || Number(schema) > newest) {
    throw new SchemaVersionError(
      `${nameOf(key)} has the schema version ${Number(schema)}, and this code understands 1 to ${newest}`,
    );
  }
  const upgraded = upgrades
    .slice(Number(schema) - 1)
    .reduce((older: StoredItem, upgrade) => upgrade(older), item);
  return { ...upgraded, ...key, schema: newest };
}

/** Whether `readItem` reads the item. */
export function isReadableVersion(item: StoredItem): boolean {
  try {
    readItem(item);
    return true;
  } catch (error) {
    if (error instanceof SchemaVersionError) return false;
    throw error;
  }
}

/** The newest version that this code understands. */
export const newestVersion = (kind: ItemKind): number => itemSchemas[kind].upgrades.length + 1;

function keyOf({ pk, sk }: StoredItem): ItemKey {
  if (typeof pk !== 'string' || typeof sk !== 'string') throw new SchemaVersionError('an item has no key');
  return { pk, sk };
}

function kindOf(key: ItemKey): ItemKind {
  const kind = itemKindOf(key);
  if (kind === null) throw new SchemaVersionError('an item is of a kind that this code does not know');
  return kind;
}

/** An idempotency key's item is named after its caller, which is for nobody to read. */
const nameOf = (key: ItemKey): string =>
  kindOf(key) === 'idempotency' ? 'an idempotency key' : `${key.pk} ${key.sk}`;

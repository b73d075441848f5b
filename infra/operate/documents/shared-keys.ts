import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { rsaPrivateKey } from '../../../lib/config/document.ts';
import { type HeldMerchant, heldMerchants } from './held-merchant.ts';
import { type HeldWebhooks, heldWebhooks } from './held-webhooks.ts';
import { textsIn, topField } from './inspect/texts.ts';
import type { Document } from './stored-document.ts';

/** Two documents that have something in common which only one merchant may have. Names fields, never a value. */
export interface Shared {
  /** Where the documents stand. */
  readonly place: string;
  readonly other: string;
  /** What they share, in words that stand between the two places. */
  readonly problem: string;
}

/** What holds keys: of a merchant, or of an endpoint that is told of events. */
type KeyHolder = HeldMerchant | HeldWebhooks;

/** What proves who sent or asked: whoever holds it of two can speak for either. */
const keyFields: ReadonlySet<string> = new Set([
  'private_key',
  'apiv3_key',
  'callback_keys',
  'secret_key',
  'webhook_secrets',
  'secrets',
]);

/** It opens an app, under whichever merchants that app is. */
const isAppSecret = (field: string): boolean => /^apps\.[^.]+\.secret$/.test(field);

interface Mark {
  readonly held: KeyHolder;
  /** Null of the merchant itself. */
  readonly field: string | null;
}

/**
 * Which merchants and endpoints of these documents share a key with another, or are one and the same in two places.
 * Documents of one merchant that are of one owner are one document that was changed on the way, and may share all. Keys
 * are compared by digest.
 * @param documents by their names below the stage
 */
export function findShared(documents: readonly (readonly [name: string, document: Document])[]): Shared[] {
  const all: readonly KeyHolder[] = [...heldMerchants(documents), ...heldWebhooks(documents)];
  const marks = Map.groupBy(
    all.flatMap((held) => marksOf(held)),
    ({ digest }) => digest,
  );
  return [...marks.values()].flatMap((same) =>
    same.flatMap((mark, index) =>
      same
        .slice(0, index)
        .filter((earlier) => !isSameDocument(earlier.held, mark.held) && !isSameApp(earlier, mark))
        .map((earlier) => describe(mark, earlier)),
    ),
  );
}

const isSameDocument = (one: KeyHolder, other: KeyHolder): boolean =>
  one.place === other.place ||
  (nameOf(one) !== null && nameOf(one) === nameOf(other) && one.tenant_id === other.tenant_id);

/** Of a merchant; null of one whose document is refused, and of an endpoint. */
const nameOf = (held: KeyHolder): string | null =>
  'merchant' in held && held.merchant !== null ? `merchant ${held.provider} ${held.merchant}` : null;

/** Several merchants may be paid in one app, which has one secret. */
const isSameApp = (one: Mark, other: Mark): boolean =>
  one.field !== null && isAppSecret(one.field) && one.field === other.field;

function describe(mark: Mark, earlier: Mark): Shared {
  const problem =
    mark.field === null || earlier.field === null
      ? 'is of the same merchant as'
      : `has in ${mark.field} the same key as ${earlier.field} of`;
  return { place: mark.held.place, other: earlier.held.place, problem };
}

function marksOf(held: KeyHolder): (Mark & { readonly digest: string })[] {
  const keys = textsIn(held.document).filter(
    ({ field }) => keyFields.has(topField(field)) || isAppSecret(field),
  );
  const name = nameOf(held);
  return [
    ...(name === null ? [] : [{ held, field: null, digest: name }]),
    ...keys.map(({ field, text }) => ({ held, field, digest: digestOf(field, text) })),
  ];
}

/** Of a private key what it is, however it is written. */
function digestOf(field: string, text: string): string {
  const parsed = field === 'private_key' ? rsaPrivateKey.safeParse(text) : null;
  const content = parsed?.success ? publicHalf(parsed.data) : text;
  return createHash('sha256').update(content).digest('base64');
}

const publicHalf = (key: KeyObject): Buffer => createPublicKey(key).export({ type: 'spki', format: 'der' });

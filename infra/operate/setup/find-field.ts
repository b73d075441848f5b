import type { DocumentName } from '../../endpoints.ts';
import type { DocumentField } from '../command/document-fields.ts';
import type { Document } from './document-file.ts';
import { findStripeAccount } from './stripe-account.ts';

/** What a field is by those that are given; null where that is not to be found out. */
export type FindField = (field: DocumentField, given: Document) => Promise<string | null>;

const finders: Readonly<Partial<Record<DocumentName, typeof findStripeAccount>>> = {
  stripe: findStripeAccount,
};

/** How a document's fields are found out, over the HTTP that is passed in. */
export const createFindField =
  (name: DocumentName, fetch: typeof globalThis.fetch): FindField =>
  async ({ found }, given) =>
    found ? ((await finders[name]?.(given, fetch)) ?? null) : null;

import { findStripeAccount, stripe } from '../../../lib/providers/stripe/index.ts';
import type { DocumentName } from '../../endpoints.ts';
import type { DocumentField } from '../documents/document-fields.ts';
import type { Document } from '../documents/stored-document.ts';

/** What a field is by those that are given; null where that is not to be found out. */
export type FindField = (field: DocumentField, given: Document) => Promise<string | null>;

const finders: Readonly<Partial<Record<DocumentName, typeof askStripeAccount>>> = {
  stripe: askStripeAccount,
};

/** How a document's fields are found out, over the HTTP that is passed in. */
export const createFindField =
  (name: DocumentName, fetch: typeof globalThis.fetch): FindField =>
  async ({ found }, given) =>
    found ? ((await finders[name]?.(given, fetch)) ?? null) : null;

/** Only so that the rest of a document that has none yet can be read. */
const UNKNOWN_ACCOUNT = 'acct_0000000000000000';

/** Whose a document's secret key is, as Stripe says; null where the key is not good, or may not ask. */
async function askStripeAccount(document: Document, fetch: typeof globalThis.fetch): Promise<string | null> {
  try {
    const config = stripe.parseDocument({ ...document, account: UNKNOWN_ACCOUNT });
    return await findStripeAccount(config, { fetch });
  } catch {
    // A document that is not good is refused with its reasons later, and whom Stripe does not tell is asked.
    return null;
  }
}

import { parseStripeDocument } from '../../../lib/config/stripe.ts';
import { createStripeClient } from '../../../lib/providers/stripe/client.ts';
import type { Document } from './document-file.ts';

/** Only so that the rest of a document that has none yet can be read. */
const UNKNOWN_ACCOUNT = 'acct_0000000000000000';

/** Whose a document's secret key is, as Stripe says; null where the key is not good, or may not ask. */
export async function findStripeAccount(
  document: Document,
  fetch: typeof globalThis.fetch,
): Promise<string | null> {
  try {
    const config = parseStripeDocument({ ...document, account: UNKNOWN_ACCOUNT });
    const { id } = await createStripeClient(config, { fetch }).accounts.retrieveCurrent();
    return id;
  } catch {
    // A document that is not good is refused with its reasons later, and whom Stripe does not tell is asked.
    return null;
  }
}

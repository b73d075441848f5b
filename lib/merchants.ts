import { createDocumentLoader, type DocumentSource } from './config/documents.ts';
import type { Provider } from './orders/kinds.ts';
import type { Merchant, Merchants } from './orders/provider-gateway.ts';
import type { Receivers } from './providers/message.ts';
import type { Bill, FromDocument, OpenBill, OpenParts, ProviderFace } from './providers/provider.ts';

/** The one place that knows where the documents of merchants are. Reading them begins at once, as a function loads. */

export interface MerchantParts extends OpenParts {
  readonly documents: DocumentSource;
}

/**
 * The merchants of a stage at these providers.
 * @throws (each call) DocumentError when the document is refused, and what reading it throws
 */
export function createMerchants(parts: MerchantParts, faces: readonly ProviderFace[]): Merchants {
  const loaders = new Map(
    faces.map(({ name, open }): [Provider, () => Promise<Merchant>] => [name, load(parts, name, open)]),
  );
  const current = async (provider: Provider): Promise<Merchant> => {
    const loader = loaders.get(provider);
    if (!loader) throw new Error(`this function knows no merchant of ${provider}`);
    return loader();
  };
  return {
    current,
    find: async (provider, name) => {
      const merchant = await current(provider);
      return merchant.name === name ? merchant : null;
    },
  };
}

/** Who is paid at a provider from now on; null where the stage has no document of it. @throws as `createMerchants` */
export async function findCurrent(
  { current }: Pick<Merchants, 'current'>,
  provider: Provider,
): Promise<Merchant | null> {
  try {
    return await current(provider);
  } catch (error) {
    // Of Secrets Manager.
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return null;
    throw error;
  }
}

/** The bill of a provider's day, as YYYY-MM-DD, of the stage's merchant there. @throws as `OpenBill` and `createMerchants` */
export type FindBill = (provider: Provider, date: string) => Promise<Bill>;

export const createBills =
  (
    { documents, io }: Pick<MerchantParts, 'documents' | 'io'>,
    bills: Readonly<Record<Provider, OpenBill>>,
  ): FindBill =>
  async (provider, date) =>
    createDocumentLoader(documents, provider, bills[provider]({ io, date, file: null }), io.now)();

/** How the messages to a stage's merchant at a provider are received. @throws as `createMerchants` */
export const createReceivers = (
  parts: MerchantParts,
  provider: Provider,
  receive: FromDocument<Receivers>,
): (() => Promise<Receivers>) => load(parts, provider, receive);

const load = <T>(parts: MerchantParts, provider: Provider, make: FromDocument<T>): (() => Promise<T>) =>
  createDocumentLoader(parts.documents, provider, make(parts), parts.io.now);

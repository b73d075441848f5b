import { createDocumentLoader, type DocumentSource } from './config/documents.ts';
import type { Provider } from './orders/kinds.ts';
import type { Merchant, Merchants } from './orders/provider-gateway.ts';
import type { FromDocument, OpenParts, ProviderFace, Receivers } from './providers/provider.ts';

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

/** How the messages to a stage's merchant at a provider are received. @throws as `createMerchants` */
export const createReceivers = (
  parts: MerchantParts,
  provider: Provider,
  receive: FromDocument<Receivers>,
): (() => Promise<Receivers>) => load(parts, provider, receive);

const load = <T>(parts: MerchantParts, provider: Provider, make: FromDocument<T>): (() => Promise<T>) =>
  createDocumentLoader(parts.documents, provider, make(parts), parts.io.now);

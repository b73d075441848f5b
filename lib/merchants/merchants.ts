import { DocumentError } from '../config/document.ts';
import { tenantDocumentName } from '../config/tenant-document.ts';
import type { Provider } from '../orders/kinds.ts';
import type { MerchantName } from '../orders/ledger.ts';
import type { Merchants } from '../orders/provider-gateway.ts';
import type { Bills, FromDocument, ProviderFace } from '../providers/provider.ts';
import { createMerchantDocuments, type MerchantDocuments, type MerchantParts } from './merchant-documents.ts';
import type { TenantRegister } from './tenant-register.ts';

/** The merchants at these providers. */
export function createMerchants(parts: MerchantParts, faces: readonly ProviderFace[]): Merchants {
  const { register, documents } = parts;
  const byProvider = new Map(
    faces.map(({ name, open }) => [name, createMerchantDocuments(parts, name, open)] as const),
  );
  const at = (provider: Provider) => {
    const found = byProvider.get(provider);
    if (!found) throw new Error(`this function knows no merchant of ${provider}`);
    return found;
  };
  return {
    find: async (provider, name) => at(provider).find(name),
    async current(provider, tenant_id) {
      const registration = tenant_id === null ? null : await register.find(tenant_id);
      if (registration?.paid_to !== 'own') return at(provider).stage();
      try {
        const own = await at(provider).tenant(registration.tenant_id);
        // Who may make its payments asks, and no stranger.
        at(provider).prove({ tenant_id: registration.tenant_id });
        return own?.current ?? null;
      } catch (error) {
        if (!(error instanceof DocumentError)) throw error;
        // Nobody else is paid in its place.
        documents.onFailure(tenantDocumentName(registration.tenant_id), error);
        return null;
      }
    },
  };
}

/** The bills of the merchant of this name; null when it is not configured any more. */
export type FindBills = (provider: Provider, name: string) => Promise<Bills | null>;

export function createBills(
  parts: MerchantParts,
  bills: Readonly<Record<Provider, FromDocument<Bills>>>,
): FindBills {
  const byProvider = new Map<Provider, MerchantDocuments<Bills>>();
  return async (provider, name) => {
    const documents = byProvider.get(provider) ?? createMerchantDocuments(parts, provider, bills[provider]);
    byProvider.set(provider, documents);
    return documents.find(name);
  };
}

/**
 * Whose days are reconciled at a provider: the merchants who are paid, and those of before. A provider that the stage has
 * dropped has no document to name them, and days to come, of what is paid and given back meanwhile: there `listRecent`
 * says whose days were reconciled last.
 */
export async function listMerchants(
  { current }: Pick<Merchants, 'current'>,
  register: TenantRegister,
  listRecent: () => Promise<readonly MerchantName[]>,
  provider: Provider,
): Promise<readonly string[]> {
  const stage = await current(provider, null);
  const ofStage = stage ? [stage.name, ...stage.former] : namesAt(provider, await listRecent());
  const own = (await register.all()).flatMap(({ merchants }) => merchants[provider] ?? []);
  return [...new Set([...ofStage, ...own])];
}

const namesAt = (provider: Provider, merchants: readonly MerchantName[]): string[] =>
  merchants.filter((name) => name.provider === provider).map(({ merchant }) => merchant);

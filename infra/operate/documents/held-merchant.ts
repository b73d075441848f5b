import {
  keptDocumentName,
  parseKeptTenant,
  tenantDocumentName,
} from '../../../lib/config/tenant-document.ts';
import { isJsonObject } from '../../../lib/json.ts';
import { isOneOf, type Provider, providers } from '../../../lib/orders/kinds.ts';
import { faces } from '../../../lib/providers/all.ts';
import type { MerchantConfig } from '../../../lib/providers/provider.ts';
import type { Document } from './stored-document.ts';

/** What a stage holds of one merchant: the stage's document, a tenant's part, or what is kept of one of before. */
export interface HeldMerchant {
  /** Where it stands, such as `wechat`, `tenants/7 wechat` or `merchants/wechat/1230000109`. */
  readonly place: string;
  readonly provider: Provider;
  /** As the stage's document of that provider would be. */
  readonly document: Document;
  /** Whose it is or was: a tenant's own, or, with null, the stage's. */
  readonly tenant_id: number | null;
  /** As its document names it; null where that is refused. */
  readonly merchant: string | null;
}

/** What a tenant can have of its own, in one document. */
export const tenantPartNames = [...providers, 'webhooks'] as const;

export type TenantParts = Readonly<Partial<Record<(typeof tenantPartNames)[number], Document>>>;

/** The tenant that a document of this name is of; null for another name. */
export function tenantOfDocument(name: string): number | null {
  const [, number] = /^tenants\/([1-9][0-9]{0,15})$/.exec(name) ?? [];
  const tenant_id = Number(number);
  return Number.isSafeInteger(tenant_id) && tenantDocumentName(tenant_id) === name ? tenant_id : null;
}

/** The merchant that a document of this name was kept of; null for another name. */
export function keptMerchantOf(name: string): { provider: Provider; merchant: string } | null {
  const [first, provider = '', merchant = '', ...more] = name.split('/');
  if (first !== 'merchants' || !isOneOf(providers, provider) || merchant === '' || more.length > 0)
    return null;
  return keptDocumentName(provider, merchant) === name ? { provider, merchant } : null;
}

/** The parts of a tenant's document that are providers', as far as they are objects. */
export function partsOf(document: Document): Partial<Record<Provider, Document>> {
  return Object.fromEntries(
    providers.flatMap((provider) => {
      const part = document[provider];
      return isJsonObject(part) ? [[provider, part] as const] : [];
    }),
  );
}

/** All parts of a tenant's document, as far as they are objects. */
export function tenantPartsOf(document: Document): TenantParts {
  return Object.fromEntries(
    tenantPartNames.flatMap((name) => {
      const part = document[name];
      return isJsonObject(part) ? [[name, part] as const] : [];
    }),
  );
}

/** What a merchant's document says; null where it is refused. */
export function merchantConfig(provider: Provider, document: Document): MerchantConfig | null {
  try {
    return faces[provider].parseDocument(document);
  } catch {
    return null;
  }
}

/** The name of a document's merchant; null where it is refused. */
export const merchantName = (provider: Provider, document: Document): string | null =>
  merchantConfig(provider, document)?.merchant ?? null;

/** All merchants of these documents, which are given by their names below the stage. */
export function heldMerchants(
  documents: Iterable<readonly [name: string, document: Document]>,
): HeldMerchant[] {
  return [...documents].flatMap(([name, document]) => {
    if (isOneOf(providers, name)) return [held(name, name, document, null)];
    const kept = keptMerchantOf(name);
    if (kept) return [held(name, kept.provider, document, keptTenant(name, document))];
    const tenant_id = tenantOfDocument(name);
    if (tenant_id === null) return [];
    const parts = Object.entries(partsOf(document)) as [Provider, Document][];
    return parts.map(([provider, part]) => held(`${name} ${provider}`, provider, part, tenant_id));
  });
}

const held = (
  place: string,
  provider: Provider,
  document: Document,
  tenant_id: number | null,
): HeldMerchant => ({ place, provider, document, tenant_id, merchant: merchantName(provider, document) });

function keptTenant(name: string, document: Document): number | null {
  try {
    return parseKeptTenant(name, document);
  } catch {
    return null;
  }
}

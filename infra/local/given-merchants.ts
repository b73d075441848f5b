import { DocumentError } from '../../lib/config/document.ts';
import {
  keptDocumentName,
  parseKeptTenant,
  parseTenantDocument,
  readPart,
  tenantDocumentName,
} from '../../lib/config/tenant-document.ts';
import { parseWebhooksDocument, type WebhooksConfig } from '../../lib/config/webhooks.ts';
import type { Registration } from '../../lib/merchants/tenant-register.ts';
import { isOneOf, type Provider, providers } from '../../lib/orders/kinds.ts';
import { faces } from '../../lib/providers/all.ts';
import type { StageDocuments } from './documents.ts';

type MerchantNames = Registration['merchants'];

/** What the register is to hold of a tenant whose document this is. @throws DocumentError naming the field */
export function readTenantDocument(number: string, document: unknown): Registration {
  if (!/^[1-9]\d{0,14}$/.test(number)) {
    throw new DocumentError('tenants', JSON.stringify(number), 'must be the number of a tenant');
  }
  const tenant_id = Number(number);
  const name = tenantDocumentName(tenant_id);
  const { paid_to, parts } = parseTenantDocument(tenant_id, document);
  const { webhooks, ...ofProviders } = parts;
  if (webhooks) readPart(name, 'webhooks', () => readWebhooks(name, webhooks));
  const merchants = Object.entries(ofProviders).map(([part, value]) => {
    if (!isOneOf(providers, part)) throw new DocumentError(name, JSON.stringify(part), 'is no provider');
    const { merchant, former } = readPart(name, part, () => faces[part].parseDocument(value));
    return [part, [merchant, ...former]] as const;
  });
  return { tenant_id, paid_to, merchants: Object.fromEntries(merchants) };
}

/** Of the stage, or of the tenant whose document this names. @throws DocumentError */
export const readWebhooks = (name: string, document: unknown): WebhooksConfig =>
  parseWebhooksDocument(name, document, { allowLoopback: true });

interface Kept {
  readonly provider: Provider;
  readonly merchant: string;
  /** Whose own it was; null of the stage's. */
  readonly tenant_id: number | null;
}

/** Which merchant of before a document is kept of. @throws DocumentError naming the field */
export function readKeptDocument(key: string, document: unknown): Kept {
  const [provider = '', merchant = ''] = key.split('/');
  if (!isOneOf(providers, provider)) {
    throw new DocumentError('merchants', JSON.stringify(key), 'must be named <provider>/<merchant>');
  }
  const name = keptDocumentName(provider, merchant);
  const tenant_id = parseKeptTenant(name, document);
  const read = readPart(name, provider, () => faces[provider].parseDocument(document));
  if (key !== `${provider}/${read.merchant}`) {
    throw new DocumentError(name, '(document)', 'is of another merchant');
  }
  return { provider, merchant, tenant_id };
}

/** The register as the documents ask for it. @throws DocumentError */
export function registrationsOf({ tenants, merchants }: StageDocuments): readonly Registration[] {
  const kept = Object.entries(merchants).map(([key, document]) => readKeptDocument(key, document));
  return Object.entries(tenants).map(([number, document]) => {
    const registration = readTenantDocument(number, document);
    const former = kept.filter(({ tenant_id }) => tenant_id === registration.tenant_id);
    return { ...registration, merchants: former.reduce(withFormer, registration.merchants) };
  });
}

function withFormer(merchants: MerchantNames, { provider, merchant }: Kept): MerchantNames {
  return { ...merchants, [provider]: [...new Set([...(merchants[provider] ?? []), merchant])] };
}

/** Each document under its name below the stage. */
export function documentsByName({
  tenants,
  merchants,
  ...ofStage
}: StageDocuments): Readonly<Record<string, unknown>> {
  const below = (folder: string, documents: Readonly<Record<string, unknown>>) =>
    Object.entries(documents).map(([name, document]) => [`${folder}/${name}`, document] as const);
  return {
    ...ofStage,
    ...Object.fromEntries([...below('tenants', tenants), ...below('merchants', merchants)]),
  };
}

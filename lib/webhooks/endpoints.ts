import { createDocumentCache } from '../config/document-cache.ts';
import { createDocumentLoader, type DocumentSource, type LoadDocument } from '../config/documents.ts';
import { parseTenantDocument, readPart, tenantDocumentName } from '../config/tenant-document.ts';
import { parseWebhooksDocument, type WebhooksConfig } from '../config/webhooks.ts';
import type { TenantRegister } from '../merchants/tenant-register.ts';
import type { EventType } from '../orders/kinds.ts';
import { type Receiver, tenantOf } from './delivery.ts';

/** The document that a receiver's endpoint stands in, by its name below the stage. */
export function endpointDocumentName(receiver: Receiver): string {
  const tenant_id = tenantOf(receiver);
  return tenant_id === null ? STAGE_DOCUMENT : tenantDocumentName(tenant_id);
}

const STAGE_DOCUMENT = 'webhooks';

/**
 * The endpoint of a receiver; null where it has none, or is a tenant that is not registered, whose document is not
 * looked for.
 * @throws as `LoadDocument`, and what reading the register throws
 */
export type FindEndpoint = (receiver: Receiver) => Promise<WebhooksConfig | null>;

interface EndpointParts {
  readonly documents: DocumentSource;
  readonly register: Pick<TenantRegister, 'find'>;
  readonly allowLoopback: boolean;
  readonly now: () => number;
}

/** Endpoints by their documents: the stage's own, and a part of each tenant's. */
export function createFindEndpoint({ documents, register, allowLoopback, now }: EndpointParts): FindEndpoint {
  const stage = createDocumentLoader(
    documents,
    STAGE_DOCUMENT,
    (document) => parseWebhooksDocument(STAGE_DOCUMENT, document, { allowLoopback }),
    now,
  );
  const tenants = createDocumentCache<LoadDocument<{ readonly endpoint: WebhooksConfig | null }>>();

  const loadTenant = (tenant_id: number) => {
    const name = tenantDocumentName(tenant_id);
    const parse = (document: unknown) => {
      const { webhooks: part } = parseTenantDocument(tenant_id, document).parts;
      const read = () => parseWebhooksDocument(name, part, { allowLoopback });
      return { endpoint: part === undefined ? null : readPart(name, 'webhooks', read) };
    };
    return createDocumentLoader(documents, name, parse, now);
  };
  return async (receiver) => {
    const tenant_id = tenantOf(receiver);
    if (tenant_id === null) return stage();
    if ((await register.find(tenant_id)) === null) return null;
    const name = tenantDocumentName(tenant_id);
    const load = tenants.get(name, () => loadTenant(tenant_id));
    // Nobody but an order of the tenant's asks for it.
    tenants.prove(name);
    return (await load())?.endpoint ?? null;
  };
}

/** Whether a receiver's endpoint wants an event. Of tenants' own, the stage's hears only where it says so. */
export const wants = (
  { events, tenantEvents }: WebhooksConfig,
  receiver: Receiver,
  { type, tenant_id }: { readonly type: EventType; readonly tenant_id: number | null },
): boolean =>
  (events === null || events.includes(type)) && (receiver !== 'stage' || tenant_id === null || tenantEvents);

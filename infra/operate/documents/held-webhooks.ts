import { isJsonObject } from '../../../lib/json.ts';
import { tenantOfDocument } from './held-merchant.ts';
import type { Document } from './stored-document.ts';

/** An endpoint that is told of events: the stage's document, or a tenant's part. */
export interface HeldWebhooks {
  /** Where it stands: `webhooks` or `tenants/7 webhooks`. */
  readonly place: string;
  /** As the stage's document would be. */
  readonly document: Document;
  /** Whose it is; null of the stage's. */
  readonly tenant_id: number | null;
}

/** All endpoints of these documents, which are given by their names below the stage. */
export function heldWebhooks(
  documents: Iterable<readonly [name: string, document: Document]>,
): HeldWebhooks[] {
  return [...documents].flatMap(([name, document]): HeldWebhooks[] => {
    if (name === 'webhooks') return [{ place: name, document, tenant_id: null }];
    const tenant_id = tenantOfDocument(name);
    const { webhooks } = document;
    if (tenant_id === null || !isJsonObject(webhooks)) return [];
    return [{ place: `${name} webhooks`, document: webhooks, tenant_id }];
  });
}

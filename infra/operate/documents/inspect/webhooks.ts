import { parseWebhooksDocument } from '../../../../lib/config/webhooks.ts';
import type { Finding, InspectionContext } from './finding.ts';

/** @throws DocumentError */
export function inspectWebhooks(document: unknown, { isTenants }: InspectionContext): Finding[] {
  parseWebhooksDocument(isTenants ? 'tenants' : 'webhooks', document, { allowLoopback: true });
  return [];
}

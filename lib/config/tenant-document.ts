import { isJsonObject } from '../json.ts';
import { DocumentError } from './document.ts';

/** Whom a tenant's payments are made to: merchants of its own, or the stage's. */
export const payees = ['own', 'stage'] as const;
export type PaidTo = (typeof payees)[number];

/** What a tenant has of its own, in one document; each part is what the stage's document of that name would be. */
export interface TenantDocument {
  readonly paid_to: PaidTo;
  readonly parts: Readonly<Record<string, unknown>>;
}

/** The document's name, below its stage. */
export const tenantDocumentName = (tenant_id: number): string => `tenants/${tenant_id}`;

/** The name of what is kept of a merchant whose place another took. */
export const keptDocumentName = (provider: string, merchant: string): string =>
  `merchants/${provider}/${merchant}`;

/** @throws DocumentError */
export function parseTenantDocument(tenant_id: number, document: unknown): TenantDocument {
  const name = tenantDocumentName(tenant_id);
  if (!isJsonObject(document)) throw new DocumentError(name, '(document)', 'must be an object');
  const { paid_to: given, ...parts } = document;
  const paid_to = payees.find((payee) => payee === given);
  if (!paid_to) throw new DocumentError(name, 'paid_to', `must be one of ${payees.join(', ')}`);
  const wrong = Object.keys(parts).find((part) => !isJsonObject(parts[part]));
  if (wrong !== undefined) throw new DocumentError(name, wrong, 'must be an object');
  return { paid_to, parts };
}

/** What is made of one part of a document; what is wrong with it is said of the whole. @throws DocumentError */
export function readPart<T>(document: string, part: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    const [first, ...others] = error.issues.map(({ field, reason }) => ({
      field: `${part}.${field}`,
      reason,
    }));
    throw new DocumentError(document, first?.field ?? part, first?.reason ?? 'is not valid', others);
  }
}

/** Whose the merchant of a kept document was: a tenant's own, or, with null, the stage's. @throws DocumentError */
export function parseKeptTenant(document: string, value: unknown): number | null {
  const { tenant_id } = isJsonObject(value) ? value : {};
  if (tenant_id === undefined) return null;
  if (typeof tenant_id === 'number' && Number.isSafeInteger(tenant_id) && tenant_id >= 1) return tenant_id;
  throw new DocumentError(document, 'tenant_id', 'must be a whole number from 1');
}

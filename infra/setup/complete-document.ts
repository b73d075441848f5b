import { documentFields } from '../deployed/document-fields.ts';
import type { DocumentName } from '../endpoints.ts';
import type { Document } from './document-file.ts';

export interface Completed {
  readonly document: Document;
  /** The fields that were made at random. */
  readonly generated: readonly string[];
}

/** Fills in what need not come from anywhere else: what is stored already, else made at random. */
export function completeDocument(name: DocumentName, given: Document, stored: Document | null): Completed {
  const missing = documentFields[name].filter(
    ({ name: field, generate, optional }) => generate && !optional && given[field] === undefined,
  );
  const values = missing.map((field) => [field.name, stored?.[field.name] ?? field.generate?.()]);
  if (missing.length === 0) return { document: given, generated: [] };
  return {
    document: { ...given, ...Object.fromEntries(values) },
    generated: missing.map((field) => field.name).filter((field) => stored?.[field] === undefined),
  };
}

import type { DocumentName } from '../../endpoints.ts';
import { documentFields } from '../documents/document-fields.ts';
import type { Document } from '../documents/stored-document.ts';
import type { FindField } from './find-field.ts';

export interface Completed {
  readonly document: Document;
  /** The fields that were made at random. */
  readonly generated: readonly string[];
  /** The fields that were found out. */
  readonly found: readonly string[];
}

/** Fills in what need not come from anywhere else: what is stored already or made at random, and what can be found out. */
export async function completeDocument(
  name: DocumentName,
  given: Document,
  stored: Document | null,
  findField: FindField,
): Promise<Completed> {
  let document = given;
  const generated: string[] = [];
  const found: string[] = [];
  for (const field of documentFields[name]) {
    if (field.optional || document[field.name] !== undefined) continue;
    const known = field.generate && stored?.[field.name];
    const value = known ?? field.generate?.() ?? (await findField(field, document));
    if (value === null) continue;
    document = { ...document, [field.name]: value };
    if (known === undefined) (field.generate ? generated : found).push(field.name);
  }
  return { document, generated, found };
}

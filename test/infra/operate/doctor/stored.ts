import type { StoredDocuments } from '../../../../infra/operate/doctor/documents.ts';
import type { Document, Stored } from '../../../../infra/operate/documents/stored-document.ts';

/** What Secrets Manager said of these names; a document is one that is stored. */
export const storedDocuments = (
  byName: Readonly<Record<string, Document | Stored['state'] | Error>>,
  unlisted: Error | null = null,
): StoredDocuments => ({
  byName: new Map(
    Object.entries(byName).map(([name, said]) => [
      name,
      typeof said === 'string' || said instanceof Error ? stateOf(said) : { state: 'stored', document: said },
    ]),
  ),
  unlisted,
});

function stateOf(said: Stored['state'] | Error): Stored | Error {
  if (said instanceof Error) return said;
  return said === 'stored' ? { state: said, document: {} } : { state: said };
}

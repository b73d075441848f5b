import type { ReadDocument } from '../../lib/config/documents.ts';
import { inspectDocument } from '../deployed/inspect/inspect-document.ts';
import { readStored, type Stored } from '../deployed/stored-document.ts';
import { type DocumentName, documentNames } from '../endpoints.ts';
import { fault, ok, type Result, unreadable } from './check.ts';

/** Or why Secrets Manager does not say. */
export type StoredDocuments = Readonly<Record<DocumentName, Stored | Error>>;

export async function readDocuments(read: ReadDocument): Promise<StoredDocuments> {
  const reading = documentNames.map(async (name) => {
    const stored = await readStored(read, name).catch((error: Error) => error);
    return [name, stored] as const;
  });
  return Object.fromEntries(await Promise.all(reading)) as unknown as StoredDocuments;
}

const problems = {
  absent: 'is not stored',
  deleted: 'is deleted, and can still be restored',
  malformed: 'is not a JSON object',
} as const;

/** What is wrong with a document, a result for each field. @param now milliseconds since 1970 */
export function checkDocument(
  name: DocumentName,
  stored: Stored | Error,
  { stage, now }: { readonly stage: string; readonly now: number },
): Result[] {
  const check = `document ${name}`;
  const replace = `Run npm run setup -- --stage ${stage} --only ${name}`;
  if (stored instanceof Error) return [unreadable(check, stored)];
  if (stored.state !== 'stored') return [fault(check, `${problems[stored.state]}. ${replace}`)];
  const findings = inspectDocument(name, stored.document, { stage, now });
  if (findings.length === 0) return [ok(check, 'complete and valid')];
  return findings.map(({ level, field, problem }) => ({
    level,
    check,
    text: `${field} ${problem}. ${replace}`,
  }));
}

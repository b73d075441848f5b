import { type DocumentName, documentNames } from '../../endpoints.ts';
import { inspectDocument } from '../documents/inspect/inspect-document.ts';
import {
  connectSecretsManager,
  readStored,
  restoreCommand,
  type Stored,
  secretName,
  whyMissing,
} from '../documents/stored-document.ts';
import { fault, ok, type Result, unreadable } from './check.ts';

/** Or why Secrets Manager does not say. */
export type StoredDocuments = Readonly<Record<DocumentName, Stored | Error>>;

export async function readDocuments(stage: string): Promise<StoredDocuments> {
  const client = connectSecretsManager();
  const reading = documentNames.map(async (name) => {
    const stored = await readStored(client, secretName(stage, name)).catch((error: Error) => error);
    return [name, stored] as const;
  });
  const all = await Promise.all(reading);
  client.destroy();
  return Object.fromEntries(all) as unknown as StoredDocuments;
}

/** What is wrong with a document, a result for each field. @param now milliseconds since 1970 */
export function checkDocument(
  name: DocumentName,
  stored: Stored | Error,
  { stage, now }: { readonly stage: string; readonly now: number },
): Result[] {
  const check = `document ${name}`;
  if (stored instanceof Error) return [unreadable(check, stored)];
  const mend = whatMends(name, stored, stage);
  if (stored.state !== 'stored') return [fault(check, `${whyMissing[stored.state]}. ${mend}`)];
  const findings = inspectDocument(name, stored.document, { stage, now });
  if (findings.length === 0) return [ok(check, 'complete and valid')];
  return findings.map(({ level, field, problem }) => ({
    level,
    check,
    text: `${field} ${problem}. ${mend}`,
  }));
}

function whatMends(name: DocumentName, { state }: Stored, stage: string): string {
  if (stage === 'local') return 'Mend it in SETTLE_SECRETS_FILE, and start again';
  if (state === 'deleted') return `Run ${restoreCommand(secretName(stage, name))}`;
  return `Run npm run setup -- --stage ${stage} --only ${name}`;
}

import { isDeepStrictEqual } from 'node:util';
import type { Finding } from '../deployed/inspect/finding.ts';
import { inspectDocument } from '../deployed/inspect/inspect-document.ts';
import type { Stored } from '../deployed/stored-document.ts';
import type { DocumentName } from '../endpoints.ts';
import { askDocument } from './ask-document.ts';
import { completeDocument } from './complete-document.ts';
import { type Document, readDocumentFile, readMerchantCertificate } from './document-file.ts';
import type { Terminal } from './terminal.ts';

export interface CollectOptions {
  readonly stage: string;
  readonly folder: string | null;
  /** Whether a good document that is stored is to be replaced. */
  readonly isReplacing: boolean;
  readonly terminal: Terminal;
  /** What a field's question says besides its hint. */
  readonly notes: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What becomes of a document. */
export interface Collected {
  readonly name: DocumentName;
  readonly stored: Stored;
  /** Null when there is none to be had. */
  readonly document: Document | null;
  readonly generated: readonly string[];
  readonly findings: readonly Finding[];
}

/** From the folder, else what is stored and good, else from the person at the terminal. */
export async function collectDocument(
  name: DocumentName,
  stored: Stored,
  options: CollectOptions,
): Promise<Collected> {
  const current = stored.state === 'stored' ? stored.document : null;
  const inspect = (document: Document) => inspectDocument(name, document, contextOf(options));
  const collected = (document: Document): Collected => {
    const completed = completeDocument(name, document, current);
    return { name, stored, ...completed, findings: inspect(completed.document) };
  };
  const file = options.folder === null ? null : readDocumentFile(options.folder, name);
  if (file) return collected(file);
  const isAsked =
    options.terminal.isInteractive &&
    (current === null || options.isReplacing || inspect(current).some(isFault));
  if (isAsked) return collected(await askUntilGood(name, current, inspect, options));
  if (current) return collected(current);
  return { name, stored, document: null, generated: [], findings: [] };
}

const contextOf = ({ stage, now, folder }: CollectOptions) => ({
  stage,
  now,
  merchantCertificate: folder === null ? undefined : readMerchantCertificate(folder),
});

/** What was answered is what Enter keeps the next time round. */
async function askUntilGood(
  name: DocumentName,
  stored: Document | null,
  inspect: (document: Document) => readonly Finding[],
  { terminal, notes }: CollectOptions,
): Promise<Document> {
  let known = stored;
  for (;;) {
    const document = await askDocument(name, terminal, { stored: known, notes });
    const faults = inspect(document).filter(isFault);
    if (faults.length === 0) return document;
    terminal.write('\n');
    for (const { field, problem } of faults) terminal.write(`${name}: ${field} ${problem}\n`);
    known = document;
  }
}

export const isFault = ({ level }: Finding): boolean => level === 'fault';

export const isChanged = ({ stored, document }: Collected): boolean =>
  stored.state !== 'stored' || !isDeepStrictEqual(stored.document, document);

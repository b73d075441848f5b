import { forEachConcurrently } from '../../../lib/concurrency.ts';
import { isOneOf, type Provider, providers } from '../../../lib/orders/kinds.ts';
import { faces } from '../../../lib/providers/all.ts';
import { type DocumentName, documentNames } from '../../endpoints.ts';
import { heldMerchants, keptMerchantOf } from '../documents/held-merchant.ts';
import type { Finding } from '../documents/inspect/finding.ts';
import { inspectDocument } from '../documents/inspect/inspect-document.ts';
import { findShared } from '../documents/shared-keys.ts';
import {
  connectSecretsManager,
  type Document,
  listDocuments,
  readStored,
  restoreCommand,
  type Stored,
  secretName,
  whyMissing,
} from '../documents/stored-document.ts';
import { fault, ok, type Result, unreadable, warning } from './check.ts';

/** What is stored by name below the stage, or why Secrets Manager does not say. */
export interface StoredDocuments {
  readonly byName: ReadonlyMap<string, Stored | Error>;
  /** Why those that nobody knows the names of are not among them; null when all are. */
  readonly unlisted: Error | null;
}

const CONCURRENT_READS = 16;

/** Those of a stage, all that are stored there, and those of these names. */
export async function readDocuments(stage: string, names: readonly string[]): Promise<StoredDocuments> {
  const client = connectSecretsManager();
  const listed = await listDocuments(client, stage).catch((error: Error) => error);
  const unlisted = listed instanceof Error ? listed : null;
  const all = new Set([...documentNames, ...names, ...(listed instanceof Error ? [] : listed)]);
  const byName = new Map<string, Stored | Error>();
  await forEachConcurrently(all, CONCURRENT_READS, async (name) => {
    byName.set(name, await readStored(client, secretName(stage, name)).catch((error: Error) => error));
  });
  client.destroy();
  return { byName, unlisted };
}

export const storedOf = ({ byName }: StoredDocuments, name: string): Stored | Error =>
  byName.get(name) ?? { state: 'absent' };

/** What can be read of a document; null for what cannot, which its own check says. */
export function documentOf(documents: StoredDocuments, name: string): Document | null {
  const stored = storedOf(documents, name);
  return !(stored instanceof Error) && stored.state === 'stored' ? stored.document : null;
}

export const readable = ({ byName }: StoredDocuments): (readonly [string, Document])[] =>
  [...byName].flatMap(([name, stored]) =>
    !(stored instanceof Error) && stored.state === 'stored' ? [[name, stored.document] as const] : [],
  );

export interface StageTime {
  readonly stage: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The stage's own documents, as far as it has them, and what they have in common with others. */
export function checkStageDocuments(documents: StoredDocuments, at: StageTime): Result[] {
  const there = documentNames.filter((name) => name === 'auth' || isThere(documents, name));
  return [
    ...(documents.unlisted ? [unreadable('documents', documents.unlisted)] : []),
    ...there.flatMap((name) => checkDocument(name, storedOf(documents, name), at)),
    checkOffered(documents),
    ...checkShared(documents),
  ];
}

/**
 * Whether there is something to look at. What was dropped is deleted, and kept under its merchant's name. Whether shops
 * should be told, who looks at the stack says.
 */
function isThere(documents: StoredDocuments, name: DocumentName): boolean {
  const stored = storedOf(documents, name);
  if (stored instanceof Error) return true;
  if (stored.state === 'deleted') return name !== 'webhooks' && !isDropped(documents, name);
  return stored.state !== 'absent';
}

const isDropped = (documents: StoredDocuments, name: DocumentName): boolean =>
  heldMerchants(readable(documents)).some(
    ({ place, provider, tenant_id }) =>
      provider === name && tenant_id === null && keptMerchantOf(place) !== null,
  );

function checkOffered(documents: StoredDocuments): Result {
  const check = 'providers of the stage';
  const offered = offeredBy(documents);
  if (offered.length > 0) return ok(check, offered.join(', '));
  return warning(check, 'none: only tenants with merchants of their own are paid. Run npm run setup');
}

/** The providers at which the stage has a document, good or not. */
export const offeredBy = (documents: StoredDocuments): readonly Provider[] =>
  providers.filter((provider) => isThere(documents, provider));

/** What is wrong with a document, a result for each field. */
export function checkDocument(
  name: DocumentName,
  stored: Stored | Error,
  { stage, now }: StageTime,
): Result[] {
  const check = `document ${name}`;
  if (stored instanceof Error) return [unreadable(check, stored)];
  const mend = whatMends(name, stored, stage);
  if (stored.state !== 'stored') return [fault(check, `${whyMissing[stored.state]}. ${mend}`)];
  const findings = inspectDocument(name, stored.document, { stage, now });
  if (findings.length > 0) return describeFindings(check, findings, mend);
  return [ok(check, `complete and valid${ofWhom(name, stored.document)}`)];
}

/** A result for each. */
export const describeFindings = (check: string, findings: readonly Finding[], mend: string): Result[] =>
  findings.map(({ level, field, problem }) => ({ level, check, text: `${field} ${problem}. ${mend}` }));

/** Who is paid, and in which apps where there are several. */
export function ofWhom(name: DocumentName, document: Document): string {
  if (!isOneOf(providers, name)) return '';
  const { merchant } = faces[name].parseDocument(document);
  const appids = name === 'wechat' ? faces.wechat.parseDocument(document).appids : [];
  return `, of merchant ${merchant}${appids.length > 1 ? ` in the apps ${appids.join(', ')}` : ''}`;
}

function whatMends(name: DocumentName, { state }: Stored, stage: string): string {
  if (stage === 'local') return 'Mend it in SETTLE_SECRETS_FILE, and start again';
  if (state === 'deleted') return `Run ${restoreCommand(secretName(stage, name))}`;
  return `Run npm run setup -- --stage ${stage} --only ${name}`;
}

/** Whoever holds a key of two merchants can speak for either. A line for each place, however many share it. */
function checkShared(documents: StoredDocuments): Result[] {
  const shared = findShared(readable(documents));
  const byPlace = new Map(shared.map((one) => [`${one.place} ${one.problem}`, one]));
  return [...byPlace.values()].map(({ place, problem, other }) =>
    warning('keys', `${place} ${problem} ${other}: each needs keys of its own`),
  );
}

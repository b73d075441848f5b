import type { Io } from '../../../lib/io.ts';
import { type Provider, providers } from '../../../lib/orders/kinds.ts';
import type { MerchantName } from '../../../lib/orders/ledger.ts';
import { faces } from '../../../lib/providers/all.ts';
import type { StoreContext } from '../../../lib/store/client.ts';
import { documentNames } from '../../endpoints.ts';
import { documentParsers } from '../documents/document-parsers.ts';
import type { DeployedStack } from '../stack.ts';
import type { Result } from './check.ts';
import { checkClock, type TimeSource } from './clock.ts';
import { checkDocument, readDocuments, type StoredDocuments } from './documents.ts';
import { checkQueue } from './queue.ts';
import { checkLastReconciliation } from './reconciliation.ts';
import { checkRoutes } from './routes.ts';
import { checkStack } from './stack.ts';
import { checkLastSweep } from './sweep.ts';
import { checkTable, isMissing, readTable } from './table.ts';
import { checkTls } from './tls.ts';
import { checkTokenKeys } from './token-keys.ts';
import { workChecks } from './work.ts';

/** A stage as far as it is known; what is null is not looked at. */
export interface Subject {
  readonly stage: string;
  readonly stack: DeployedStack | null;
  readonly url: string | null;
  readonly store: StoreContext | null;
  readonly queueUrl: string | null;
  readonly io: Io;
}

/** Looks at all of a stage from outside and changes nothing. */
export async function examine(subject: Subject): Promise<readonly Result[]> {
  const { stage, stack, url, store, queueUrl, io } = subject;
  const documents = await readDocuments(stage);
  const now = io.now();
  const groups = await Promise.all([
    stack ? checkStack(stack) : [],
    url === null ? [] : examineApi(io, url, documents),
    documentNames.flatMap((name) => checkDocument(name, documents[name], { stage, now })),
    examineTokenKeys(io, documents),
    store === null ? [] : examineTable(store, merchantsOf(documents, io)),
    queueUrl === null ? [] : checkQueue(queueUrl),
  ]);
  return groups.flat();
}

async function examineApi(io: Io, url: string, documents: StoredDocuments): Promise<Result[]> {
  const groups = await Promise.all([
    checkRoutes(io, url),
    url.startsWith('https:') ? checkTls(url, io.now()) : [],
    checkClock(io, url, providerAddresses(documents)),
  ]);
  return groups.flat();
}

async function examineTokenKeys(io: Io, documents: StoredDocuments): Promise<Result[]> {
  const config = parsed(documents, 'auth');
  return config && 'jwksUrl' in config ? [await checkTokenKeys(io, config.jwksUrl.href)] : [];
}

async function examineTable(store: StoreContext, merchants: readonly MerchantName[]): Promise<Result[]> {
  const table = await readTable(store.tableName);
  if (isMissing(table)) return [...checkTable(table)];
  const created = table.description instanceof Error ? undefined : table.description.CreationDateTime;
  const madeAt = created?.getTime() ?? null;
  const others = await Promise.all([
    checkLastSweep(store, madeAt),
    ...merchants.map((name) => checkLastReconciliation(store, name, madeAt)),
    ...workChecks(store).map((check) => check()),
  ]);
  return [...checkTable(table), ...others];
}

/** Who is paid, by the documents that can be read. */
function merchantsOf(documents: StoredDocuments, io: Io): MerchantName[] {
  return providers.flatMap((provider) => {
    const stored = documents[provider];
    if (stored instanceof Error || stored.state !== 'stored') return [];
    try {
      const { name } = faces[provider].open({ io, publicUrl: '', orderPrefix: '' })(stored.document);
      return { provider, merchant: name };
    } catch {
      // What is wrong with it, its own check says.
      return [];
    }
  });
}

/** Where the providers are called, by the documents that can be read. */
function providerAddresses(documents: StoredDocuments): TimeSource[] {
  const addresses: Readonly<Record<Provider, readonly [name: string, url: string | undefined]>> = {
    wechat: ['WeChat Pay', parsed(documents, 'wechat')?.baseUrl],
    alipay: ['Alipay', parsed(documents, 'alipay')?.gatewayUrl],
    stripe: ['Stripe', parsed(documents, 'stripe')?.baseUrl],
  };
  return Object.values(addresses).flatMap(([name, url]) => (url === undefined ? [] : [{ name, url }]));
}

function parsed<Name extends keyof typeof documentParsers>(
  documents: StoredDocuments,
  name: Name,
): ReturnType<(typeof documentParsers)[Name]> | null {
  const stored = documents[name];
  if (stored instanceof Error || stored.state !== 'stored') return null;
  try {
    return documentParsers[name](stored.document) as ReturnType<(typeof documentParsers)[Name]>;
  } catch {
    // What is wrong with it, its own check says.
    return null;
  }
}

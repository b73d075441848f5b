import { forEachConcurrently } from '../../../lib/concurrency.ts';
import { tenantDocumentName } from '../../../lib/config/tenant-document.ts';
import type { Io } from '../../../lib/io.ts';
import type { Provider } from '../../../lib/orders/kinds.ts';
import type { StoreContext } from '../../../lib/store/client.ts';
import { readTenantRegister } from '../../../lib/store/tenant-store.ts';
import type { Stage } from '../../stages.ts';
import { documentParsers } from '../documents/document-parsers.ts';
import { heldMerchants, keptMerchantOf } from '../documents/held-merchant.ts';
import type { DeployedStack } from '../stack.ts';
import { type Result, unreadable } from './check.ts';
import { checkClock, type TimeSource } from './clock.ts';
import { checkConsole } from './console.ts';
import {
  checkStageDocuments,
  documentOf,
  offeredBy,
  readable,
  readDocuments,
  type StoredDocuments,
} from './documents.ts';
import { checkFormerMerchants } from './former-merchants.ts';
import { checkQueue } from './queue.ts';
import { checkLastReconciliation } from './reconciliation.ts';
import { checkRoutes } from './routes.ts';
import { checkShipping, checkTradeManagement } from './shipping.ts';
import { checkStack } from './stack.ts';
import { checkLastSweep } from './sweep.ts';
import { checkTable, isMissing, readTable } from './table.ts';
import { checkTenants } from './tenants.ts';
import { checkTls } from './tls.ts';
import { checkTokenKeys } from './token-keys.ts';
import { checkWebhooks, type WebhookSubject } from './webhooks.ts';
import { workChecks } from './work.ts';

/** A stage as far as it is known; what is null is not looked at. */
export interface Subject {
  readonly stage: string;
  /** Its settings; null of the local system, which has its own. */
  readonly settings: Pick<Stage, 'console' | 'shipping' | 'webhooks'> | null;
  /** The tenant of whom all is told; null for all tenants, and what is wrong with them. */
  readonly tenant_id: number | null;
  readonly stack: DeployedStack | null;
  readonly url: string | null;
  readonly store: StoreContext | null;
  readonly queueUrl: string | null;
  readonly webhooks: WebhookSubject;
  readonly io: Io;
}

/** Looks at all of a stage from outside and changes nothing. */
export async function examine(subject: Subject): Promise<readonly Result[]> {
  const { stage, settings, tenant_id, stack, url, store, queueUrl, webhooks, io } = subject;
  const register = store === null ? [] : await readTenantRegister(store).catch((error: Error) => error);
  const registered = register instanceof Error ? [] : register;
  const tenants = registered.map((one) => tenantDocumentName(one.tenant_id));
  const documents = await readDocuments(stage, tenants);
  const at = { stage, now: io.now() };
  const groups = await Promise.all([
    stack ? checkStack(stack) : [],
    url === null ? [] : examineApi(subject, url, documents),
    checkStageDocuments(documents, at),
    // Where the table cannot be read, its own check says so.
    store === null || register instanceof Error ? [] : checkTenants(register, documents, tenant_id, at),
    register instanceof Error ? [] : checkFormerMerchants(store, register, documents, tenant_id, at),
    examineTokenKeys(io, documents),
    checkTradeManagement(io, parsed(documents, 'wechat'), settings),
    store === null ? [] : examineTable(store, documents, tenant_id),
    queueUrl === null ? [] : checkQueue({ ...reconciliationQueue, url: queueUrl }),
    checkWebhooks(webhooks, { ...{ stage, settings, documents, tenant_id }, now: io.now() }),
    register instanceof Error && !isTableMissing(register) ? [unreadable('tenants', register)] : [],
  ]);
  return groups.flat();
}

const isTableMissing = ({ name }: Error): boolean => name === 'ResourceNotFoundException';

const reconciliationQueue = {
  check: 'reconciliation queue',
  without: 'no day is reconciled',
  section: 'days-given-up',
} as const;

/** Its routes come with its stack. */
const hasWebhooks = ({ stack, busName }: WebhookSubject): boolean =>
  stack !== 'absent' && (stack !== null || busName !== null);

async function examineApi(
  subject: Subject,
  url: string,
  documents: StoredDocuments,
): Promise<readonly Result[]> {
  const { io, webhooks } = subject;
  const offered = { providers: offeredBy(documents), webhooks: hasWebhooks(webhooks) };
  const [routes, ...others] = await Promise.all([
    checkRoutes(io, url, offered),
    url.startsWith('https:') ? checkTls(url, io.now()) : [],
    checkClock(io, url, providerAddresses(documents)),
  ]);
  // Where nothing answers, that is said once.
  const isThere = routes.every(({ check }) => check !== 'API');
  return [...routes, ...others.flat(), ...(isThere ? await examineConsole(subject, url, documents) : [])];
}

/** The local system has one, whose sign-in is its own. */
async function examineConsole(
  { stage, settings, io }: Subject,
  url: string,
  documents: StoredDocuments,
): Promise<Result[]> {
  const setting = settings === null ? {} : settings.console;
  if (setting === undefined) return [];
  return checkConsole(io, { stage, url, setting, auth: parsed(documents, 'auth') });
}

async function examineTokenKeys(io: Io, documents: StoredDocuments): Promise<Result[]> {
  const config = parsed(documents, 'auth');
  return config && 'jwksUrl' in config ? [await checkTokenKeys(io, config.jwksUrl.href)] : [];
}

async function examineTable(
  store: StoreContext,
  documents: StoredDocuments,
  tenant_id: number | null,
): Promise<Result[]> {
  const table = await readTable(store.tableName);
  if (isMissing(table)) return [...checkTable(table)];
  const created = table.description instanceof Error ? undefined : table.description.CreationDateTime;
  const madeAt = created?.getTime() ?? null;
  const others = await Promise.all([
    checkLastSweep(store, madeAt),
    examineReconciliations(store, documents, tenant_id, madeAt),
    ...workChecks(store).map((check) => check()),
    checkShipping(store),
  ]);
  return [...checkTable(table), ...others.flat()];
}

const CONCURRENT_MERCHANTS = 8;

/** Of the stage's merchants, and of tenants' own: of one all, of many what is wrong. */
async function examineReconciliations(
  store: StoreContext,
  documents: StoredDocuments,
  tenant_id: number | null,
  madeAt: number | null,
): Promise<Result[]> {
  const current = heldMerchants(readable(documents)).filter(({ place }) => keptMerchantOf(place) === null);
  const results: Result[] = [];
  await forEachConcurrently(current.entries(), CONCURRENT_MERCHANTS, async ([index, held]) => {
    const { provider, merchant, tenant_id: owner } = held;
    const isOthers = owner !== null && tenant_id !== null && owner !== tenant_id;
    if (merchant === null || isOthers) return;
    const of = owner === null ? provider : `tenant ${owner} ${provider}`;
    const result = await checkLastReconciliation(store, of, { provider, merchant }, madeAt);
    if (owner === null || owner === tenant_id || result.level !== 'ok') results[index] = result;
  });
  return results.flat();
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
  const document = documentOf(documents, name);
  try {
    return document && (documentParsers[name](document) as ReturnType<(typeof documentParsers)[Name]>);
  } catch {
    // What is wrong with it, its own check says.
    return null;
  }
}

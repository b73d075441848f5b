import { DocumentError } from '../config/document.ts';
import { createDocumentCache } from '../config/document-cache.ts';
import { createDocumentLoader, type DocumentSource, type LoadDocument } from '../config/documents.ts';
import {
  keptDocumentName,
  type PaidTo,
  parseKeptTenant,
  parseTenantDocument,
  readPart,
  tenantDocumentName,
} from '../config/tenant-document.ts';
import type { Provider } from '../orders/kinds.ts';
import { isMerchantName } from '../orders/ledger.ts';
import type { FromDocument, OfMerchant, OpenParts } from '../providers/provider.ts';
import { RETRY_MS } from '../read-through-cache.ts';
import type { TenantRegister } from './tenant-register.ts';

/**
 * The one place that knows where the documents of merchants are: the stage's under their provider's name, a tenant's own
 * together in one, and those whose place another took under their own names.
 */

export interface MerchantParts extends Omit<OpenParts, 'tenant_id'> {
  readonly documents: DocumentSource;
  readonly register: TenantRegister;
}

/** What a registered tenant has of its own at a provider. */
export interface OwnMerchant<T> {
  readonly tenant_id: number;
  /** Null where no document of its own names a merchant there. */
  readonly current: T | null;
  /** The merchants of before, by name. */
  readonly former: readonly string[];
}

/** What is made of a provider's documents. Reading the stage's begins at once, as a function loads. */
export interface MerchantDocuments<T extends OfMerchant> {
  /** Null where the stage does not offer the provider. @throws as `LoadDocument` */
  readonly stage: LoadDocument<T>;
  /**
   * Null of a tenant that is not registered, whose document is not looked for.
   * @throws DocumentError where its document is refused, or says otherwise than the register; what reading them throws
   */
  tenant(tenant_id: number): Promise<OwnMerchant<T> | null>;
  /** Of a merchant whose place another took; null where nothing is kept of it. @throws as `LoadDocument` */
  kept(name: string): Promise<T | null>;
  /** Of the merchant of this name, whosever it is or was; null when it is not configured any more. @throws as above */
  find(name: string): Promise<T | null>;
  /** The document of this merchant, a tenant's own or one of before, has proven to be in use. */
  prove(of: { readonly tenant_id: number } | { readonly former: string }): void;
}

/** A merchant may have taken its place, and been paid, since what is older was read. */
const JUST_READ_MS = 1_000;

interface ReadTenant<T> {
  readonly paid_to: PaidTo;
  readonly own: T | null;
}

export function createMerchantDocuments<T extends OfMerchant>(
  { documents, register, ...parts }: MerchantParts,
  provider: Provider,
  open: FromDocument<T>,
): MerchantDocuments<T> {
  const { now } = parts.io;
  const stage = createDocumentLoader(documents, provider, open({ ...parts, tenant_id: null }), now);
  const tenants = createDocumentCache<LoadDocument<ReadTenant<T>>>();
  const formers = createDocumentCache<LoadDocument<T>>();

  const loadTenant = (tenant_id: number): LoadDocument<ReadTenant<T>> => {
    const name = tenantDocumentName(tenant_id);
    const openPart = open({ ...parts, tenant_id });
    const read = (document: unknown): ReadTenant<T> => {
      const { paid_to, parts: byName } = parseTenantDocument(tenant_id, document);
      const part = byName[provider];
      return {
        paid_to,
        own: part === undefined ? null : readPart(name, provider, () => openPart(part)),
      };
    };
    return createDocumentLoader(documents, name, read, now);
  };
  const loadKept = (merchant: string): LoadDocument<T> => {
    const name = keptDocumentName(provider, merchant);
    const read = (document: unknown): T => {
      const tenant_id = parseKeptTenant(name, document);
      const opened = readPart(name, provider, () => open({ ...parts, tenant_id })(document));
      if (opened.name !== merchant) throw new DocumentError(name, '(document)', 'is of another merchant');
      return opened;
    };
    return createDocumentLoader(documents, name, read, now);
  };
  const readTenant = async (tenant_id: number, since: number): Promise<OwnMerchant<T> | null> => {
    const registration = await register.find(tenant_id, since);
    if (!registration) return null;
    const names = registration.merchants[provider] ?? [];
    if (names.length === 0) return { tenant_id, current: null, former: [] };
    const name = tenantDocumentName(tenant_id);
    const read = await tenants.get(name, () => loadTenant(tenant_id))(since);
    if (registration.paid_to === 'own' && read?.paid_to !== 'own') {
      throw new DocumentError(name, 'paid_to', 'is not what the register says');
    }
    const current = read?.own ?? null;
    if (current && !names.includes(current.name)) {
      throw new DocumentError(name, provider, 'is of a merchant that the register does not name');
    }
    return { tenant_id, current, former: names.filter((merchant) => merchant !== current?.name) };
  };
  // Register and document change one after the other: what does not fit is looked at again before it is refused.
  const tenant = async (tenant_id: number, since = 0): Promise<OwnMerchant<T> | null> => {
    try {
      return await readTenant(tenant_id, since);
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error;
      return readTenant(tenant_id, now() - RETRY_MS);
    }
  };
  const kept = (merchant: string, since?: number): Promise<T | null> =>
    formers.get(merchant, () => loadKept(merchant))(since);
  const findOwn = async (name: string, since: number): Promise<T | null> => {
    const owner = await register.findByMerchant(provider, name, since);
    if (!owner) return null;
    const own = await tenant(owner.tenant_id, since);
    if (own?.current?.name !== name) return null;
    tenants.prove(tenantDocumentName(owner.tenant_id));
    return own.current;
  };
  const findSince = async (name: string, since: number): Promise<T | null> => {
    const current = await attempt(() => stage(since));
    if (current.value?.name === name) return current.value;
    const own = await attempt(() => findOwn(name, since));
    const found = own.value ?? (await kept(name, since));
    if (found) return found;
    // A document that cannot be read may be the one.
    for (const read of [current, own]) if ('error' in read) throw read.error;
    return null;
  };
  return {
    stage,
    tenant,
    kept,
    // That a merchant is not configured any more is believed only of what was read just now.
    find: async (name) => {
      if (!isMerchantName(name)) return null;
      const found = (await findSince(name, 0)) ?? (await findSince(name, now() - JUST_READ_MS));
      if (found) formers.prove(name);
      return found;
    },
    prove: (of) =>
      'former' in of ? formers.prove(of.former) : tenants.prove(tenantDocumentName(of.tenant_id)),
  };
}

async function attempt<V>(
  read: () => Promise<V>,
): Promise<{ readonly value: V | null } | { readonly value: null; readonly error: unknown }> {
  try {
    return { value: await read() };
  } catch (error) {
    return { value: null, error };
  }
}

import { forEachConcurrently } from '../../../lib/concurrency.ts';
import { keptDocumentName, tenantDocumentName } from '../../../lib/config/tenant-document.ts';
import type { Registration } from '../../../lib/merchants/tenant-register.ts';
import { type Provider, providers } from '../../../lib/orders/kinds.ts';
import type { MerchantName } from '../../../lib/orders/ledger.ts';
import type { StoreContext } from '../../../lib/store/client.ts';
import {
  heldMerchants,
  keptMerchantOf,
  merchantConfig,
  merchantName,
  partsOf,
} from '../documents/held-merchant.ts';
import { inspectDocument } from '../documents/inspect/inspect-document.ts';
import { createMerchantUse } from '../documents/merchant-use.ts';
import { fault, ok, type Result, unreadable, warning } from './check.ts';
import { documentOf, readable, type StageTime, type StoredDocuments, storedOf } from './documents.ts';

const CONCURRENT_LOOKS = 8;

/** A merchant of before, and who names it. */
interface Named extends MerchantName {
  /** What says that there was one, such as `wechat.former`. */
  readonly by: string;
}

/**
 * Whether what is kept of merchants of before is good, when it can go, and whether all that are named are kept.
 * @param tenant_id whose merchants they were; null for all
 */
export async function checkFormerMerchants(
  store: StoreContext | null,
  register: readonly Registration[],
  documents: StoredDocuments,
  tenant_id: number | null,
  at: StageTime,
): Promise<Result[]> {
  const named = [...namedByStage(documents), ...register.flatMap((one) => namedByTenant(one, documents))];
  const missing = named
    .filter(({ by }) => tenant_id === null || by === `tenant ${tenant_id}`)
    .flatMap(({ provider, merchant, by }) => {
      const name = keptDocumentName(provider, merchant);
      const isUnknown = documents.unlisted !== null && !documents.byName.has(name);
      const stored = storedOf(documents, name);
      if (isUnknown || stored instanceof Error || stored.state === 'stored') return [];
      const problem = 'is of before and not kept: what was paid to it cannot be asked about or refunded';
      return [warning(`merchant ${provider}/${merchant}`, `${problem}. ${by} names it`)];
    });
  const kept = heldMerchants(readable(documents)).filter(
    ({ place, tenant_id: owner }) =>
      keptMerchantOf(place) !== null && (tenant_id === null || owner === tenant_id),
  );
  const use = store && createMerchantUse(store);
  const results: Result[][] = [];
  await forEachConcurrently(
    kept.entries(),
    CONCURRENT_LOOKS,
    async ([index, { place, document, merchant }]) => {
      const name = keptMerchantOf(place);
      if (!name) return;
      const check = `merchant ${name.provider}/${name.merchant}`;
      const { tenant_id: _owner, ...rest } = document;
      const faults = inspectDocument(name.provider, rest, at).filter(({ level }) => level === 'fault');
      results[index] = [
        ...faults.map(({ field, problem }) => fault(check, `${field} ${problem}: it is kept and of no use`)),
        ...(merchant !== null && merchant !== name.merchant
          ? [fault(check, `what is kept is of ${merchant}: it is refused`)]
          : []),
        ...(use ? [await judgeUse(use, check, name, at)] : []),
      ];
    },
  );
  return [...missing, ...results.flat()];
}

async function judgeUse(
  use: ReturnType<typeof createMerchantUse>,
  check: string,
  name: MerchantName,
  { stage, now }: StageTime,
): Promise<Result> {
  try {
    const { needed } = await use.of(name, now);
    if (needed !== null) return ok(check, needed);
    const command = `npm run setup -- --stage ${stage} --drop ${name.provider}/${name.merchant}`;
    return ok(check, `can go: nothing of it is open or can be refunded. ${command}`);
  } catch (error) {
    return unreadable(check, error);
  }
}

const namedByStage = (documents: StoredDocuments): Named[] =>
  providers.flatMap((provider) => {
    const document = documentOf(documents, provider);
    const { former = [] } = (document && merchantConfig(provider, document)) || {};
    return former.map((merchant) => ({ provider, merchant, by: `${provider}.former` }));
  });

/** All that the register lists but the current one. */
function namedByTenant({ tenant_id, merchants }: Registration, documents: StoredDocuments): Named[] {
  const document = documentOf(documents, tenantDocumentName(tenant_id));
  const parts = document ? partsOf(document) : {};
  return (Object.entries(merchants) as [Provider, readonly string[]][]).flatMap(([provider, names]) => {
    const part = parts[provider];
    const current = part ? merchantName(provider, part) : null;
    return names
      .filter((merchant) => merchant !== current)
      .map((merchant) => ({ provider, merchant, by: `tenant ${tenant_id}` }));
  });
}

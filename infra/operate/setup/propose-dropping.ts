import { tenantDocumentName } from '../../../lib/config/tenant-document.ts';
import type { Registration } from '../../../lib/merchants/tenant-register.ts';
import { readTenantRegister } from '../../../lib/store/tenant-store.ts';
import { tenantPartsOf } from '../documents/held-merchant.ts';
import { createMerchantUse } from '../documents/merchant-use.ts';
import type { Dropped, FormerMerchant } from './arguments.ts';
import {
  afterSteps,
  documentOf,
  isHeld,
  PlanError,
  planForgetting,
  planStage,
  planTenant,
  type Step,
  type StoredDocuments,
} from './plan.ts';
import type { Proposal, SetupContext } from './proposal.ts';

/**
 * What a stage or tenant is to be without. Whose place nobody takes is kept under its own name like any other merchant
 * of before; one of before is let go only when nothing of it is left to be done.
 * @throws PlanError, and what reading the table throws
 */
export async function proposeDropping(context: SetupContext, drop: Dropped): Promise<Proposal> {
  const { documents, options, store } = context;
  const { tenant_id } = options;
  const register = store ? await readTenantRegister(store) : [];
  const steps =
    tenant_id === null
      ? dropOfStage(documents, drop)
      : dropOfTenant(context, register.find((one) => one.tenant_id === tenant_id) ?? null, tenant_id, drop);
  for (const former of drop.merchants) steps.push(...forget(documents, register, steps, former));
  const faults = await Promise.all(drop.merchants.map((former) => whyNeeded(context, former)));
  return { collected: [], faults: faults.filter((fault) => fault !== null), steps };
}

function dropOfStage(documents: StoredDocuments, { names }: Dropped): Step[] {
  const missing = names.find((name) => !isHeld(documents.get(name)));
  if (missing) throw new PlanError(`${missing} is not stored: there is nothing to drop`);
  return planStage(
    documents,
    names.map((name) => [name, null]),
  );
}

function dropOfTenant(
  { documents, options }: SetupContext,
  registered: Registration | null,
  tenant_id: number,
  { names, all }: Dropped,
): Step[] {
  if (names.length === 0 && !all) return [];
  const document = documentOf(documents, tenantDocumentName(tenant_id));
  const parts = Object.entries(document ? tenantPartsOf(document) : {});
  const missing = names.find((name) => !parts.some(([part]) => part === name));
  if (missing)
    throw new PlanError(`tenant ${tenant_id} has no ${missing} of its own: there is nothing to drop`);
  const left = parts.filter(([part]) => !all && !names.some((name) => name === part));
  const paid_to = options.paidTo ?? registered?.paid_to ?? 'own';
  return planTenant(documents, registered, { tenant_id, paid_to, parts: Object.fromEntries(left) });
}

/** After what is done before. */
function forget(
  documents: StoredDocuments,
  register: readonly Registration[],
  steps: readonly Step[],
  former: FormerMerchant,
): Step[] {
  const owner = register.find(({ merchants }) => merchants[former.provider]?.includes(former.merchant));
  const changed = steps.flatMap((step) => (step.step === 'register' ? [step.registration] : []));
  const registered = changed.findLast(({ tenant_id }) => tenant_id === owner?.tenant_id) ?? owner ?? null;
  return planForgetting(afterSteps(documents, steps), registered, former);
}

/** Why a merchant of before cannot go yet; null when it can. */
async function whyNeeded({ store, io }: SetupContext, former: FormerMerchant): Promise<string | null> {
  if (!store) return null;
  const { needed } = await createMerchantUse(store).of(former, io.now());
  return needed && `${former.provider}/${former.merchant} ${needed}`;
}

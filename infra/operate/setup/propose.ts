import { tenantDocumentName } from '../../../lib/config/tenant-document.ts';
import { isOneOf, providers } from '../../../lib/orders/kinds.ts';
import { readTenantRegister } from '../../../lib/store/tenant-store.ts';
import type { DocumentName } from '../../endpoints.ts';
import { tenantPartNames, tenantPartsOf } from '../documents/held-merchant.ts';
import type { Document, Stored } from '../documents/stored-document.ts';
import { namesFor } from './arguments.ts';
import { chooseNames, choosePaidTo } from './choose.ts';
import { type Collected, collectDocument, isFault } from './collect-document.ts';
import { createFindField } from './find-field.ts';
import { isHeld, PlanError, planStage, planTenant } from './plan.ts';
import type { Proposal, SetupContext } from './proposal.ts';
import { proposeDropping } from './propose-dropping.ts';

/** @throws UsageError, Error when the person ends it, and what reading the table throws */
export async function propose(context: SetupContext): Promise<Proposal> {
  const { drop, tenant_id } = context.options;
  try {
    if (drop) return await proposeDropping(context, drop);
    return await (tenant_id === null ? proposeStage(context) : proposeTenant(context, tenant_id));
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    return { collected: [], faults: [error.message], steps: [] };
  }
}

async function proposeStage(context: SetupContext): Promise<Proposal> {
  const { documents, options, prompts } = context;
  const names = await chooseNames(options, prompts, namesFor(null), (name) => isHeld(documents.get(name)));
  const collected = await collectAll(context, '', names, (name) => documents.get(name) ?? absent);
  const good = goodOf(collected);
  return { collected, faults: [], steps: good ? planStage(documents, good) : [] };
}

async function proposeTenant(context: SetupContext, tenant_id: number): Promise<Proposal> {
  const { documents, options, prompts, store } = context;
  const register = store ? await readTenantRegister(store) : [];
  const registered = register.find((one) => one.tenant_id === tenant_id) ?? null;
  const paid_to = await choosePaidTo(options, prompts, registered);
  const whole = documents.get(tenantDocumentName(tenant_id));
  const parts = whole?.state === 'stored' ? tenantPartsOf(whole.document) : {};
  const partOf = (name: DocumentName) => (isOneOf(tenantPartNames, name) && parts[name]) || null;
  // The merchants of a tenant that is paid to the stage wait; nobody is asked for them unless they are named.
  const isAsked = paid_to === 'own' || options.folder !== null;
  const askable = isAsked ? namesFor(tenant_id) : (['webhooks'] as const);
  const names = await chooseNames(options, prompts, askable, (name) => partOf(name) !== null);
  const collected = await collectAll(context, `tenant ${tenant_id} `, names, (name) => {
    const document = partOf(name);
    return document ? { state: 'stored', document } : absent;
  });
  const good = goodOf(collected);
  if (!good) return { collected, faults: [], steps: [] };
  const all = { ...parts, ...Object.fromEntries(good) };
  if (paid_to === 'own' && !providers.some((provider) => all[provider])) {
    return { collected, faults: [`tenant ${tenant_id} has no merchant of its own to be paid to`], steps: [] };
  }
  return {
    collected,
    faults: [],
    steps: planTenant(documents, registered, { tenant_id, paid_to, parts: all }),
  };
}

const absent: Stored = { state: 'absent' };

async function collectAll(
  { options, prompts, say, notes, io }: SetupContext,
  owner: string,
  names: readonly DocumentName[],
  storedOf: (name: DocumentName) => Stored,
): Promise<Collected[]> {
  const { stage, folder, only } = options;
  const collected: Collected[] = [];
  for (const name of names) {
    const findField = createFindField(name, io.fetch);
    const context = { stage: stage.name, owner, folder, isReplacing: only.length > 0, notes, now: io.now() };
    collected.push(await collectDocument(name, storedOf(name), { ...context, prompts, say, findField }));
  }
  return collected;
}

/** Null when one is missing or not good. */
function goodOf(collected: readonly Collected[]): (readonly [DocumentName, Document])[] | null {
  const good = collected.flatMap(({ name, document, findings }) =>
    document && !findings.some(isFault) ? [[name, document] as const] : [],
  );
  return good.length === collected.length ? good : null;
}

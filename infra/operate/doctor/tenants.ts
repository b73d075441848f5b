import { DocumentError } from '../../../lib/config/document.ts';
import { type PaidTo, parseTenantDocument, tenantDocumentName } from '../../../lib/config/tenant-document.ts';
import type { Registration } from '../../../lib/merchants/tenant-register.ts';
import { isOneOf, providers } from '../../../lib/orders/kinds.ts';
import {
  merchantName,
  partsOf,
  tenantOfDocument,
  tenantPartNames,
  tenantPartsOf,
} from '../documents/held-merchant.ts';
import { inspectDocument } from '../documents/inspect/inspect-document.ts';
import {
  type Document,
  restoreCommand,
  type Stored,
  secretName,
  whyMissing,
} from '../documents/stored-document.ts';
import { fault, ok, type Result, unreadable, warning } from './check.ts';
import {
  describeFindings,
  ofWhom,
  readable,
  type StageTime,
  type StoredDocuments,
  storedOf,
} from './documents.ts';

/**
 * Whether what the register says of tenants, and what their documents say, is one. Of one tenant all is told; of all of
 * them what is wrong, and how many there are.
 */
export function checkTenants(
  register: readonly Registration[],
  documents: StoredDocuments,
  tenant_id: number | null,
  at: StageTime,
): Result[] {
  if (tenant_id !== null) {
    const registration = register.find((one) => one.tenant_id === tenant_id);
    if (registration) return checkTenant(registration, documents, at);
    return [
      ok(`tenant ${tenant_id}`, "is not registered, and paid to the stage's merchants"),
      ...checkUnregistered(register, documents, at.stage).filter(
        ({ check }) => check === `tenant ${tenant_id}`,
      ),
    ];
  }
  const results = register.flatMap((one) => checkTenant(one, documents, at));
  const own = register.filter(({ paid_to }) => paid_to === 'own').length;
  return [
    ok('tenants', `${register.length} registered, ${own} of them paid to merchants of their own`),
    ...results.filter(({ level }) => level !== 'ok'),
    ...checkUnregistered(register, documents, at.stage),
  ];
}

/** What nobody looks at: a tenant that is not registered is paid to the stage. */
function checkUnregistered(
  register: readonly Registration[],
  documents: StoredDocuments,
  stage: string,
): Result[] {
  const known = new Set(register.map(({ tenant_id }) => tenant_id));
  return readable(documents).flatMap(([name, document]) => {
    const tenant_id = tenantOfDocument(name);
    if (tenant_id === null || known.has(tenant_id)) return [];
    const problem = "has a document and is not registered: it is paid to the stage's merchants";
    // Who is to have the money does not get it.
    const amiss = paidToOf(tenant_id, document) === 'own' ? fault : warning;
    return [amiss(`tenant ${tenant_id}`, `${problem}. ${setupCommand(stage, tenant_id)}`)];
  });
}

function checkTenant(registration: Registration, documents: StoredDocuments, at: StageTime): Result[] {
  const { tenant_id, paid_to } = registration;
  const check = `tenant ${tenant_id}`;
  const name = tenantDocumentName(tenant_id);
  const stored = storedOf(documents, name);
  if (stored instanceof Error) return [unreadable(check, stored)];
  if (stored.state !== 'stored') return [checkMissing(registration, stored.state, at.stage)];
  const mend = setupCommand(at.stage, tenant_id);
  const said = paidToOf(tenant_id, stored.document);
  if (said instanceof DocumentError) {
    return [fault(check, `${said.field} ${said.issues[0]?.reason ?? 'is not valid'}. ${mend}`)];
  }
  const problems = [
    ...(said === paid_to ? [] : [describeDisagreement(check, paid_to, said, mend)]),
    ...checkParts(registration, stored.document, at),
  ];
  if (problems.some(({ level }) => level !== 'ok')) return problems;
  return [ok(check, describePayee(paid_to)), ...problems];
}

function checkMissing(
  { tenant_id, paid_to }: Registration,
  state: Exclude<Stored['state'], 'stored'>,
  stage: string,
): Result {
  const check = `tenant ${tenant_id}`;
  if (paid_to === 'stage' && state !== 'malformed') return ok(check, describePayee(paid_to));
  const id = secretName(stage, tenantDocumentName(tenant_id));
  const mend = state === 'deleted' ? `Run ${restoreCommand(id)}` : setupCommand(stage, tenant_id);
  const whatComes = paid_to === 'own' ? ': nobody is paid for it, and its checkouts are refused' : '';
  return fault(check, `its document ${whyMissing[state]}${whatComes}. ${mend}`);
}

function paidToOf(tenant_id: number, document: Document): PaidTo | DocumentError {
  try {
    return parseTenantDocument(tenant_id, document).paid_to;
  } catch (error) {
    if (error instanceof DocumentError) return error;
    throw error;
  }
}

const describePayee = (paid_to: PaidTo): string =>
  paid_to === 'own' ? 'is paid to merchants of its own' : "is paid to the stage's merchants";

/** Only `own` is refused where its document says otherwise. */
const describeDisagreement = (check: string, registered: PaidTo, said: PaidTo, mend: string): Result =>
  (registered === 'own' ? fault : warning)(
    check,
    `paid_to is ${registered} in the register and ${said} in its document. ${mend}`,
  );

function checkParts(registration: Registration, document: Document, at: StageTime): Result[] {
  const { tenant_id, paid_to, merchants } = registration;
  const check = `tenant ${tenant_id}`;
  const parts = partsOf(document);
  const unknown = Object.keys(document).filter(
    (field) => field !== 'paid_to' && !isOneOf(tenantPartNames, field),
  );
  const results = unknown.map((field) => warning(check, `${field} is no part of a tenant's document`));
  if (paid_to === 'own' && Object.keys(parts).length === 0) {
    results.push(
      fault(check, `has no merchant of its own: nobody is paid for it. ${setupCommand(at.stage, tenant_id)}`),
    );
  }
  for (const provider of providers) {
    const part = parts[provider];
    if (!part) continue;
    const place = `${check} ${provider}`;
    const mend = `${setupCommand(at.stage, tenant_id)} --only ${provider}`;
    const findings = inspectDocument(provider, part, at);
    const merchant = merchantName(provider, part);
    results.push(...describeFindings(place, findings, mend));
    if (merchant === null) continue;
    const isListed = merchants[provider]?.includes(merchant);
    if (paid_to === 'own' && !isListed) {
      results.push(fault(place, `the register does not list ${merchant}: it is refused. ${mend}`));
    } else if (!isListed) {
      results.push(warning(place, `is used for nothing: the tenant is paid to the stage's merchants`));
    } else if (findings.length === 0) {
      const use = paid_to === 'own' ? '' : ', for what was paid to it before';
      results.push(ok(place, `complete and valid${ofWhom(provider, part)}${use}`));
    }
  }
  return [...results, ...checkTenantWebhooks(tenant_id, document, at)];
}

function checkTenantWebhooks(tenant_id: number, document: Document, at: StageTime): Result[] {
  const { webhooks } = tenantPartsOf(document);
  if (!webhooks) return [];
  const check = `tenant ${tenant_id} webhooks`;
  const findings = inspectDocument('webhooks', webhooks, { ...at, isTenants: true });
  if (findings.length === 0) return [ok(check, 'complete and valid')];
  return describeFindings(check, findings, `${setupCommand(at.stage, tenant_id)} --only webhooks`);
}

const setupCommand = (stage: string, tenant_id: number): string =>
  stage === 'local'
    ? 'Mend it in SETTLE_SECRETS_FILE, and start again'
    : `Run npm run setup -- --stage ${stage} --tenant ${tenant_id}`;

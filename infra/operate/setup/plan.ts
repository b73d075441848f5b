import { isDeepStrictEqual } from 'node:util';
import { keptDocumentName, type PaidTo, tenantDocumentName } from '../../../lib/config/tenant-document.ts';
import type { Registration } from '../../../lib/merchants/tenant-register.ts';
import { isOneOf, type Provider, providers } from '../../../lib/orders/kinds.ts';
import type { DocumentName } from '../../endpoints.ts';
import {
  heldMerchants,
  merchantName,
  partsOf,
  type TenantParts,
  tenantPartNames,
} from '../documents/held-merchant.ts';
import type { Document, Stored } from '../documents/stored-document.ts';

/** One of the changes that a command makes, one after the other. Names are those below the stage. */
export type Step =
  | { readonly step: 'store'; readonly name: string; readonly document: Document }
  /** What is stored, under the name of its merchant, before another takes its place. */
  | { readonly step: 'keep'; readonly name: string; readonly document: Document }
  | { readonly step: 'register'; readonly registration: Registration }
  | { readonly step: 'unregister'; readonly tenant_id: number }
  | { readonly step: 'delete'; readonly name: string };

/** A change that cannot be made as things are; nothing is stored. */
export class PlanError extends Error {
  override readonly name = 'PlanError';
}

/** What is stored by now. */
export type StoredDocuments = ReadonlyMap<string, Stored>;

/** Of one document or register entry: a year of changes, and each message is tried under the keys of all of them. */
const MOST_FORMER = 5;

export function documentOf(documents: StoredDocuments, name: string): Document | null {
  const stored = documents.get(name);
  return stored?.state === 'stored' ? stored.document : null;
}

/** What of these documents can be read. */
export const readable = (documents: StoredDocuments): (readonly [string, Document])[] =>
  [...documents].flatMap(([name, stored]) => (stored.state === 'stored' ? [[name, stored.document]] : []));

/**
 * How documents of a stage are replaced, or, with null, dropped. Where the merchant changes, the one before is kept
 * under its own name before another takes its place: at no moment is a payment without its merchant.
 * @throws PlanError
 */
export function planStage(
  documents: StoredDocuments,
  changes: Iterable<readonly [DocumentName, Document | null]>,
): Step[] {
  return [...changes].flatMap(([name, document]) => {
    const before = documentOf(documents, name);
    if (isOneOf(providers, name)) return planProvider(documents, name, before, document);
    return replace(name, before, document);
  });
}

function planProvider(
  documents: StoredDocuments,
  provider: Provider,
  before: Document | null,
  document: Document | null,
): Step[] {
  const was = before && merchantName(provider, before);
  const is = document && merchantName(provider, document);
  const { former: given, ...rest } = document ?? {};
  const known = before ? namesIn(before['former']) : keptOfStage(documents, provider);
  const former = otherNames(is, [was, ...known, ...namesIn(given)]);
  if (document) checkRoom(provider, former);
  const after = document && (former.length > 0 ? { ...rest, former } : rest);
  return [...keep(documents, provider, before, { was, is }, {}), ...replace(provider, before, after)];
}

/** What a tenant is to have. */
export interface TenantTarget {
  readonly tenant_id: number;
  readonly paid_to: PaidTo;
  readonly parts: TenantParts;
}

/**
 * How a tenant comes to what it is to have. Its new merchants are registered before its document names them, and whose
 * place they take is kept before that. The document says `own` before the register does, and the register `stage`
 * before the document: `own` without a document that says so is refused.
 * @throws PlanError
 */
export function planTenant(
  documents: StoredDocuments,
  registered: Registration | null,
  { tenant_id, paid_to, parts }: TenantTarget,
): Step[] {
  const name = tenantDocumentName(tenant_id);
  const before = documentOf(documents, name);
  const partsBefore = before ? partsOf(before) : {};
  const keeping: Step[] = [];
  const merchants: Partial<Record<Provider, readonly string[]>> = {};
  for (const provider of providers) {
    const [partBefore = null, part = null] = [partsBefore[provider], parts[provider]];
    const was = partBefore && merchantName(provider, partBefore);
    const is = part && merchantName(provider, part);
    const others = otherNames(is, [was, ...(registered?.merchants[provider] ?? [])]);
    checkRoom(`${name} ${provider}`, others);
    const names = [...(is === null ? [] : [is]), ...others];
    if (names.length > 0) merchants[provider] = names;
    keeping.push(...keep(documents, provider, partBefore, { was, is }, { tenant_id }));
  }
  const rest = Object.entries(before ?? {}).filter(
    ([field]) => field !== 'paid_to' && !isOneOf(tenantPartNames, field),
  );
  const isEmpty = paid_to === 'stage' && Object.keys(parts).length === 0 && rest.length === 0;
  const storing = replace(name, before, isEmpty ? null : { paid_to, ...Object.fromEntries(rest), ...parts });
  const target = { tenant_id, paid_to, merchants };
  const final = register(registered, target);
  if (paid_to === 'stage') return [...keeping, ...final, ...storing];
  const listed = registered && { ...target, paid_to: registered.paid_to };
  return [
    ...keeping,
    ...(listed ? register(registered, listed) : []),
    ...storing,
    ...register(listed, target),
  ];
}

/** How a merchant of before is let go. @throws PlanError where there is none of this name */
export function planForgetting(
  documents: StoredDocuments,
  registered: Registration | null,
  { provider, merchant }: { readonly provider: Provider; readonly merchant: string },
): Step[] {
  const name = keptDocumentName(provider, merchant);
  const steps = [
    ...(registered
      ? forgetOfTenant(documents, registered, provider, merchant)
      : forgetOfStage(documents, provider, merchant)),
    ...(isHeld(documents.get(name)) ? [{ step: 'delete', name } as const] : []),
  ];
  if (steps.length === 0) throw new PlanError(`nothing is kept as ${name}`);
  return steps;
}

function forgetOfStage(documents: StoredDocuments, provider: Provider, merchant: string): Step[] {
  const document = documentOf(documents, provider);
  if (!document) return [];
  const { former, ...rest } = document;
  const left = otherNames(merchant, namesIn(former));
  return replace(provider, document, left.length > 0 ? { ...rest, former: left } : rest);
}

function forgetOfTenant(
  documents: StoredDocuments,
  registered: Registration,
  provider: Provider,
  merchant: string,
): Step[] {
  const { tenant_id, paid_to } = registered;
  const document = documentOf(documents, tenantDocumentName(tenant_id));
  const part = document && partsOf(document)[provider];
  // What is kept of a merchant that is the current one again.
  if (part && merchantName(provider, part) === merchant) return [];
  const { [provider]: names = [], ...others } = registered.merchants;
  const left = otherNames(merchant, names);
  const merchants = left.length > 0 ? { ...others, [provider]: left } : others;
  const isOver = paid_to === 'stage' && !document && Object.keys(merchants).length === 0;
  return isOver ? [{ step: 'unregister', tenant_id }] : register(registered, { ...registered, merchants });
}

/** What is stored once the steps are done. */
export function afterSteps(documents: StoredDocuments, steps: readonly Step[]): Map<string, Stored> {
  const after = new Map(documents);
  for (const step of steps) {
    if (step.step === 'store' || step.step === 'keep') {
      after.set(step.name, { state: 'stored', document: step.document });
    }
    if (step.step === 'delete') after.set(step.name, { state: 'deleted' });
  }
  return after;
}

/** What is malformed is there too, and wants to be replaced. */
export const isHeld = (stored: Stored | undefined): boolean =>
  stored?.state === 'stored' || stored?.state === 'malformed';

function replace(name: string, before: Document | null, after: Document | null): Step[] {
  if (isDeepStrictEqual(before, after)) return [];
  return [after ? { step: 'store', name, document: after } : { step: 'delete', name }];
}

function register(before: Registration | null, after: Registration): Step[] {
  return isDeepStrictEqual(before, after) ? [] : [{ step: 'register', registration: after }];
}

/** Of the merchant whose place another takes, or nobody. */
function keep(
  documents: StoredDocuments,
  provider: Provider,
  before: Document | null,
  { was, is }: { readonly was: string | null; readonly is: string | null },
  owner: { readonly tenant_id?: number },
): Step[] {
  if (!before || was === null || was === is) return [];
  const { former: _former, ...document } = before;
  const name = keptDocumentName(provider, was);
  const kept = { ...document, ...owner };
  return isDeepStrictEqual(documentOf(documents, name), kept) ? [] : [{ step: 'keep', name, document: kept }];
}

/** The stage's merchants of before, as they are known where its document was dropped. */
const keptOfStage = (documents: StoredDocuments, provider: Provider): string[] =>
  heldMerchants(readable(documents)).flatMap((held) =>
    held.place.startsWith(`merchants/${provider}/`) && held.tenant_id === null && held.merchant !== null
      ? [held.merchant]
      : [],
  );

const namesIn = (former: unknown): string[] =>
  Array.isArray(former) ? former.filter((name) => typeof name === 'string') : [];

/** Each once, in their order, without this one. */
const otherNames = (name: string | null, names: readonly (string | null)[]): string[] => [
  ...new Set(names.flatMap((other) => (other === null || other === name ? [] : [other]))),
];

function checkRoom(place: string, former: readonly string[]): void {
  if (former.length <= MOST_FORMER) return;
  throw new PlanError(
    `${place}: its place for merchants of before is full, ${MOST_FORMER} at most: ${former.join(', ')}. npm run doctor says which can go; --drop <provider>/<merchant> lets one go`,
  );
}

import { PutCommand } from '@aws-sdk/lib-dynamodb';
import {
  auth,
  merchantDocument,
  merchantName,
  OWN_TENANT,
  type Owner,
  STAGE_TENANT,
  TABLE_NAME,
  wecomDocument,
} from './documents.ts';
import type { Keys } from './keys.ts';
import { type ProviderName, providerNames } from './providers/books.ts';
import type { Surroundings } from './surroundings.ts';
import type { MemoryTable } from './table/memory-table.ts';

/**
 * Whoever sets the stage up: its documents and its register of tenants, and how they are changed, one write after the
 * other, as the operator's tool does, or in a wrong order as somebody by hand. It knows who can be known.
 */
export interface Setup {
  /** What stands in a document now; undefined where there is none. */
  readonly documentOf: (name: string) => unknown;
  /** Registers tenants, the one of whom is paid itself. */
  readonly register: () => void;
  /** Puts the owner's other merchant in the place of the current one, which is kept or not. */
  readonly swap: (owner: Owner, provider: ProviderName, how: Swap) => Promise<void>;
  /** The owner offers the provider no more; what it had is kept. */
  readonly drop: (owner: Owner, provider: ProviderName) => Promise<void>;
  readonly add: (owner: Owner, provider: ProviderName) => Promise<void>;
  /** To whom the own tenant's payments are made from now on. */
  readonly payTo: (paid_to: 'own' | 'stage') => Promise<void>;
  /** Who is paid at an owner's now; null where nobody is. */
  readonly current: (owner: Owner, provider: ProviderName) => string | null;
  /** Whether its payments can be finished. */
  readonly isKnown: (provider: ProviderName, merchant: string) => boolean;
  /** Whether there was a time at which they could not. */
  readonly wasMissing: (provider: ProviderName, merchant: string) => boolean;
  /** Everybody to whom payments of a tenant, or with null of the shop, were ever to be made. */
  readonly payees: (tenant_id: number | null) => ReadonlySet<string>;
  /** Whose merchants a tenant is paid to now. */
  readonly payeeOf: (tenant_id: number) => Owner;
  /** Whether the tenant is one that has merchants of its own. */
  readonly hasOwn: () => boolean;
}

export interface Swap {
  readonly keeps: boolean;
  /** The document is replaced before all else. */
  readonly inWrongOrder: boolean;
}

interface State {
  which: 0 | 1;
  isOffered: boolean;
  /** All that it was paid with, the current one first. */
  listed: string[];
}

const nameOf = (provider: ProviderName, merchant: string) => `${provider}.${merchant}`;

export function createSetup(
  world: Surroundings,
  keys: Keys,
  hasOwn: boolean,
  table: () => MemoryTable,
): Setup {
  const { clock, random, tell } = world;
  const states = new Map<string, State>();
  const kept = new Map<string, unknown>();
  const missing = new Set<string>();
  const stagePayees = new Set<string>();
  const tenantPayees = new Set<string>();
  const ever = new Set<string>();
  let documentPaidTo: 'own' | 'stage' = 'own';
  let registered: { paid_to: 'own' | 'stage'; merchants: Record<string, string[]> } | null = null;

  const stateOf = (owner: Owner, provider: ProviderName): State => {
    const found = states.get(`${owner} ${provider}`);
    if (!found) throw new Error(`no state of ${owner} at ${provider}`);
    return found;
  };
  const nameAt = (owner: Owner, provider: ProviderName) =>
    merchantName(provider, owner, stateOf(owner, provider).which);
  for (const provider of providerNames) {
    for (const owner of ['stage', 'tenant'] as const) {
      states.set(`${owner} ${provider}`, {
        which: 0,
        isOffered: true,
        listed: [merchantName(provider, owner, 0)],
      });
    }
  }

  const tenantDocument = () => ({
    paid_to: documentPaidTo,
    ...Object.fromEntries(
      providerNames
        .filter((provider) => stateOf('tenant', provider).isOffered)
        .map((provider) => [
          provider,
          merchantDocument(keys, provider, 'tenant', stateOf('tenant', provider).which),
        ]),
    ),
  });
  const documentOf = (name: string): unknown => {
    if (name === 'auth') return auth;
    if (name === 'wecom') return wecomDocument;
    const provider = providerNames.find((one) => one === name);
    if (provider) {
      const { which, isOffered, listed } = stateOf('stage', provider);
      if (!isOffered) return undefined;
      return { ...merchantDocument(keys, provider, 'stage', which), former: listed.slice(1) };
    }
    if (name === `tenants/${OWN_TENANT}`) return hasOwn ? tenantDocument() : undefined;
    return kept.get(name);
  };
  const isKnown = (provider: ProviderName, merchant: string): boolean => {
    if (kept.has(`merchants/${provider}/${merchant}`)) return true;
    const stage = stateOf('stage', provider);
    if (stage.isOffered && nameAt('stage', provider) === merchant) return true;
    const tenant = stateOf('tenant', provider);
    const isListed = registered?.merchants[provider]?.includes(merchant) === true;
    return hasOwn && isListed && tenant.isOffered && nameAt('tenant', provider) === merchant;
  };
  /** Takes down who is paid, and who cannot be known, after each write. */
  const note = () => {
    for (const provider of providerNames) {
      const stage = nameAt('stage', provider);
      const own = nameAt('tenant', provider);
      if (stateOf('stage', provider).isOffered) stagePayees.add(nameOf(provider, stage));
      if (!hasOwn || registered?.paid_to !== 'own') tenantPayees.add(nameOf(provider, stage));
      else tenantPayees.add(nameOf(provider, own));
      ever.add(nameOf(provider, stage));
      if (hasOwn) ever.add(nameOf(provider, own));
      for (const owner of ['stage', 'tenant'] as const) {
        for (const which of [0, 1] as const) {
          const merchant = merchantName(provider, owner, which);
          const name = nameOf(provider, merchant);
          if (ever.has(name) && !isKnown(provider, merchant)) missing.add(name);
        }
      }
    }
  };
  const write = (tenant_id: number, registration: object) =>
    table().execute(
      new PutCommand({
        TableName: TABLE_NAME,
        Item: { pk: 'TENANTS', sk: `TENANT#${tenant_id}`, tenant_id, schema: 1, ...registration },
      }),
    );
  const list = (paid_to: 'own' | 'stage') => {
    if (!hasOwn) return;
    const merchants = Object.fromEntries(
      providerNames.map((provider) => [provider, [...stateOf('tenant', provider).listed]]),
    );
    registered = { paid_to, merchants };
    write(OWN_TENANT, registered);
    note();
  };
  const pause = () => clock.sleep(random.pick([1, 1_000, 20_000, 90_000]));

  return {
    documentOf,
    isKnown,
    wasMissing: (provider, merchant) => missing.has(nameOf(provider, merchant)),
    payees: (tenant_id) => (tenant_id === OWN_TENANT ? tenantPayees : stagePayees),
    hasOwn: () => hasOwn,
    payeeOf: (tenant_id) => (tenant_id === OWN_TENANT && registered?.paid_to === 'own' ? 'tenant' : 'stage'),
    current: (owner, provider) =>
      stateOf(owner, provider).isOffered && (owner === 'stage' || hasOwn) ? nameAt(owner, provider) : null,
    register() {
      write(STAGE_TENANT, { paid_to: 'stage', merchants: {} });
      list('own');
      note();
    },
    async swap(owner, provider, { keeps, inWrongOrder }) {
      const state = stateOf(owner, provider);
      const before = nameAt(owner, provider);
      const { which: old } = state;
      const which = old === 0 ? 1 : 0;
      const next = merchantName(provider, owner, which);
      const steps = [
        () => {
          const document = merchantDocument(keys, provider, owner, old);
          const name = `merchants/${provider}/${before}`;
          if (keeps) kept.set(name, owner === 'tenant' ? { ...document, tenant_id: OWN_TENANT } : document);
          else kept.delete(name);
        },
        () => {
          state.listed = [next, ...state.listed.filter((merchant) => merchant !== next)];
          if (owner === 'tenant') list(registered?.paid_to ?? 'own');
        },
        () => {
          state.which = which;
        },
      ];
      tell(
        `${owner} takes ${next} in the place of ${before} at ${provider}${keeps ? '' : ', and keeps nothing'}`,
      );
      for (const step of inWrongOrder ? steps.toReversed() : steps) {
        step();
        note();
        await pause();
      }
    },
    async drop(owner, provider) {
      const document = merchantDocument(keys, provider, owner, stateOf(owner, provider).which);
      kept.set(
        `merchants/${provider}/${nameAt(owner, provider)}`,
        owner === 'tenant' ? { ...document, tenant_id: OWN_TENANT } : document,
      );
      await pause();
      tell(`${owner} drops ${provider}`);
      stateOf(owner, provider).isOffered = false;
      note();
    },
    async add(owner, provider) {
      tell(`${owner} offers ${provider} again`);
      stateOf(owner, provider).isOffered = true;
      note();
    },
    async payTo(paid_to) {
      tell(`tenant ${OWN_TENANT} is paid to ${paid_to} from now on`);
      const steps = [
        () => {
          documentPaidTo = paid_to;
        },
        () => list(paid_to),
      ];
      for (const step of paid_to === 'own' ? steps : steps.toReversed()) {
        step();
        note();
        await pause();
      }
    },
  };
}

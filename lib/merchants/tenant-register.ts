import type { PaidTo } from '../config/tenant-document.ts';
import type { Provider } from '../orders/kinds.ts';
import { createReadThroughCache } from '../read-through-cache.ts';

/** A tenant as the register has it. */
export interface Registration {
  readonly tenant_id: number;
  /** Decides, whatever its document says. */
  readonly paid_to: PaidTo;
  /** Its own merchants at a provider, by name: the current one first, then those of before. */
  readonly merchants: Readonly<Partial<Record<Provider, readonly string[]>>>;
}

/** The tenants that are registered. A tenant that is not is paid to the stage's merchants. */
export interface TenantRegister {
  /**
   * @param since milliseconds; what was read before then is read again, and is not given when that fails
   * @throws what reading throws then, or where nothing was read before
   */
  find(tenant_id: number, since?: number): Promise<Registration | null>;
  /** Whose own a merchant is, or was. */
  findByMerchant(provider: Provider, name: string, since?: number): Promise<Registration | null>;
  all(): Promise<readonly Registration[]>;
}

/** How long the register is used before it is read again. */
const LIFETIME_MS = 60_000;

/**
 * The register, read as a whole and at most once a minute. `onFailure` hears of a read that failed while the register of
 * before stays in use.
 * @throws (each call) what the first read throws, and what a later one does where what it gives is wanted
 */
export function createTenantRegister(
  read: () => Promise<readonly Registration[]>,
  now: () => number,
  onFailure: (error: unknown) => void,
): TenantRegister {
  const load = createReadThroughCache<Index>({
    read: async () => ({ value: indexOf(await read()), lasts_ms: LIFETIME_MS }),
    now,
    onFailure,
  });
  return {
    find: async (tenant_id, since) => (await load(since)).tenants.get(tenant_id) ?? null,
    findByMerchant: async (provider, name, since) =>
      (await load(since)).owners.get(merchantKey(provider, name)) ?? null,
    all: async () => [...(await load()).tenants.values()],
  };
}

interface Index {
  readonly tenants: ReadonlyMap<number, Registration>;
  readonly owners: ReadonlyMap<string, Registration>;
}

const merchantKey = (provider: Provider, name: string): string => `${provider}.${name}`;

function indexOf(registrations: readonly Registration[]): Index {
  const owned = registrations.flatMap((registration) =>
    merchantsOf(registration).map(({ provider, merchant }) => ({
      key: merchantKey(provider, merchant),
      registration,
      // Stryker disable next-line OptionalChaining: the provider is one that it has
      isCurrent: registration.merchants[provider]?.[0] === merchant,
    })),
  );
  // One that was a tenant's and is another's now is the other's.
  const byCurrent = owned.toSorted((one, other) => Number(one.isCurrent) - Number(other.isCurrent));
  return {
    tenants: new Map(registrations.map((registration) => [registration.tenant_id, registration])),
    owners: new Map(byCurrent.map(({ key, registration }) => [key, registration])),
  };
}

/** Every merchant that is or was the tenant's own. */
export const merchantsOf = ({
  merchants,
}: Pick<Registration, 'merchants'>): { readonly provider: Provider; readonly merchant: string }[] =>
  (Object.entries(merchants) as [Provider, readonly string[]][]).flatMap(([provider, names]) =>
    names.map((merchant) => ({ provider, merchant })),
  );

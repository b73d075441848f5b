import type { PaidTo } from '../config/tenant-document.ts';
import type { Provider } from '../orders/kinds.ts';

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
/** After a failed read the register in use stays in use, and the next read waits this long. */
const RETRY_MS = 15_000;

/**
 * The register, read as a whole and at most once a minute.
 * @throws (each call) what the first read throws, and what a later one does where what it gives is wanted
 */
export function createTenantRegister(
  read: () => Promise<readonly Registration[]>,
  now: () => number,
): TenantRegister {
  let current: Index | undefined;
  let readAt = 0;
  let staleAt = 0;
  let failed: { readonly at: number; readonly error: unknown } | undefined;
  let reading: Promise<void> | undefined;

  const refresh = async (): Promise<void> => {
    const began = now();
    try {
      current = indexOf(await read());
      readAt = began;
      staleAt = now() + LIFETIME_MS;
    } catch (error) {
      failed = { at: began, error };
      if (!current) throw error;
      staleAt = now() + RETRY_MS;
    } finally {
      reading = undefined;
    }
  };
  const load = async (since = 0): Promise<Index> => {
    const triedAt = Math.max(readAt, failed?.at ?? 0);
    if (!current || now() >= staleAt || triedAt < since) {
      reading ??= refresh();
      await reading;
    }
    if (!current || (failed && readAt < since)) throw failed?.error;
    return current;
  };
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

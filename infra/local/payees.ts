import { DocumentError } from '../../lib/config/document.ts';
import type { Io } from '../../lib/io.ts';
import { createMerchants, listMerchants } from '../../lib/merchants/merchants.ts';
import { createTenantRegister } from '../../lib/merchants/tenant-register.ts';
import { type Provider, providers } from '../../lib/orders/kinds.ts';
import { allProviders } from '../../lib/providers/all.ts';
import { isFinished } from '../../lib/reconciliation/day-result.ts';
import type { StoreContext } from '../../lib/store/client.ts';
import { readRecentDays } from '../../lib/store/merchant-store.ts';
import { readTenantRegister } from '../../lib/store/tenant-store.ts';

/** Where whoever is paid to merchants of its own can be paid: the stage, with null, or a tenant. */
export interface Payee {
  readonly tenant_id: number | null;
  readonly providers: readonly Provider[];
}

export interface Payees {
  list(): Promise<readonly Payee[]>;
  /** Whose days are reconciled at a provider. */
  merchants(provider: Provider): Promise<readonly string[]>;
}

export interface PayeesParts {
  /** A document as it is stored by now; null where there is none. */
  readonly stored: (name: string) => string | null;
  readonly store: StoreContext;
  readonly io: Io;
  readonly publicUrl: string;
  readonly orderPrefix: string;
}

/** Who is paid at the moment, read anew each time: documents and register change while the system runs. */
export function createPayees({ stored, store, io, publicUrl, orderPrefix }: PayeesParts): Payees {
  const documents = { read: async (name: string) => stored(name), onFailure: () => {} };
  const open = () => {
    const register = createTenantRegister(
      () => readTenantRegister(store),
      io.now,
      () => {},
    );
    const parts = { documents, register, io, publicUrl, orderPrefix };
    return { register, merchants: createMerchants(parts, allProviders) };
  };
  return {
    async list() {
      const { register, merchants } = open();
      const own = (await register.all()).filter(({ paid_to }) => paid_to === 'own');
      const ids = [null, ...own.map(({ tenant_id }) => tenant_id)];
      return Promise.all(
        ids.map(async (tenant_id) => {
          const paid = await Promise.all(
            providers.map((provider) => isPaid(() => merchants.current(provider, tenant_id))),
          );
          return { tenant_id, providers: providers.filter((_provider, index) => paid[index]) };
        }),
      );
    },
    async merchants(provider) {
      const { register, merchants } = open();
      const listRecent = async () => (await readRecentDays(store, io.now())).filter(isFinished);
      return listMerchants(merchants, register, listRecent, provider);
    },
  };
}

/** Nobody is paid by a document that is refused. */
async function isPaid(current: () => Promise<object | null>): Promise<boolean> {
  try {
    return (await current()) !== null;
  } catch (error) {
    if (error instanceof DocumentError) return false;
    throw error;
  }
}

import type { Provider } from './order.ts';
import type { OrderOwner } from './order-number.ts';

/** One booking: one debit and one credit account with one amount, so that the two sides cannot differ. */
export interface JournalEntry {
  readonly order_no: string;
  readonly debit: string;
  readonly credit: string;
  /** In the provider's smallest unit. */
  readonly amount: number;
  readonly currency: string;
  readonly provider: Provider;
  readonly transaction_id: string | null;
  readonly booked_at: string;
}

/** Money that the provider holds for us. */
export const providerAccount = (provider: Provider): string => `provider:${provider}`;

/** Money that the provider took and that no order accounts for. */
export const suspenseAccount = (provider: Provider): string => `suspense:${provider}`;

/** Money that was taken for a tenant or a shop. */
export const ownerAccount = (owner: OrderOwner): string =>
  owner.kind === 'tenant' ? `tenant:${owner.tenant_id}` : `shop:${owner.kind}`;

import type { Exception } from '../../http/responses/exceptions.ts';
import { type MerchantName, parseAccount, suspenseAccount } from '../../orders/ledger.ts';
import { named, type Text } from './text.ts';

const ofMerchants = ['suspense', 'provider', 'fees'] as const;

/** What a ledger account is called; its own name where it is none that is known. */
export function accountLabel(text: Text, account: string): string {
  const known = parseAccount(account);
  if (!known) return account;
  const { tenant_id, merchant } = known;
  if (tenant_id !== null) return text('tenant_n', { tenant: tenant_id });
  if (!merchant) return text(account === 'shop:meal' ? 'account_meal' : 'account_mall');
  const kind = ofMerchants.find((name) => account.startsWith(`${name}:`)) ?? 'provider';
  return text(`account_${kind}`, {
    provider: named(text, 'provider', merchant.provider),
    merchant: merchant.merchant,
  });
}

/** The account that has, or had, an exception's money in suspense; null where it names no merchant. */
export const suspenseOf = ({ provider, merchant }: Exception): string | null =>
  provider === null || merchant === null ? null : suspenseAccount({ provider, merchant });

export interface AccountGroup {
  readonly group: 'owners' | (typeof ofMerchants)[number];
  readonly accounts: readonly string[];
}

/** The accounts to choose from: of the shops, or of the one tenant that is reached, and of these merchants. */
export function accountGroups(merchants: readonly MerchantName[], tenant_id: number | null): AccountGroup[] {
  const owners = tenant_id === null ? ['shop:mall', 'shop:meal'] : [`tenant:${tenant_id}`];
  const groups = ofMerchants.map((group) => ({
    group,
    accounts: merchants.map(({ provider, merchant }) => `${group}:${provider}.${merchant}`),
  }));
  return [{ group: 'owners', accounts: owners }, ...groups.filter(({ accounts }) => accounts.length > 0)];
}

/** On which side what the account holds grows. */
export const growsByDebit = (account: string): boolean => /^(provider|fees):/.test(account);

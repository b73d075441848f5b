import { useId, useState } from 'preact/hooks';
import type { ReconciliationsPage } from '../../../../http/responses/books.ts';
import type { ExceptionsPage } from '../../../../http/responses/exceptions.ts';
import { isMerchantName, type MerchantName } from '../../../../orders/ledger.ts';
import { type AccountGroup, accountGroups, accountLabel } from '../../account-label.ts';
import { type ApiClient, useApi } from '../../api-client.ts';
import { daysAgo } from '../../format.ts';
import { changeQuery } from '../../navigation.ts';
import { useSession } from '../../session.ts';
import { type Text, useText } from '../../text.ts';
import { useLoaded } from '../../use-loaded.ts';

const OTHER = 'other';

/** Chooses an account from those that are known, or by its name. */
export function AccountPicker({ account }: { readonly account: string }) {
  const api = useApi();
  const text = useText();
  const { tenant_id } = useSession();
  const id = useId();
  const [isOther, setOther] = useState(false);
  const merchants = useLoaded((signal) => readMerchants(api, signal), [api]);
  const groups = withAccount(accountGroups(merchants.data ?? [], tenant_id), account);
  const choose = (chosen: string) => {
    setOther(chosen === OTHER);
    if (chosen !== OTHER) changeQuery({ account: chosen });
  };
  return (
    <>
      <div class="filter choice-of-account">
        <label for={id}>{text('account')}</label>
        <select
          id={id}
          value={isOther ? OTHER : account}
          onChange={({ currentTarget }) => choose(currentTarget.value)}
        >
          {groups.map(({ group, accounts }) => (
            <optgroup key={group} label={text(`account_group_${group}`)}>
              {accounts.map((name) => (
                <option key={name} value={name}>
                  {accountLabel(text, name)}
                </option>
              ))}
            </optgroup>
          ))}
          <option value={OTHER}>{text('account_other')}</option>
        </select>
      </div>
      {isOther && <AccountName text={text} onChosen={() => setOther(false)} />}
    </>
  );
}

function AccountName({ text, onChosen }: { readonly text: Text; readonly onChosen: () => void }) {
  const id = useId();
  return (
    <div class="filter">
      <label for={id}>{text('account_name')}</label>
      <input
        id={id}
        type="text"
        placeholder={text('account_name_hint')}
        size={36}
        onChange={({ currentTarget }) => {
          const account = currentTarget.value.trim();
          if (account === '') return;
          onChosen();
          changeQuery({ account });
        }}
      />
    </div>
  );
}

/** The account that is shown can be chosen, whether or not it is of a merchant that is known. */
function withAccount(groups: readonly AccountGroup[], account: string): readonly AccountGroup[] {
  if (groups.some(({ accounts }) => accounts.includes(account))) return groups;
  const prefix = account.split(':')[0];
  const group = prefix === 'suspense' || prefix === 'provider' || prefix === 'fees' ? prefix : 'owners';
  return groups.some((one) => one.group === group)
    ? groups.map((one) => (one.group === group ? { ...one, accounts: [...one.accounts, account] } : one))
    : [...groups, { group, accounts: [account] }];
}

/** Who is paid here, as far as a page of reconciled days and one of open exceptions tell. */
async function readMerchants(api: ApiClient, signal: AbortSignal): Promise<readonly MerchantName[]> {
  const period = { from: daysAgo(30), to: daysAgo(0) };
  const [days, exceptions] = await Promise.all([
    api.get<ReconciliationsPage>('/api/pay/reconciliations', { ...period, limit: '100' }, signal),
    api.get<ExceptionsPage>('/api/pay/exceptions', { limit: '100' }, signal),
  ]);
  const names = new Map<string, MerchantName>();
  for (const { provider, merchant } of [...days.reconciliations, ...exceptions.exceptions]) {
    if (provider !== null && merchant !== null && isMerchantName(merchant))
      names.set(`${provider}.${merchant}`, { provider, merchant });
  }
  return [...names].sort(([one], [other]) => one.localeCompare(other)).map(([, name]) => name);
}

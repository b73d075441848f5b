import type { Stage } from './stage.ts';

interface Entry {
  readonly order_no: string;
  readonly debit: string;
  readonly amount: string;
}

interface Sum {
  readonly currency: string;
  readonly debit: string;
  readonly credit: string;
}

/** What an account's ledger says of the time since the demonstration began. */
export async function readLedger({ client, tokens, startedAt }: Stage, account: string) {
  const { data } = await client.api('GET', `/api/pay/ledger/${account}?from=${startedAt}&limit=100`, {
    token: tokens.admin,
  });
  return data as { readonly entries: readonly Entry[]; readonly sums: readonly Sum[] };
}

/** The tenant is owed what was paid less what went back: seven payments of 8.80, of which three were returned. */
export async function checkLedger(stage: Stage): Promise<void> {
  const account = `tenant:${stage.tenantId}`;
  await stage.report.step('the tenant’s account', 'CNY debit 26.40 credit 61.60', async () => {
    const { sums } = await readLedger(stage, account);
    return sums.map(({ currency, debit, credit }) => `${currency} debit ${debit} credit ${credit}`).join();
  });
}

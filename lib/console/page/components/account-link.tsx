import { accountLabel } from '../account-label.ts';
import { linkTo, type Query } from '../route.ts';
import { useText } from '../text.ts';

interface AccountLinkProps {
  readonly account: string;
  /** The period that is shown of it. */
  readonly period?: Query;
}

/** An account by what it is called, leading to its ledger. */
export function AccountLink({ account, period }: AccountLinkProps) {
  const text = useText();
  return (
    <a href={linkTo('ledger', { ...period, account })} title={account}>
      {accountLabel(text, account)}
    </a>
  );
}

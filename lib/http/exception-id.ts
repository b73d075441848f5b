import { isOneOf, providers } from '../orders/kinds.ts';
import { type MerchantName, parseAccount, providerAccount } from '../orders/ledger.ts';
import { isOrderNumber } from '../orders/order-number.ts';
import { parseTexts } from './query-parameters.ts';

/** What an exception's opaque id names: an order or a merchant, and one of the exceptions that are theirs. */
export type NamedException = { readonly id: string } & ({ readonly order_no: string } | MerchantName);

/** More than any has; what it says is then no longer than a key of the table, which has 1 KiB. */
const MAX_ID_LENGTH = 1_300;

/** What a client means by an id that `encodeExceptionId` made; null when there can be no such exception. It reaches no further than any other name would. */
export function decodeExceptionId(text: string): NamedException | null {
  const names = text.length <= MAX_ID_LENGTH ? parseTexts(text) : [];
  const id = names.at(-1);
  if (id === undefined) return null;
  if (names.length === 2) {
    const [order_no = ''] = names;
    return isOrderNumber(order_no) ? { order_no, id } : null;
  }
  const [provider = '', merchant = ''] = names;
  if (names.length !== 3 || !isOneOf(providers, provider)) return null;
  return parseAccount(providerAccount({ provider, merchant })) ? { provider, merchant, id } : null;
}

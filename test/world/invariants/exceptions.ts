import { parseNumber } from '../numbers.ts';
import { isBack, type ProviderName, type Transaction } from '../providers/books.ts';
import type { Town } from '../town.ts';
import { isNotShipped } from './shipping.ts';
import { confirmedAs, type Fields, findPayment, type Stored, type StoredOrder } from './stored.ts';

/** Every exception is about something that happened, and every message that lied is one. */
export function checkExceptions(town: Town, stored: Stored): string[] {
  const unjustified = [...stored.orders.values()].flatMap((order) =>
    order.exceptions
      .filter((exception) => !isJustified(town, order, exception))
      .map(
        ({ kind, payment_no, fields }) =>
          `${kind} of ${payment_no} (${String(fields)}) is about nothing that happened`,
      ),
  );
  return [...unjustified, ...checkMisstated(town, stored)];
}

function checkMisstated({ notes, setup }: Town, stored: Stored): string[] {
  return notes.misstated.flatMap((number) => {
    const found = findPayment(stored, number);
    const { provider, merchant } = found?.payment ?? {};
    // Of one that is not known any more nothing can be verified.
    if (!found || setup.wasMissing(provider as ProviderName, String(merchant))) return [];
    const isTold = found.stored.exceptions.some(
      ({ kind, payment_no }) => kind === 'mismatch' && payment_no === number,
    );
    return isTold ? [] : [`a message misstated ${number}, and nobody is told`];
  });
}

/** More may seem to go back than was paid: one that has come again is told of late, or it is not known of which it is. */
const seemsTooMuch = (transactions: readonly Transaction[]): boolean =>
  transactions.length > 1 || transactions.some(({ refunds }) => refunds.some(isBack));

function isJustified(town: Town, stored: StoredOrder, exception: Fields): boolean {
  const { books, notes, setup } = town;
  const { order_no, refunds: asked } = stored;
  const { kind, payment_no, refund_no, provider, merchant } = exception;
  const own = books.transactions.filter(({ number }) => parseNumber(number)?.order_no === order_no);
  const ofNumber = own.filter(({ number }) => number === payment_no);
  switch (kind) {
    case 'mismatch':
      return (
        notes.misstated.includes(String(payment_no)) ||
        // It was given back, or may have been, as another payment's.
        (String(exception['fields']) === 'transaction_id' &&
          own.some((one) => confirmedAs(stored.exceptions, one))) ||
        ofNumber.some(({ origin }) => origin === 'another_program') ||
        (refund_no !== null && seemsTooMuch(ofNumber))
      );
    case 'number_spent':
      return ofNumber.some(({ origin }) => origin !== 'ours');
    case 'paid_superseded':
    case 'paid_after_close':
      return ofNumber.some(({ origin }) => origin === 'ours');
    case 'paid_twice':
      return own.filter(({ origin }) => origin === 'ours').length >= 2;
    case 'merchant_missing':
      return setup.wasMissing(provider as ProviderName, String(merchant));
    case 'unknown_refund':
      return ofNumber.some(({ refunds }) =>
        refunds.some(
          ({ origin, state, request_no }) =>
            origin === 'console' ||
            // What says that a refund succeeded may come after what says that it failed.
            (request_no === refund_no && (state === 'failed' || state === 'sent_back')),
        ),
      );
    case 'refund_abnormal':
      return ofNumber.some(({ refunds }) =>
        refunds.some(({ request_no, wasAbnormal }) => request_no === refund_no && wasAbnormal),
      );
    case 'refund_failed':
      return (
        asked.some((refund) => refund['refund_no'] === refund_no && refund['status'] === 'failed') ||
        ofNumber.some(({ refunds }) =>
          refunds.some(
            ({ origin, id, returned }) => origin === 'console' && id === refund_no && returned.isSent,
          ),
        )
      );
    case 'disputed':
      return ofNumber.some(({ disputes }) =>
        disputes.some(({ id, opened }) => id === refund_no && opened.isSent),
      );
    case 'not_shipped':
      return isNotShipped(town, stored, exception);
    default:
      return false;
  }
}

import type { Exception } from '../../http/responses/exceptions.ts';
import type { HistoryItem, OrderHistory } from '../../http/responses/history.ts';
import type { Provider, Resolution } from '../../orders/kinds.ts';
import type { exceptions } from './dictionary/exceptions.ts';
import { isNothing } from './format.ts';

type EndingKey = Extract<keyof typeof exceptions, `ending_${string}`>;

/** What an end comes to: a text about it, and what that names. */
export interface Ending {
  readonly text: EndingKey;
  readonly amount: string | null;
  readonly currency: string | null;
  /** Accounts of the ledger. */
  readonly from: string | null;
  readonly to: string | null;
  /** As things are, the API refuses it. */
  readonly isRefused: boolean;
}

/** What is known of an exception's order; null where it is of none, or was not read. */
type Context = OrderHistory | null;

type Subject = Pick<
  Exception,
  'kind' | 'payment_no' | 'provider' | 'merchant' | 'transaction_id' | 'refund_no' | 'amount' | 'currency'
>;

/**
 * What an end of an exception will book or return, as far as the page can know it: the API decides about it, and says
 * in its reply what was booked. Without its order nothing is foretold
 * of that.
 */
export function endingOf(exception: Subject, resolution: Resolution, context: Context): Ending {
  switch (exception.kind) {
    case 'mismatch':
      return endingOfMismatch(exception, resolution, context);
    case 'paid_after_close':
    case 'paid_twice':
    case 'paid_superseded':
      return endingOfSuspense(exception, resolution, context);
    case 'unknown_refund':
    case 'disputed':
      return resolution === 'attributed' ? endingOfLoss(exception, context) : nothing;
    default:
      return nothing;
  }
}

const say = (text: EndingKey, values: Partial<Omit<Ending, 'text'>> = {}): Ending => ({
  ...{ text, amount: null, currency: null, from: null, to: null, isRefused: false },
  ...values,
});
const refused = (text: EndingKey): Ending => say(text, { isRefused: true });
const nothing = say('ending_nothing');

function endingOfSuspense(exception: Subject, resolution: Resolution, context: Context): Ending {
  const { currency } = exception;
  const from = accountOf('suspense', exception);
  const amount = leftOf(exception, context) ?? exception.amount;
  if (resolution === 'written_off' || resolution === 'dismissed') {
    return say('ending_stays', { amount, currency, from });
  }
  if (amount !== null && isNothing(amount)) {
    return resolution === 'returned' ? say('ending_nothing_left') : refused('ending_refused_nothing_left');
  }
  if (resolution === 'returned') {
    return isDisputed(exception, context)
      ? refused('ending_refused_disputed')
      : say('ending_returns', { amount, currency, from });
  }
  const to = context && ownerOf(context);
  if (isPayable(context)) return refused('ending_refused_order_open');
  if (context?.order.status !== 'closed') return say('ending_books', { amount, currency, from, to });
  const isWhole = amount === context.order.amount && currency === context.order.currency;
  return isWhole
    ? say('ending_pays', { amount, currency, from, to })
    : refused('ending_refused_other_amount');
}

function endingOfMismatch(exception: Subject, resolution: Resolution, context: Context): Ending {
  const { amount, currency, transaction_id, refund_no } = exception;
  if (refund_no !== null) return nothing;
  if (resolution === 'written_off' || resolution === 'dismissed') return say('ending_closes_payment');
  if (amount === null || currency === null || transaction_id === null)
    return refused('ending_refused_unknown');
  const from = accountOf('provider', exception);
  if (resolution === 'returned') {
    return isDisputed(exception, context)
      ? refused('ending_refused_disputed')
      : say('ending_returns_unbooked', { amount, currency, from, to: accountOf('suspense', exception) });
  }
  if (isPayable(context)) return refused('ending_refused_order_open');
  const isWhole = !context || (amount === context.order.amount && currency === context.order.currency);
  return isWhole && (!context || context.order.status === 'closed')
    ? say('ending_pays', { amount, currency, from, to: context && ownerOf(context) })
    : refused('ending_refused_other_amount');
}

/** The owner of the order bears what has gone. */
function endingOfLoss(exception: Subject, context: Context): Ending {
  const { kind, amount, currency, refund_no } = exception;
  if (kind === 'disputed') {
    const dispute = disputesOf(context).find(({ dispute_id }) => dispute_id === refund_no);
    if (dispute?.state === 'open') return refused('ending_refused_dispute_open');
    if (dispute?.state === 'won') return nothing;
  }
  const from = context && ownerOf(context);
  return say('ending_books', { amount, currency, from, to: accountOf('suspense', exception) });
}

/** What can still go back of the money that an exception is about. */
function leftOf({ payment_no, transaction_id }: Subject, context: Context): string | null {
  const history = context?.history ?? [];
  const holding =
    history.find((item) => item.type === 'suspense' && item.transaction_id === transaction_id) ??
    history.find((item) => item.type === 'payment' && item.payment_no === payment_no);
  return holding && 'refundable_amount' in holding ? holding.refundable_amount : null;
}

const disputesOf = (context: Context): readonly Extract<HistoryItem, { type: 'dispute' }>[] =>
  context?.history.filter((item) => item.type === 'dispute') ?? [];

const isPayable = (context: Context): boolean =>
  context?.order.status === 'pending' || context?.order.status === 'failed';

const isDisputed = ({ payment_no }: Subject, context: Context): boolean =>
  disputesOf(context).some((dispute) => dispute.payment_no === payment_no && dispute.state !== 'won');

/** The account of an exception's merchant; null where it names none. */
export const accountOf = (
  of: 'provider' | 'suspense',
  { provider, merchant }: { readonly provider: Provider | null; readonly merchant: string | null },
): string | null => (provider === null || merchant === null ? null : `${of}:${provider}.${merchant}`);

const ownerOf = ({ order: { kind, tenant_id } }: OrderHistory): string =>
  kind === 'tenant' ? `tenant:${tenant_id}` : `shop:${kind}`;

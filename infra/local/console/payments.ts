import type { Order } from '../../../lib/orders/order.ts';
import type { Payment } from '../../../lib/orders/payment.ts';
import { refundableRest } from '../../../lib/orders/refund.ts';
import { toRecord } from '../../../lib/store/items.ts';
import { itemKindOf } from '../../../lib/store/keys.ts';
import { amountText } from './amount-text.ts';
import type { PaymentRow } from './rows.ts';
import type { Item } from './table.ts';

/** The payments among what is stored of an order, in the order in which they were begun. */
export function listPayments(items: readonly Item[]): readonly PaymentRow[] {
  const { order, payments } = read(items);
  return payments
    .toSorted((a, b) => a.n - b.n)
    .map((payment) => {
      const { payment_no, provider, merchant, currency, state, transaction_id, begun_at } = payment;
      const amount = amountText(payment.amount, currency, provider);
      const role = roleOf(payment, order);
      const discount = discountOf(payment);
      const rest = payment.state === 'paid' ? refundableRest(payment) : null;
      return {
        payment_no,
        provider,
        merchant,
        amount,
        currency,
        state,
        role,
        transaction_id,
        begun_at,
        discount,
        refundable: rest === null ? null : amountText(rest, currency, provider),
      };
    });
}

function discountOf({ discount, currency, provider: payee }: Payment): PaymentRow['discount'] {
  if (!discount || discount.merchant + discount.provider === 0) return null;
  const { merchant, provider } = discount;
  return {
    merchant: amountText(merchant, currency, payee),
    provider: amountText(provider, currency, payee),
  };
}

function roleOf({ n, superseded }: Payment, order: Order | undefined): PaymentRow['role'] {
  if (n === order?.paid_by) return 'paying';
  if (superseded) return 'superseded';
  return n === order?.payment ? 'current' : 'other';
}

/** Where the order's current payment is paid, when that is an address that was kept. */
export function storedPayUrl(items: readonly Item[]): string | null {
  const { order, payments } = read(items);
  const page = payments.find(({ n }) => n === order?.payment)?.handed_out?.page ?? null;
  return page !== null && /^(?:https?|weixin):/.test(page) ? page : null;
}

function read(items: readonly Item[]) {
  const order = items.find((item) => itemKindOf(item) === 'order');
  return {
    order: order && toRecord('order', order),
    payments: items.filter((item) => itemKindOf(item) === 'payment').map((item) => toRecord('payment', item)),
  };
}

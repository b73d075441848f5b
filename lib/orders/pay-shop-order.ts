import { isoTime } from '../io.ts';
import {
  type BeginResult,
  decideBeginning,
  type IssueResult,
  isPayable,
  issuePayment,
  type NotBegun,
  type Payee,
} from './begin-payment.ts';
import { orderUpdate } from './change.ts';
import type { AskingPorts } from './check-payment.ts';
import type { Step } from './commit.ts';
import type { ShopOrder } from './order.ts';
import { announcement } from './schedule.ts';

export type PayResult = IssueResult | NotBegun | Paid;
type Paid = { readonly outcome: 'not_found' } | { readonly outcome: 'paid' };

/**
 * Pays an order of `user_id`: at once when it costs nothing, else with a prepay_id for its payer.
 * @throws as `issuePayment`
 */
export function payShopOrder(
  ports: AskingPorts,
  order_no: string,
  user_id: string,
  payee: Payee,
): Promise<PayResult> {
  let wasPaidHere = false;
  return issuePayment<Paid>(ports, order_no, payee, (snapshot, closed): Step<BeginResult | Paid> => {
    const order = snapshot?.order;
    if (!order || order.kind === 'tenant' || order.user_id !== user_id) {
      return { result: { outcome: 'not_found' }, change: null };
    }
    const now = ports.io.now();
    // The reply to the write that paid it may have been lost.
    if (wasPaidHere && order.status === 'paid') return { result: { outcome: 'paid' }, change: null };
    if (order.amount > 0 || !isPayable(order, now)) return decideBeginning(snapshot, payee, closed, now);
    wasPaidHere = true;
    return payFree(order, now);
  });
}

/** An order that costs nothing is paid without a payment, and owes its own announcement. */
function payFree(order: ShopOrder, now: number): Step<Paid> {
  const time = isoTime(now);
  const set = { status: 'paid', paid_at: time, updated_at: time, openid: null } as const;
  const writes = [orderUpdate(order, set, announcement(now))] as const;
  return { result: { outcome: 'paid' }, change: { order_no: order.order_no, writes } };
}

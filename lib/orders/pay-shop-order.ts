import { isoTime } from '../io.ts';
import {
  type BeginResult,
  decideBeginning,
  type IssueResult,
  isPayable,
  issuePayment,
  type NotBegun,
} from './begin-payment.ts';
import { orderUpdate } from './change.ts';
import type { AskingPorts } from './check-payment.ts';
import type { Step } from './commit.ts';
import type { ShopOrder } from './order.ts';
import type { Merchant } from './provider-gateway.ts';
import { announcement } from './schedule.ts';

export type PayResult = IssueResult | NotBegun | Paid;
/** `not_offered`: nobody is paid in the app that the order names. */
type Paid = { readonly outcome: 'not_found' | 'not_offered' } | { readonly outcome: 'paid' };

/**
 * Pays an order of `user_id`: at once when it costs nothing, else to the merchant, with a prepay_id for its payer.
 * @throws as `issuePayment`
 */
export function payShopOrder(
  ports: AskingPorts,
  order_no: string,
  user_id: string,
  merchant: Merchant | null,
): Promise<PayResult> {
  let wasPaidHere = false;
  return issuePayment<Paid>(ports, order_no, (snapshot, closed): Step<BeginResult | Paid> => {
    const order = snapshot?.order;
    if (
      !order ||
      // Stryker disable next-line ConditionalExpression,StringLiteral: a tenant's order is no user's
      order.kind === 'tenant' ||
      order.user_id !== user_id
    ) {
      return { result: { outcome: 'not_found' }, change: null };
    }
    const now = ports.io.now();
    // The reply to the write that paid it may have been lost.
    if (wasPaidHere && order.status === 'paid') return { result: { outcome: 'paid' }, change: null };
    if (order.amount === 0 && isPayable(order, now)) {
      wasPaidHere = true;
      return payFree(order, now);
    }
    const appid = order.appid ?? merchant?.appids[0] ?? null;
    if (
      !merchant ||
      // Stryker disable next-line ConditionalExpression: null is none of the merchant's apps
      appid === null ||
      !merchant.appids.includes(appid)
    ) {
      return { result: { outcome: 'not_offered' }, change: null };
    }
    return decideBeginning(snapshot, { merchant, appid, ...insideWechat }, closed, now);
  });
}

/** Neither is asked for where the payer never leaves WeChat. */
const insideWechat = { scene: 'jsapi', return_url: null, payer_client_ip: null } as const;

/** An order that costs nothing is paid without a payment, and owes its own announcement. */
function payFree(order: ShopOrder, now: number): Step<Paid> {
  const time = isoTime(now);
  const set = { status: 'paid', paid_at: time, updated_at: time, openid: null } as const;
  const writes = [orderUpdate(order, set, announcement(now))] as const;
  return { result: { outcome: 'paid' }, change: { order_no: order.order_no, writes } };
}

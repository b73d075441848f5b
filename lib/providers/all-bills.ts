import { parseStripeDocument } from '../config/stripe.ts';
import type { Provider } from '../orders/kinds.ts';
import { openAlipayBill } from './alipay/bill.ts';
import type { OpenBill } from './provider.ts';
import { openWechatBill } from './wechat/bill.ts';

/** What moved the balance of an account at Stripe is its bill; there is no file of it. */
const openStripeBill: OpenBill =
  ({ io, date }) =>
  async (document) => {
    const config = parseStripeDocument(document);
    // Stripe's package takes longer to load than all the rest, and much memory.
    const { listStripeTransactions } = await import('./stripe/bill.ts');
    return { merchant: config.merchant, rows: listStripeTransactions(config, io, date) };
  };

/** Every provider's bill: a part of its face that no function has to do with, nor therefore loads. */
export const allBills: Readonly<Record<Provider, OpenBill>> = {
  wechat: openWechatBill,
  alipay: openAlipayBill,
  stripe: openStripeBill,
};

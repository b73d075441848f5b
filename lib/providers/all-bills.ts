import { parseStripeDocument } from '../config/stripe.ts';
import type { Provider } from '../orders/kinds.ts';
import { openAlipayBills } from './alipay/bill.ts';
import type { Bills, FromDocument } from './provider.ts';
import { openWechatBills } from './wechat/bill.ts';

/** What moved the balance of an account at Stripe is its bill; there is no file of it. */
const openStripeBills: FromDocument<Bills> =
  ({ io }) =>
  (document) => {
    const config = parseStripeDocument(document);
    const { merchant: name, former } = config;
    return {
      name,
      former,
      async *rows({ date }) {
        // Stripe's package takes longer to load than all the rest, and much memory.
        const { listStripeTransactions } = await import('./stripe/bill.ts');
        yield* listStripeTransactions(config, io, date);
      },
    };
  };

/** Every provider's bills: a part of its face that most functions have nothing to do with, nor therefore load. */
export const allBills: Readonly<Record<Provider, FromDocument<Bills>>> = {
  wechat: openWechatBills,
  alipay: openAlipayBills,
  stripe: openStripeBills,
};

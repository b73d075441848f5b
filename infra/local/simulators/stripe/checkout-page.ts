import type { Wording } from '../../../../lib/wording.ts';
import type { Call } from '../http.ts';
import { BACK, type Cashier, noticeOf, PAY, type Visit, webAddress } from '../payer/cashier.ts';
import type { Act, Notice, PayerPage } from '../payer/page.ts';
import type { StripePayment } from './payment.ts';

export const checkoutPath = /^\/pay\/(\w+)$/;

/** Stripe tells nobody: the session stays open for another card. */
const DECLINE: Act = { name: 'decline', wording: { zh: '让银行卡被拒', en: 'Let the card be declined' } };
/** The session is complete, and only later it turns out that nothing comes (docs.stripe.com/checkout/fulfillment). */
const FAIL_LATER: Act = {
  name: 'fail',
  wording: { zh: '用银行扣款支付，之后失败', en: 'Pay by bank debit that fails later' },
};

const DECLINED: Notice = {
  tone: 'bad',
  wording: { zh: '银行卡被拒，请换一种方式支付', en: 'The card was declined. Pay in another way' },
  code: 'card_declined',
};

const DEBIT_FAILED: Notice = {
  tone: 'bad',
  wording: { zh: '已提交，银行扣款之后失败', en: 'Submitted; the bank debit failed later' },
};

/**
 * Stripe's own page of a Checkout Session. One that is complete leads to its `success_url`, also where the payment fails
 * later; one that is open or expired, back to its `cancel_url` where it has one (docs.stripe.com/api/checkout/sessions).
 */
export function createCheckoutCashier(
  find: (id: string) => Visit<StripePayment> | null,
  now: () => number,
): Cashier<Visit<StripePayment>> {
  const title: Wording = { zh: 'Stripe 收银台', en: 'Stripe Checkout' };
  return {
    find({ path }) {
      const visit = find(checkoutPath.exec(path)?.[1] ?? '');
      if (visit) return visit;
      const wording = { zh: '没有这个付款页面', en: 'There is no such payment page' };
      const notice = { tone: 'bad', wording } as const;
      return { refusal: { provider: 'stripe', title, status: 404, notice, payment: null } };
    },
    show({ payment }, { query }) {
      const isComplete = payment.state === 'paid' || payment.state === 'failed';
      const address = isComplete ? successAddress(payment) : webAddress(payment.cancel_url);
      return {
        provider: 'stripe',
        title,
        status: payment.state === 'closed' ? 400 : 200,
        payment,
        notice: noticeFor(payment, query.has('declined'), now()),
        form: payment.state === 'open' ? { acts: [PAY, DECLINE, FAIL_LATER] } : null,
        back: address === null ? null : { address, wording: BACK },
        leadsBack: isComplete,
      };
    },
    here: ({ target }: Call, act) =>
      target.replace(/\?.*$/, '') + (act === DECLINE.name ? '?declined=1' : ''),
  };
}

function noticeFor(payment: StripePayment, isDeclined: boolean, now: number): Notice | null {
  if (payment.state === 'failed') return DEBIT_FAILED;
  return isDeclined && payment.state === 'open' ? DECLINED : noticeOf(payment, now);
}

/** With the session's id in place of the template (docs.stripe.com/payments/checkout/custom-success-page). */
const successAddress = ({ success_url, id }: StripePayment): string =>
  new URL(success_url.replaceAll('{CHECKOUT_SESSION_ID}', id)).href;

/** What stands at the shop's two addresses, where the document is one that was generated. */
export const shopPage = (name: string): PayerPage => ({
  provider: 'stripe',
  title: { zh: '商家的页面', en: 'The shop’s page' },
  notice:
    name === 'success'
      ? {
          tone: 'good',
          wording: {
            zh: 'Stripe 把付款人带到了 success_url。这并不证明已经付款：请查询订单状态',
            en: 'Stripe led the payer to success_url. That proves no payment: ask for the order’s state',
          },
        }
      : {
          tone: 'bad',
          wording: {
            zh: '付款人没有付款，回到了 cancel_url',
            en: 'The payer came back to cancel_url without paying',
          },
        },
  payment: null,
});

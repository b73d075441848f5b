import type { Wording } from '../../../../lib/wording.ts';
import type { Courier } from '../delivery.ts';
import type { Answer, Call, Route } from '../http.ts';
import { actOnPayment, paymentOptions } from '../payment-actions.ts';
import type { Payment } from '../payments.ts';
import type { MerchantSimulator } from '../provider-simulator.ts';
import { type Act, type Notice, type PayerPage, payerPage } from './page.ts';

/** A payment that a payer has before him, and the merchant's whose it is. */
export interface Visit<T extends Payment = Payment> {
  readonly payment: T;
  readonly simulator: MerchantSimulator;
}

/** The pages of one provider's way of paying. */
export interface Cashier<V extends Visit = Visit> {
  /** What the address means, or the page that says why it means nothing. */
  find(call: Call): V | { readonly refusal: PayerPage };
  /** The page as the payment stands. */
  show(visit: V, call: Call): PayerPage;
  /** The address of the page itself, once that was done. */
  here(call: Call, act: string): string;
}

interface Parts {
  readonly courier: Courier;
  readonly now: () => number;
}

/** Shows a cashier's page, and does what it still offers: who reloads or clicks twice is only led on. */
export const serveCashier =
  <V extends Visit>(cashier: Cashier<V>, { courier, now }: Parts) =>
  async (call: Call): Promise<Answer> => {
    const found = cashier.find(call);
    if ('refusal' in found) return payerPage(found.refusal, call);
    const page = cashier.show(found, call);
    if (call.method === 'GET') return payerPage(page, call);
    const { payment, simulator } = found;
    const act = new URLSearchParams(call.body.toString()).get('act') ?? '';
    const isOffered = page.form?.acts.some(({ name }) => name === act) ?? false;
    if (isOffered && (act === 'pay' || act === 'fail')) {
      await actOnPayment({ simulator, courier, now }, payment.id, act, paymentOptions.parse({}));
    }
    return {
      status: 303,
      headers: { location: cashier.here(call, act), 'referrer-policy': 'same-origin' },
      body: '',
    };
  };

/** A cashier whose pages take their own forms. */
export function cashierRoutes<V extends Visit>(path: RegExp, cashier: Cashier<V>, parts: Parts): Route[] {
  const serve = serveCashier(cashier, parts);
  return [
    ['GET', path, serve],
    ['POST', path, serve],
  ];
}

export const isPayable = ({ state }: Payment): boolean => state === 'open' || state === 'failed';

export const PAY: Act = { name: 'pay', wording: { zh: '支付', en: 'Pay' } };
export const FAIL: Act = { name: 'fail', wording: { zh: '让支付失败', en: 'Let it fail' } };

export const BACK: Wording = { zh: '返回商家', en: 'Back to the shop' };
/** For who has paid where nothing leads back. */
export const GO_BACK: Wording = { zh: '请回到商家的页面', en: 'Go back to the shop’s page' };

/** An address that a page leads to, as a browser writes it; null for none, and for what is no address of the web. */
export function webAddress(address: string | null): string | null {
  return address !== null && /^https?:\/\//i.test(address) && URL.canParse(address)
    ? new URL(address).href
    : null;
}

/** How a payment stands, where that is worth saying; `code` is the provider's own word for it. */
export function noticeOf({ state, expires_at }: Payment, now: number, code?: string): Notice | null {
  const said = (tone: Notice['tone'], zh: string, en: string): Notice => ({
    tone,
    wording: { zh, en },
    ...(code !== undefined && { code }),
  });
  switch (state) {
    case 'open':
      return null;
    case 'failed':
      return said('bad', '支付失败，可以再次支付', 'The payment failed. You can pay again');
    case 'paid':
      return said('good', '已支付', 'Paid');
    case 'closed':
      return expires_at !== null && Date.parse(expires_at) <= now
        ? said('bad', '付款时间已过，不能再支付', 'The time to pay is over')
        : said('bad', '该订单已关闭，不能再支付', 'This payment was closed and cannot be paid');
  }
}

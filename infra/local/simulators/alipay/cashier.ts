import type { Wording } from '../../../../lib/wording.ts';
import type { AlipayCounterpart } from '../../documents.ts';
import type { Call } from '../http.ts';
import {
  BACK,
  type Cashier,
  FAIL,
  GO_BACK,
  isPayable,
  noticeOf,
  PAY,
  type Visit,
  webAddress,
} from '../payer/cashier.ts';
import type { PayerPage } from '../payer/page.ts';
import type { Payment } from '../payments.ts';
import { GatewayError } from './gateway-error.ts';
import { type PagePay, parsePagePay } from './page-pay.ts';
import { returnAddress } from './return-address.ts';

export const cashierPath = /^\/cashier$/;

interface AlipayVisit extends Visit {
  readonly request: PagePay;
}

const title: Wording = { zh: '支付宝收银台', en: 'Alipay' };

/** What the gateway says to who opens the page again. */
const CODES: Readonly<Partial<Record<Payment['state'], string>>> = {
  paid: 'ACQ.TRADE_HAS_SUCCESS',
  closed: 'ACQ.TRADE_HAS_CLOSE',
};

/**
 * The page for a computer or a phone, at the address that the seller signed. Its form goes to another, since the gateway's
 * takes the calls of servers, with the same signed query, and so neither amount nor way back can be changed.
 */
export function createAlipayCashier(
  counterpart: AlipayCounterpart,
  open: (request: PagePay, address: string) => Visit,
  now: () => number,
): Cashier<AlipayVisit> {
  return {
    find(call) {
      try {
        const request = parsePagePay(call.query, counterpart);
        return { ...open(request, gatewayTarget(call)), request };
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        return { refusal: refusalPage(error) };
      }
    },
    show({ payment, request }, call) {
      const { method, return_url, quit_url } = request;
      const address =
        payment.state === 'paid' && return_url !== null
          ? returnAddress(payment, { method, return_url }, counterpart, now())
          : webAddress(quit_url);
      return {
        provider: 'alipay',
        title,
        status: payment.state === 'closed' ? 400 : 200,
        payment,
        notice: noticeOf(payment, now(), CODES[payment.state]),
        form: isPayable(payment)
          ? { action: call.target.replace('/gateway.do?', '/cashier?'), acts: [PAY, FAIL] }
          : null,
        back: address === null ? null : { address, wording: BACK },
        leadsBack: payment.state === 'paid' && return_url !== null,
        hint: address !== null ? null : isPayable(payment) ? NO_WAY_BACK : GO_BACK,
      };
    },
    here: gatewayTarget,
  };
}

const gatewayTarget = ({ target }: Call): string => target.replace('/cashier?', '/gateway.do?');

/** A page for a computer has no address for it. */
const NO_WAY_BACK: Wording = {
  zh: '未付款时，此页不会带您返回商家：请关闭它，或使用浏览器的后退',
  en: 'Unpaid, this page leads nowhere: close it, or go back in the browser',
};

/** What the gateway says to a payer whose address is wrong. */
export const refusalPage = ({ code, message }: GatewayError): PayerPage => ({
  provider: 'alipay',
  title,
  status: 400,
  notice: {
    tone: 'bad',
    wording: { zh: '支付宝不接受该地址', en: 'Alipay does not take this address' },
    code: `${code}: ${message}`,
  },
  payment: null,
});

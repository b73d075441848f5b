import type { Wording } from '../../../../lib/wording.ts';
import type { WechatCounterpart } from '../../documents.ts';
import { type Cashier, FAIL, isPayable, noticeOf, PAY, type Visit } from '../payer/cashier.ts';
import { laboratoryAddress, type PayerPage } from '../payer/page.ts';
import type { Payment } from '../payments.ts';
import { verifyPaySign } from './pay-sign.ts';
import { isFresh, type WechatPayment } from './payment.ts';

export const sheetPath = /^\/sheet$/;

/** What the mini-program is told then (docs: "小程序调起支付"). */
const RESULT: Readonly<Partial<Record<Payment['state'], string>>> = {
  paid: 'requestPayment:ok',
  failed: 'requestPayment:fail',
};

/**
 * The sheet that WeChat lays over a mini-program: the query names what it gave to `wx.requestPayment`, and its
 * signature counts. The mini-program is in the laboratory.
 */
export function createSheetCashier(
  find: (is: (payment: WechatPayment) => boolean) => Visit<WechatPayment> | null,
  counterpartOf: (mchid: string) => WechatCounterpart | null,
  now: () => number,
): Cashier<Visit<WechatPayment>> {
  const title = { zh: '小程序支付', en: 'Pay in the mini-program' };
  const refuse = (wording: Wording): { refusal: PayerPage } => ({
    refusal: {
      provider: 'wechat',
      title,
      status: 400,
      notice: { tone: 'bad', wording },
      payment: null,
    },
  });
  return {
    find({ query }) {
      const visit = find(
        ({ prepay_id }) => prepay_id !== null && query.get('package') === `prepay_id=${prepay_id}`,
      );
      if (!visit) return refuse({ zh: '没有这个 prepay_id', en: 'There is no such prepay_id' });
      const { payment } = visit;
      const isGenuine =
        query.get('appId') === payment.appid &&
        verifyPaySign(Object.fromEntries(query), counterpartOf(payment.merchant)).verified;
      if (!isGenuine) return refuse({ zh: '支付验证签名失败', en: 'The paySign does not verify' });
      return isFresh(payment, now()) || !isPayable(payment)
        ? visit
        : refuse({
            zh: 'prepay_id 已过期，请重新发起支付',
            en: 'The prepay_id is older than two hours: ask for another',
          });
    },
    show: ({ payment }) => ({
      provider: 'wechat',
      title,
      status: payment.state === 'closed' ? 400 : 200,
      payment,
      notice: noticeOf(payment, now(), RESULT[payment.state]),
      form: isPayable(payment) ? { acts: [PAY, FAIL] } : null,
      back: {
        address: laboratoryAddress(payment),
        wording: isPayable(payment)
          ? { zh: '取消', en: 'Cancel' }
          : { zh: '返回小程序', en: 'Back to the mini-program' },
      },
      hint: isPayable(payment)
        ? {
            zh: '取消时小程序得到 requestPayment:fail cancel',
            en: 'When cancelled, the mini-program is told requestPayment:fail cancel',
          }
        : null,
    }),
    here: ({ target }) => target,
  };
}

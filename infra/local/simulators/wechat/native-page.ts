import type { Call } from '../http.ts';
import { type Cashier, FAIL, isPayable, noticeOf, PAY, type Visit } from '../payer/cashier.ts';
import { isFresh, type WechatPayment } from './payment.ts';

export const nativePath = /^\/scan$/;

/** What WeChat shows to who scans a `code_url`, which the query names: it leads nowhere, as the shop is on another screen. */
export function createNativeCashier(
  find: (is: (payment: WechatPayment) => boolean) => Visit<WechatPayment> | null,
  now: () => number,
): Cashier<Visit<WechatPayment>> {
  const title = { zh: '扫码付款', en: 'Pay by code' };
  return {
    find({ query }: Call) {
      const code = query.get('code_url');
      const visit = code === null ? null : find(({ pay_url }) => pay_url === code);
      if (visit && (isFresh(visit.payment, now()) || !isPayable(visit.payment))) return visit;
      const wording = {
        zh: '二维码已失效，请在商家的页面上刷新',
        en: 'This code is good no more: have the shop’s page show another',
      };
      return {
        refusal: {
          provider: 'wechat',
          title,
          status: 400,
          notice: { tone: 'bad', wording },
          payment: null,
        },
      };
    },
    show: ({ payment }) => ({
      provider: 'wechat',
      title,
      status: payment.state === 'closed' ? 400 : 200,
      payment,
      notice: noticeOf(payment, now()),
      form: isPayable(payment) ? { acts: [PAY, FAIL] } : null,
      hint: {
        zh: '商家的页面在显示二维码的屏幕上',
        en: 'The shop’s page is on the screen that shows the code',
      },
    }),
    here: ({ target }) => target,
  };
}

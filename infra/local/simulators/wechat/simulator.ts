import type { WechatCounterpart } from '../../documents.ts';
import { signedFlatBody } from '../flat-body.ts';
import { type Handler, json, type Route, router } from '../http.ts';
import { cashierRoutes, type Visit } from '../payer/cashier.ts';
import { createPayments, type Payments } from '../payments.ts';
import {
  type MerchantSimulator,
  type ProviderSimulator,
  proportionalFees,
  type RegisteredMerchant,
  type SimulatorContext,
} from '../provider-simulator.ts';
import { randomDigits } from '../random.ts';
import { openRefund, reopenRefund } from '../refund-actions.ts';
import { createRefunds } from '../refunds.ts';
import { createAnswers, SIGN_ERROR } from './answers.ts';
import { isAuthorized, mchidOf } from './authorization.ts';
import { billRoutes } from './bill.ts';
import { listCertificates } from './certificates.ts';
import { createH5Cashier, createH5Pages, type H5Pages, h5Path } from './h5-page.ts';
import { createNativeCashier, nativePath } from './native-page.ts';
import { notification } from './notification.ts';
import { paymentNotice, transaction, type WechatPayment } from './payment.ts';
import { createSheetCashier, sheetPath } from './payment-sheet.ts';
import { refundNotice, type WechatRefund } from './refund.ts';
import { newRefund, refundRoutes } from './refund-requests.ts';
import { transactionRoutes } from './transactions.ts';

const OTHER_MCHID = '1900000999';

export interface WechatSimulator extends ProviderSimulator {
  /** Of each of its merchants. */
  readonly payments: readonly Payments<WechatPayment>[];
}

/** WeChat Pay APIv3, for all its merchants: whose request it is stands in the request's authorization. */
export function createWechat(
  registered: readonly RegisteredMerchant<WechatCounterpart>[],
  context: SimulatorContext,
): WechatSimulator {
  const pages = createH5Pages(context.state.map('wechat pages'), context.consoleUrl, context.now);
  const merchants = registered.map((one) => createMerchant(one, context, pages));
  const byMchid = new Map(merchants.map((simulator) => [simulator.merchant, simulator]));
  const { status, ...unknownMerchant } = SIGN_ERROR;
  // Nobody's keys sign what is said to a stranger.
  const serveMerchant: Handler = (call) =>
    byMchid.get(mchidOf(call))?.handle(call) ?? json(status, unknownMerchant);
  const servePayer = router(payerRoutes(registered, byMchid, pages, context));
  return {
    merchants,
    payments: merchants.map(({ payments }) => payments),
    handle: (call) => (payerPaths.some((path) => path.test(call.path)) ? servePayer : serveMerchant)(call),
  };
}

const payerPaths = [h5Path, nativePath, sheetPath];

/** What payers see: WeChat in a phone's browser, behind a code, and over a mini-program. */
function payerRoutes(
  registered: readonly RegisteredMerchant<WechatCounterpart>[],
  byMchid: ReadonlyMap<string, MerchantSimulator<WechatPayment, WechatRefund>>,
  pages: H5Pages,
  context: SimulatorContext,
): Route[] {
  const { now } = context;
  const visitOf = (mchid: string, payment_no: string): Visit<WechatPayment> | null => {
    const simulator = byMchid.get(mchid);
    const payment = simulator?.payments.find(payment_no);
    return simulator && payment ? { simulator, payment } : null;
  };
  const find = (is: (payment: WechatPayment) => boolean): Visit<WechatPayment> | null => {
    for (const simulator of byMchid.values()) {
      const payment = simulator.payments.list().find(is);
      if (payment) return { simulator, payment };
    }
    return null;
  };
  const counterpartOf = (mchid: string) =>
    registered.find(({ counterpart }) => counterpart.document.mchid === mchid)?.counterpart ?? null;
  return [
    ...cashierRoutes(h5Path, createH5Cashier(pages, visitOf, now), context),
    ...cashierRoutes(nativePath, createNativeCashier(find, now), context),
    ...cashierRoutes(sheetPath, createSheetCashier(find, counterpartOf, now), context),
  ];
}

/** One merchant's payments, refunds, trade bill, platform certificates and notifications. */
function createMerchant(
  { counterpart, callbackUrl }: RegisteredMerchant<WechatCounterpart>,
  { consoleUrl, now, recorder, courier, state }: SimulatorContext,
  pages: H5Pages,
): MerchantSimulator<WechatPayment, WechatRefund> {
  const { document } = counterpart;
  const kept = <T>(name: string) => state.map<T>(`wechat.${document.mchid} ${name}`);
  const payments = createPayments(kept<WechatPayment>('payments'), now, recorder);
  const refunds = createRefunds(kept<WechatRefund>('refunds'));
  const answers = createAnswers(counterpart, now);
  const open = (refund: WechatRefund) => openRefund({ simulator, courier, now }, refund);
  const reopen = (refund: WechatRefund) => reopenRefund({ simulator, courier, now }, refund);

  const api = router([
    ...transactionRoutes({ counterpart, payments, refunds, answers, pages, now }),
    ...refundRoutes({ payments, refunds, answers, open, reopen, now }),
    ...billRoutes({ payments, refunds, fees: proportionalFees, answers, consoleUrl }),
    ['GET', /^\/v3\/certificates$/, () => listCertificates(counterpart, answers)],
  ]);

  const simulator: MerchantSimulator<WechatPayment, WechatRefund> = {
    merchant: document.mchid,
    callbackUrl,
    payments,
    refunds,
    handle: (call) => (isAuthorized(call, counterpart, now()) ? api(call) : answers.refuse(SIGN_ERROR)),
    newTransactionId: () => `4200${randomDigits(24)}`,
    message(payment, { forge, otherMerchant } = {}) {
      if (payment.state !== 'paid' && payment.state !== 'failed') return null;
      const told = transaction(payment, refunds.of(payment));
      const content = otherMerchant ? { ...told, mchid: OTHER_MCHID } : told;
      return notification(paymentNotice(content), counterpart, now(), forge);
    },
    refundMessages(refund, { forge, otherMerchant } = {}) {
      const notice = refundNotice(refund, otherMerchant ? OTHER_MCHID : document.mchid);
      return notice ? [notification(notice, counterpart, now(), forge)] : [];
    },
    // Of an abnormal one, the merchant says where it goes: by hand, or by the API that repairs it.
    refundSteps: {
      pending: ['succeeded', 'failed', 'abnormal'],
      abnormal: ['succeeded'],
      succeeded: [],
      failed: [],
    },
    // Told at the address that is set in 退款配置, under a number of WeChat Pay's own.
    consoleRefund: (payment, amount) => ({
      ...newRefund(
        {
          out_refund_no: `5030${randomDigits(24)}`,
          reason: '',
          notify_url: callbackUrl,
          amount: { refund: amount, total: payment.amount, currency: 'CNY' },
        },
        payment,
        now(),
      ),
      by_console: true,
    }),
    disputes: null,
    fees: proportionalFees,
    discounts: true,
    flatMessage: (fields) => ({
      headers: { 'content-type': 'application/json' },
      body: signedFlatBody(fields, document.callback_keys[0] ?? ''),
    }),
    acknowledged: (status) => status === 200 || status === 204,
    retryAfterSeconds: [
      15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600,
    ],
  };
  return simulator;
}

import type { AlipayCounterpart } from '../../documents.ts';
import { beijingTime } from '../beijing-time.ts';
import type { Message } from '../delivery.ts';
import { signedFlatBody } from '../flat-body.ts';
import { type Handler, router } from '../http.ts';
import { serveCashier, type Visit } from '../payer/cashier.ts';
import { payerPage } from '../payer/page.ts';
import { createPayments, NO_DISCOUNT, type Payment } from '../payments.ts';
import {
  type Changes,
  type MerchantSimulator,
  type ProviderSimulator,
  proportionalFees,
  type RegisteredMerchant,
  type SimulatorContext,
} from '../provider-simulator.ts';
import { randomDigits } from '../random.ts';
import { openRefund } from '../refund-actions.ts';
import { createRefunds, type Refund } from '../refunds.ts';
import { type BillFiles, createBills, downloadBill } from './bill.ts';
import { cashierPath, createAlipayCashier, refusalPage } from './cashier.ts';
import { createGateway, parametersOf, refuseStranger } from './gateway.ts';
import { GatewayError, noSuchApp } from './gateway-error.ts';
import { notification } from './notification.ts';
import type { PagePay } from './page-pay.ts';
import { newRefund, refundFields, refundMethods } from './refund.ts';
import { tradeMethods } from './trade.ts';

/** Alipay, for all its apps: whose request it is says its `app_id`. */
export function createAlipay(
  registered: readonly RegisteredMerchant<AlipayCounterpart>[],
  context: SimulatorContext,
): ProviderSimulator {
  const files: BillFiles = new Map();
  const byApp = new Map(
    registered.map((one) => [one.counterpart.document.app_id, createMerchant(one, context, files)]),
  );
  const serve =
    (refuse: Handler): Handler =>
    (call) =>
      (byApp.get(parametersOf(call).get('app_id') ?? '')?.handle ?? refuse)(call);
  return {
    merchants: [...byApp.values()],
    handle: router([
      ['GET', /^\/gateway\.do$/, serve(strangersPage)],
      ['POST', cashierPath, serve(strangersPage)],
      ['POST', /^\/gateway\.do$/, serve(refuseStranger)],
      ['GET', /^\/downloadBillFile\.resource$/, (call) => downloadBill(files, call, context.now())],
    ]),
  };
}

const strangersPage: Handler = (call) => payerPage(refusalPage(noSuchApp()), call);

/**
 * One app's page pay, whose trade comes into being when its payer opens the signed URL, and its gateway: query, close,
 * refunds and the trade bill.
 */
function createMerchant(
  { counterpart, callbackUrl }: RegisteredMerchant<AlipayCounterpart>,
  { consoleUrl, now, recorder, courier, state }: SimulatorContext,
  files: BillFiles,
): MerchantSimulator {
  const { app_id, seller_id } = counterpart.document;
  const merchant = `${app_id}.${seller_id}`;
  const payments = createPayments(state.map<Payment>(`alipay.${merchant} payments`), now, recorder);
  const refunds = createRefunds(state.map<Refund>(`alipay.${merchant} refunds`));
  const gateway = createGateway(counterpart, {
    ...tradeMethods(payments, refunds),
    ...refundMethods({
      payments,
      refunds,
      open: (refund) => openRefund({ simulator, courier, now }, refund),
      now,
    }),
    ...createBills({ seller_id, payments, refunds, fees: proportionalFees, consoleUrl, now, files }),
  });

  /** Alipay's trade number, which begins with the day. */
  const newTransactionId = () => `${beijingTime(now()).slice(0, 10).replaceAll('-', '')}${randomDigits(20)}`;

  /** A trade comes into being when its page is opened; one that is too old never does. */
  function open(request: PagePay, target: string): Visit {
    const known = payments.find(request.out_trade_no);
    if (known) {
      if (known.amount !== request.amount)
        throw new GatewayError('ACQ.CONTEXT_INCONSISTENT', '交易信息被篡改');
      return { simulator, payment: known };
    }
    const made = { ...newPayment(request, consoleUrl + target, now()), merchant };
    const isOver = request.expires_at !== null && request.expires_at <= now();
    const payment = isOver
      ? { ...made, state: 'closed' as const }
      : payments.put({ ...made, transaction_id: newTransactionId() });
    return { simulator, payment };
  }

  /** To the trade's own address; what was returned before this refund counts. */
  function refundNotice(refund: Refund, changes: Changes): Message[] {
    const trade = payments.get(refund.payment_id);
    if (!trade || refund.state !== 'succeeded') return [];
    const all = refunds.of(trade);
    const before = all.slice(
      0,
      all.findIndex(({ id }) => id === refund.id),
    );
    return [notification(trade, counterpart, now(), changes, refundFields(refund, trade, before))];
  }

  const cashier = serveCashier(createAlipayCashier(counterpart, open, now), { courier, now });

  const simulator: MerchantSimulator = {
    merchant,
    callbackUrl,
    payments,
    refunds,
    handle: router([
      ['GET', /^\/gateway\.do$/, cashier],
      ['POST', cashierPath, cashier],
      ['POST', /^\/gateway\.do$/, gateway],
    ]),
    newTransactionId,
    message: (payment, changes = {}) =>
      payment.state === 'paid' || payment.state === 'closed'
        ? notification(payment, counterpart, now(), changes)
        : null,
    refundMessages: (refund, changes = {}) => refundNotice(refund, changes),
    refundSteps: { pending: ['succeeded', 'failed'], abnormal: [], succeeded: [], failed: [] },
    consoleRefund: (trade, amount) => {
      const content = { out_request_no: `HZ${randomDigits(18)}`, refund_reason: '' };
      return { ...newRefund(trade, content, amount, new Date(now()).toISOString()), by_console: true };
    },
    disputes: null,
    fees: proportionalFees,
    discounts: true,
    flatMessage: (fields) => ({
      headers: { 'content-type': 'application/json' },
      body: signedFlatBody(fields, counterpart.document.callback_keys[0] ?? ''),
    }),
    acknowledged: (status, answer) => status === 200 && answer === 'success',
    retryAfterSeconds: [240, 600, 600, 3600, 7200, 21600, 54000],
  };
  return simulator;
}

function newPayment(request: PagePay, pay_url: string, now: number): Omit<Payment, 'merchant'> {
  const { out_trade_no, amount, subject, notify_url, expires_at } = request;
  return {
    provider: 'alipay',
    id: out_trade_no,
    payment_no: out_trade_no,
    amount,
    currency: 'CNY',
    description: subject,
    state: 'open',
    notify_url,
    pay_url,
    prepay_id: null,
    transaction_id: null,
    created_at: new Date(now).toISOString(),
    expires_at: expires_at === null ? null : new Date(expires_at).toISOString(),
    paid_at: null,
    discount: NO_DISCOUNT,
  };
}

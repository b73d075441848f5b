import { formatAmount } from '../../../../lib/money.ts';
import type { AlipayCounterpart } from '../../documents.ts';
import { alipayTime } from '../beijing-time.ts';
import { cashierPage } from '../cashier-page.ts';
import { signedFlatBody } from '../flat-body.ts';
import { type Answer, type Call, escapeHtml, html, router } from '../http.ts';
import { createPayments, type Payment } from '../payments.ts';
import type { ProviderSimulator, SimulatorContext } from '../provider-simulator.ts';
import { randomDigits } from '../random.ts';
import { notification } from './notification.ts';
import { GatewayError, type PagePay, parsePagePay } from './page-pay.ts';
import { YUAN } from './yuan.ts';

/** Alipay's page pay: a trade comes into being when its payer opens the signed URL. */
export function createAlipay(
  counterpart: AlipayCounterpart,
  { consoleUrl, now, recorder }: SimulatorContext,
): ProviderSimulator {
  const payments = createPayments(now, recorder);

  /** Alipay's trade number, which begins with the day. */
  const newTransactionId = () => `${alipayTime(now()).slice(0, 10).replaceAll('-', '')}${randomDigits(20)}`;

  function open(request: PagePay, pay_url: string): Payment {
    const known = payments.find(request.out_trade_no);
    if (!known)
      return payments.put({ ...newPayment(request, pay_url, now()), transaction_id: newTransactionId() });
    if (known.amount !== request.amount) throw new GatewayError('ACQ.CONTEXT_INCONSISTENT', '交易信息被篡改');
    if (known.state === 'paid') throw new GatewayError('ACQ.TRADE_HAS_SUCCESS', '交易已被支付');
    if (known.state === 'closed') throw new GatewayError('ACQ.TRADE_HAS_CLOSE', '交易已经关闭');
    return known;
  }

  function cashier(call: Call): Answer {
    try {
      return page(open(parsePagePay(call.query, counterpart, now()), `${consoleUrl}${call.target}`));
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      return html(400, `<h1>${escapeHtml(error.code)}</h1>\n<p>${escapeHtml(error.message)}</p>`);
    }
  }

  return {
    payments,
    handle: router([['GET', /^\/gateway\.do$/, cashier]]),
    newTransactionId,
    message: (payment, changes = {}) =>
      payment.state === 'paid' || payment.state === 'closed'
        ? notification(payment, counterpart, now(), changes)
        : null,
    flatMessage: (fields) => ({
      headers: { 'content-type': 'application/json' },
      body: signedFlatBody(fields, counterpart.document.callback_keys[0] ?? ''),
    }),
    acknowledged: (status, answer) => status === 200 && answer === 'success',
    retryAfterSeconds: [240, 600, 600, 3600, 7200, 21600, 54000],
  };
}

const page = ({ order_no, amount, description }: Payment): Answer =>
  cashierPage('支付宝', order_no, [description, `${order_no}: ¥${formatAmount(amount, YUAN)}`]);

function newPayment(request: PagePay, pay_url: string, now: number): Payment {
  const { out_trade_no, amount, subject, notify_url, expires_at } = request;
  return {
    provider: 'alipay',
    id: out_trade_no,
    order_no: out_trade_no,
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
  };
}

import type { WechatCounterpart } from '../../documents.ts';
import { signedFlatBody } from '../flat-body.ts';
import { type Answer, type Call, router } from '../http.ts';
import { createPayments } from '../payments.ts';
import type { ProviderSimulator, SimulatorContext } from '../provider-simulator.ts';
import { randomDigits, randomText } from '../random.ts';
import { isAuthorized } from './authorization.ts';
import { notification } from './notification.ts';
import { type CreateParameters, type ParameterFault, parseParameters } from './parameters.ts';
import { transaction, type WechatPayment } from './payment.ts';
import { signatureHeaders } from './signature.ts';

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly detail?: unknown;
}

const OTHER_MCHID = '1900000999';

const SIGN_ERROR: Refusal = { status: 401, code: 'SIGN_ERROR', message: '签名错误，请检查后再试' };
const ORDER_PAID: Refusal = { status: 400, code: 'ORDERPAID', message: '该订单已支付' };
const ORDER_CLOSED: Refusal = { status: 400, code: 'ORDER_CLOSED', message: '该订单已关闭' };
const NOT_FOUND: Refusal = { status: 404, code: 'ORDER_NOT_EXIST', message: '订单不存在' };
const REENTRY: Refusal = {
  status: 400,
  code: 'INVALID_REQUEST',
  message: '请求重入时，参数与首次请求时不一致',
};

/** WeChat Pay APIv3: JSAPI and Native creation, query, close and notifications. */
export function createWechat(
  counterpart: WechatCounterpart,
  { now, recorder }: SimulatorContext,
): ProviderSimulator<WechatPayment> {
  const { document } = counterpart;
  const payments = createPayments<WechatPayment>(now, recorder);

  function sign(status: number, body: string): Answer {
    const headers = { 'content-type': 'application/json', ...signatureHeaders(body, counterpart, now()) };
    return { status, headers, body };
  }
  const succeed = (value: unknown) => sign(200, JSON.stringify(value));
  const refuse = ({ status, ...error }: Refusal) => sign(status, JSON.stringify(error));
  const refuseField = (fault: ParameterFault) =>
    refuse({
      status: 400,
      code: 'PARAM_ERROR',
      message: `参数错误：${fault.field} ${fault.issue}`,
      detail: fault,
    });

  function create(call: Call, tradeType: 'JSAPI' | 'NATIVE'): Answer {
    const parsed = parseParameters(call.body, tradeType, now());
    if ('fault' in parsed) return refuseField(parsed.fault);
    const { parameters } = parsed;
    if (parameters.appid !== document.appid || parameters.mchid !== document.mchid) {
      return refuse({ status: 400, code: 'APPID_MCHID_NOT_MATCH', message: 'appid和mchid不匹配' });
    }
    const known = payments.find(parameters.out_trade_no);
    const made = newPayment(parameters, tradeType, now());
    if (known?.state === 'paid') return refuse(ORDER_PAID);
    if (known?.state === 'closed') return refuse(ORDER_CLOSED);
    if (known && known.core !== made.core) return refuse(REENTRY);
    const { prepay_id, pay_url } = payments.put(made);
    return succeed(tradeType === 'JSAPI' ? { prepay_id } : { code_url: pay_url });
  }

  function query(call: Call, order_no = ''): Answer {
    if (call.query.get('mchid') !== document.mchid) return refuseField({ field: '/mchid', issue: '不匹配' });
    const payment = payments.find(order_no);
    return payment ? succeed(transaction(payment, counterpart)) : refuse(NOT_FOUND);
  }

  function close(_call: Call, order_no = ''): Answer {
    const payment = payments.find(order_no);
    if (!payment) return refuse(NOT_FOUND);
    if (payment.state === 'paid') return refuse(ORDER_PAID);
    payments.put({ ...payment, state: 'closed' });
    return sign(204, '');
  }

  const api = router([
    ['POST', /^\/v3\/pay\/transactions\/jsapi$/, (call) => create(call, 'JSAPI')],
    ['POST', /^\/v3\/pay\/transactions\/native$/, (call) => create(call, 'NATIVE')],
    ['GET', /^\/v3\/pay\/transactions\/out-trade-no\/([^/]+)$/, query],
    ['POST', /^\/v3\/pay\/transactions\/out-trade-no\/([^/]+)\/close$/, close],
  ]);

  return {
    payments,
    handle: (call) => (isAuthorized(call, counterpart, now()) ? api(call) : refuse(SIGN_ERROR)),
    newTransactionId: () => `4200${randomDigits(24)}`,
    message(payment, { forge, otherMerchant } = {}) {
      if (payment.state !== 'paid' && payment.state !== 'failed') return null;
      const told = transaction(payment, counterpart);
      return notification(otherMerchant ? { ...told, mchid: OTHER_MCHID } : told, counterpart, now(), forge);
    },
    flatMessage: (fields) => ({
      headers: { 'content-type': 'application/json' },
      body: signedFlatBody(fields, document.callback_keys[0] ?? ''),
    }),
    acknowledged: (status) => status === 200 || status === 204,
    retryAfterSeconds: [
      15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600,
    ],
  };
}

function newPayment(
  parameters: CreateParameters,
  trade_type: 'JSAPI' | 'NATIVE',
  now: number,
): WechatPayment {
  const { out_trade_no, description, amount, time_expire, notify_url, payer } = parameters;
  const core = JSON.stringify([trade_type, description, amount, time_expire, payer?.openid]);
  return {
    provider: 'wechat',
    id: out_trade_no,
    order_no: out_trade_no,
    amount: amount.total,
    currency: amount.currency,
    description,
    state: 'open',
    notify_url,
    pay_url: trade_type === 'NATIVE' ? `weixin://wxpay/bizpayurl?pr=${randomText(9)}` : null,
    prepay_id: trade_type === 'JSAPI' ? `wx${randomDigits(17)}${randomText(17)}` : null,
    transaction_id: null,
    created_at: new Date(now).toISOString(),
    expires_at: time_expire === undefined ? null : new Date(time_expire).toISOString(),
    paid_at: null,
    trade_type,
    openid: payer?.openid ?? `o${randomText(27)}`,
    core,
  };
}

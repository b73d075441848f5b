import * as z from 'zod/mini';
import type { WechatCounterpart } from '../../documents.ts';
import { type Answer, type Call, parseJson, type Route } from '../http.ts';
import type { Payments } from '../payments.ts';
import type { Refunds } from '../refunds.ts';
import {
  type Answers,
  APPID_MCHID_NOT_MATCH,
  invalidRequest,
  ORDER_CLOSED,
  ORDER_NOT_EXIST,
  ORDER_PAID,
  parameterError,
} from './answers.ts';
import type { H5Pages } from './h5-page.ts';
import { parseParameters, type TradeType } from './parameters.ts';
import { newPayment, transaction, type WechatPayment } from './payment.ts';

interface Parts {
  readonly counterpart: WechatCounterpart;
  readonly payments: Payments<WechatPayment>;
  readonly refunds: Refunds;
  readonly answers: Answers;
  readonly pages: Pick<H5Pages, 'issue'>;
  readonly now: () => number;
}

const closeBody = z.object({ mchid: z.string() });

/** Creation of JSAPI, Native and H5 payments, query and close (docs: "JSAPI下单", "商户订单号查询订单", "关闭订单"). */
export function transactionRoutes({ counterpart, payments, refunds, answers, pages, now }: Parts): Route[] {
  const { appid, apps = {}, mchid } = counterpart.document;
  const isBound = (named: string) => named === appid || Object.hasOwn(apps, named);
  const { succeed, refuse, done } = answers;
  const otherMchid = refuse.bind(null, parameterError({ field: '/mchid', issue: '不匹配' }));

  function create(call: Call, tradeType: TradeType): Answer {
    const parsed = parseParameters(call.body, tradeType, now());
    if ('fault' in parsed) return refuse(parameterError(parsed.fault));
    const { parameters } = parsed;
    if (!isBound(parameters.appid) || parameters.mchid !== mchid) return refuse(APPID_MCHID_NOT_MATCH);
    const known = payments.find(parameters.out_trade_no);
    const made = newPayment(parameters, tradeType, now());
    if (known?.state === 'paid') return refuse(ORDER_PAID);
    if (known?.state === 'closed') return refuse(ORDER_CLOSED);
    if (known && known.core !== made.core)
      return refuse(invalidRequest('请求重入时，参数与首次请求时不一致'));
    // Until when it can be paid was said the first time.
    const payment = { ...made, expires_at: known?.expires_at ?? made.expires_at };
    if (tradeType === 'MWEB') {
      const h5_url = pages.issue(payment);
      payments.put({ ...payment, pay_url: h5_url });
      return succeed({ h5_url });
    }
    const { prepay_id, pay_url } = payments.put(payment);
    return succeed(tradeType === 'JSAPI' ? { prepay_id } : { code_url: pay_url });
  }

  function query(call: Call, payment_no = ''): Answer {
    if (call.query.get('mchid') !== mchid) return otherMchid();
    const payment = payments.find(payment_no);
    if (!payment) return refuse(ORDER_NOT_EXIST);
    return succeed(transaction(payment, refunds.of(payment)));
  }

  /** The live API says nothing else of what is closed already, nor of a number that it does not hold. */
  function close(call: Call, payment_no = ''): Answer {
    if (closeBody.safeParse(parseJson(call.body)).data?.mchid !== mchid) return otherMchid();
    const payment = payments.find(payment_no);
    if (payment?.state === 'paid') return refuse(ORDER_PAID);
    if (payment && payment.state !== 'closed') payments.put({ ...payment, state: 'closed' });
    return done();
  }

  return [
    ['POST', /^\/v3\/pay\/transactions\/jsapi$/, (call) => create(call, 'JSAPI')],
    ['POST', /^\/v3\/pay\/transactions\/native$/, (call) => create(call, 'NATIVE')],
    ['POST', /^\/v3\/pay\/transactions\/h5$/, (call) => create(call, 'MWEB')],
    ['GET', /^\/v3\/pay\/transactions\/out-trade-no\/([^/]+)$/, query],
    ['POST', /^\/v3\/pay\/transactions\/out-trade-no\/([^/]+)\/close$/, close],
  ];
}

import * as z from 'zod/mini';
import type { WechatCounterpart } from '../../documents.ts';
import type { KeptMap } from '../../kept-state.ts';
import { type Answer, type Call, type Handler, json, parseJson, type Route, router } from '../http.ts';
import type { Payments } from '../payments.ts';
import type { WechatPayment } from '../wechat/payment.ts';
import { createAccessTokens } from './access-tokens.ts';
import { deliveryCompanies } from './delivery-companies.ts';
import { failures, isFailure } from './failures.ts';
import { createShipments, type Shipment } from './shipments.ts';

/** `http`: answers 500. `busy`: answers that the system is busy. `hang`: answers nothing. Null: works. */
export const weixinFault = z.nullable(z.enum(['http', 'busy', 'hang']));
export type WeixinFault = z.infer<typeof weixinFault>;

export interface Weixin {
  readonly handle: Handler;
  /** What it was told as sent. */
  shipments(): readonly Shipment[];
  fault(): WeixinFault;
  setFault(fault: WeixinFault): void;
  /**
   * How long a payment is unknown here after it is paid: up to a minute, says WeChat's support, of orders that are being
   * entered.
   */
  setKnownAfter(ms: number): void;
  /** Ends the time of every access token. */
  expireTokens(): void;
}

const tokenRequest = z.object({
  grant_type: z.string(),
  appid: z.string(),
  secret: z.string(),
  force_refresh: z._default(z.boolean(), false),
});

/** `api.weixin.qq.com`: the API of the mini-programs in which these merchants are paid. Every answer of it is 200. */
export function createWeixin(
  counterparts: readonly WechatCounterpart[],
  payments: readonly Payments<WechatPayment>[],
  shipped: KeptMap<Shipment>,
  now: () => number,
): Weixin {
  const secrets = new Map(
    counterparts.flatMap(({ document: { apps = {} } }) =>
      Object.entries(apps).flatMap(([appid, { secret }]) => (secret === undefined ? [] : [[appid, secret]])),
    ) as [string, string][],
  );
  const tokens = createAccessTokens(secrets, now);
  let fault: WeixinFault = null;
  let knownAfterMs = 0;
  const shipments = createShipments(
    shipped,
    payments,
    (paid_at) => Date.parse(paid_at) + knownAfterMs <= now(),
  );

  function giveToken({ body }: Call): Answer {
    const { data } = tokenRequest.safeParse(parseJson(body));
    if (!data) return json(200, failures.format);
    if (data.grant_type !== 'client_credential') return json(200, failures.grantType);
    return json(200, tokens.ask(data.appid, data.secret, data.force_refresh));
  }

  /** Whatever is asked for with a token, by the app whose it is. */
  const authorized =
    (run: (call: Call, appid: string) => Answer) =>
    (call: Call): Answer => {
      const appid = tokens.appOf(call.query.get('access_token') ?? '');
      return isFailure(appid) ? json(200, appid) : run(call, appid);
    };

  const paths: Readonly<Record<string, (call: Call) => Answer>> = {
    '/cgi-bin/stable_token': giveToken,
    '/wxa/sec/order/upload_shipping_info': authorized(({ body }, appid) =>
      json(200, shipments.upload(body, appid) ?? OK),
    ),
    '/wxa/sec/order/is_trade_managed': authorized(({ body }, appid) => {
      const { data } = z.object({ appid: z.string() }).safeParse(parseJson(body));
      if (!data) return json(200, failures.format);
      return json(200, data.appid === appid ? { ...OK, is_trade_managed: true } : failures.appid);
    }),
    '/cgi-bin/express/delivery/open_msg/get_delivery_list': authorized(() =>
      json(200, { errcode: 0, delivery_list: deliveryCompanies, count: deliveryCompanies.length }),
    ),
  };
  const routes = Object.entries(paths).flatMap(([path, run]): Route[] => {
    const pattern = new RegExp(`^${path}$`);
    return [
      ['POST', pattern, run],
      ['GET', pattern, () => json(200, failures.method)],
    ];
  });
  const serve = router(routes);

  return {
    handle(call) {
      if (fault === 'http') return json(500, {});
      if (fault === 'hang') return new Promise<Answer>(() => {});
      return fault === 'busy' ? json(200, failures.busy) : serve(call);
    },
    shipments: shipments.list,
    fault: () => fault,
    setFault(next) {
      fault = next;
    },
    setKnownAfter(ms) {
      knownAfterMs = ms;
    },
    expireTokens: tokens.expire,
  };
}

const OK = { errcode: 0, errmsg: 'ok' } as const;

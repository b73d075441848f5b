import { isIP } from 'node:net';
import * as z from 'zod/mini';
import { isLocalAddress } from '../delivery.ts';
import { parseJson } from '../http.ts';

const MAX_LIFE_MS = 7 * 24 * 3_600_000;
const MIN_LIFE_MS = 60_000;
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** The live API counts bytes of UTF-8 where its documents say characters. */
const text = (longest: number) =>
  z.string().check(
    z.minLength(1),
    z.refine((value) => Buffer.byteLength(value) <= longest, { error: `字节数大于最大值 ${longest}` }),
  );

const notifyUrl = z.string().check(
  z.refine((url) => !/[?#]/.test(url), { error: '不能携带参数' }),
  z.refine((url) => Buffer.byteLength(url) <= 255, { error: '字节数大于最大值 255' }),
  z.refine(isLocalAddress, { error: 'this simulator notifies 127.0.0.1 and localhost over http only' }),
);

const native = z.object({
  appid: text(32),
  mchid: text(32),
  description: text(127),
  out_trade_no: z.string().check(z.regex(/^[0-9A-Za-z_\-|*]{6,32}$/)),
  notify_url: notifyUrl,
  time_expire: z.optional(z.string().check(z.regex(RFC3339))),
  amount: z.object({
    total: z.int().check(z.positive()),
    currency: z._default(z.literal('CNY'), 'CNY'),
  }),
  payer: z.optional(z.object({ openid: text(128) })),
});

const jsapi = z.extend(native, { payer: z.object({ openid: text(128) }) });

const h5 = z.extend(native, {
  scene_info: z.object({
    payer_client_ip: z
      .string()
      .check(z.refine((address) => isIP(address) !== 0, { error: '不是 IPv4 或 IPv6 地址' })),
    h5_info: z.object({ type: text(32) }),
  }),
});

/** What each way of paying asks for. */
const schemas = { JSAPI: jsapi, NATIVE: native, MWEB: h5 } as const;

/** As WeChat Pay names them; MWEB is paid from a phone's browser. */
export type TradeType = keyof typeof schemas;

export type CreateParameters = z.infer<typeof native> & Partial<Pick<z.infer<typeof h5>, 'scene_info'>>;

const refund = z
  .object({
    transaction_id: z.optional(text(32)),
    out_trade_no: z.optional(text(32)),
    out_refund_no: z.string().check(z.regex(/^[0-9A-Za-z_\-|*@]{1,64}$/)),
    reason: z._default(
      z.string().check(z.refine((reason) => Buffer.byteLength(reason) <= 80, { error: '超过 80 字节' })),
      '',
    ),
    notify_url: z._default(z.nullable(notifyUrl), null),
    amount: z.object({
      refund: z.int().check(z.positive()),
      total: z.int().check(z.positive()),
      currency: z.literal('CNY'),
    }),
  })
  .check(
    z.refine(({ transaction_id, out_trade_no }) => transaction_id ?? out_trade_no, {
      error: '与 out_trade_no 须二选一',
      path: ['transaction_id'],
    }),
  );

export type RefundParameters = z.infer<typeof refund>;

const repair = z
  .object({
    out_refund_no: z.string().check(z.regex(/^[0-9A-Za-z_\-|*@]{1,64}$/)),
    type: z.enum(['USER_BANK_CARD', 'MERCHANT_BANK_CARD']),
    bank_type: z.optional(text(32)),
    bank_account: z.optional(text(1024)),
    real_name: z.optional(text(1024)),
  })
  .check(
    z.refine(
      ({ type, bank_type, bank_account, real_name }) =>
        type === 'MERCHANT_BANK_CARD' || (bank_type && bank_account && real_name),
      { error: '退款至用户时必填', path: ['bank_account'] },
    ),
  );

export type RepairParameters = z.infer<typeof repair>;

/** What is wrong, as WeChat Pay's PARAM_ERROR tells it; `field` is a JSON pointer into the body. */
export interface ParameterFault {
  readonly field: string;
  readonly issue: string;
}

/** The checked parameters of a creation (docs: "JSAPI下单", "Native下单", "H5下单"). `now` in milliseconds. */
export function parseParameters(
  body: Buffer,
  tradeType: TradeType,
  now: number,
): { parameters: CreateParameters } | { fault: ParameterFault } {
  const schema: z.ZodMiniType<CreateParameters> = schemas[tradeType];
  const result = schema.safeParse(parseJson(body));
  if (!result.success) return { fault: faultOf(result.error) };
  const { time_expire } = result.data;
  if (time_expire !== undefined && !isAhead(Date.parse(time_expire) - now)) {
    return { fault: { field: '/time_expire', issue: '须晚于当前时间，且不超过 7 天' } };
  }
  return { parameters: result.data };
}

/** The checked parameters of a refund (docs: "申请退款"). */
export function parseRefundParameters(
  body: Buffer,
): { parameters: RefundParameters } | { fault: ParameterFault } {
  const result = refund.safeParse(parseJson(body));
  return result.success ? { parameters: result.data } : { fault: faultOf(result.error) };
}

/** The checked parameters by which an abnormal refund is repaired (docs: "发起异常退款"). */
export function parseRepairParameters(
  body: Buffer,
): { parameters: RepairParameters } | { fault: ParameterFault } {
  const result = repair.safeParse(parseJson(body));
  return result.success ? { parameters: result.data } : { fault: faultOf(result.error) };
}

const faultOf = ({ issues: [issue] }: z.core.$ZodError): ParameterFault => ({
  field: `/${issue?.path.join('/')}`,
  issue: issue?.code === 'custom' ? issue.message : '无效',
});

const isAhead = (ms: number): boolean => ms > 0 && ms <= MAX_LIFE_MS;

/** Until when it can be paid: a time that is less than a minute ahead is taken for a minute (docs: "H5下单"). */
export const payableUntil = (time_expire: string, now: number): number =>
  Math.max(Date.parse(time_expire), now + MIN_LIFE_MS);

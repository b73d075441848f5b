import type { WechatCounterpart } from '../../documents.ts';
import type { Answer } from '../http.ts';
import type { ParameterFault } from './parameters.ts';
import { signatureHeaders } from './signature.ts';

/** An error as WeChat Pay answers it. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly detail?: unknown;
}

const refusal = (status: number, code: string, message: string): Refusal => ({ status, code, message });

export const SIGN_ERROR = refusal(401, 'SIGN_ERROR', '签名错误，请检查后再试');
export const ORDER_PAID = refusal(400, 'ORDERPAID', '该订单已支付');
export const ORDER_CLOSED = refusal(400, 'ORDER_CLOSED', '该订单已关闭');
export const ORDER_NOT_EXIST = refusal(404, 'ORDER_NOT_EXIST', '订单不存在');
export const APPID_MCHID_NOT_MATCH = refusal(400, 'APPID_MCHID_NOT_MATCH', 'appid和mchid不匹配');
export const RESOURCE_NOT_EXISTS = refusal(404, 'RESOURCE_NOT_EXISTS', '查询的资源不存在');
export const NO_CERTIFICATE = refusal(404, 'NOT_FOUND', '无可用的平台证书，请使用微信支付公钥');
export const NO_STATEMENT_EXIST = refusal(400, 'NO_STATEMENT_EXIST', '账单文件不存在');
export const invalidRequest = (message: string): Refusal => refusal(400, 'INVALID_REQUEST', message);

export const parameterError = (fault: ParameterFault): Refusal => ({
  ...refusal(400, 'PARAM_ERROR', `参数错误：${fault.field} ${fault.issue}`),
  detail: fault,
});

export type Answers = ReturnType<typeof createAnswers>;

/** WeChat Pay's answers, which it signs, errors too. */
export function createAnswers(counterpart: WechatCounterpart, now: () => number) {
  const sign = (status: number, body: string): Answer => ({
    status,
    headers: { 'content-type': 'application/json', ...signatureHeaders(body, counterpart, now()) },
    body,
  });
  return {
    succeed: (value: unknown) => sign(200, JSON.stringify(value)),
    /** 204. */
    done: () => sign(204, ''),
    refuse: ({ status, ...error }: Refusal) => sign(status, JSON.stringify(error)),
  };
}

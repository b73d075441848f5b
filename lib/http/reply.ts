/** What our API says, as API Gateway takes it. */
export interface Reply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const jsonResult = (statusCode: number, body: unknown): Reply => ({
  statusCode,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(body),
});

export const textResult = (statusCode: number, body: string): Reply => ({
  statusCode,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body,
});

/** How a family of paths words its replies. */
export interface Envelope {
  success(statusCode: number, message: string, data: unknown): Reply;
  error(statusCode: number, message: string): Reply;
}

/** `/api/pay/*` */
export const payEnvelope: Envelope = {
  success: (statusCode, msg, data) => jsonResult(statusCode, { code: 0, msg, data }),
  error: (statusCode, msg) => jsonResult(statusCode, { code: statusCode, msg, data: null }),
};

/** `/v2/*`; its reply to a caller who is not authenticated carries no data. */
export const v2Envelope: Envelope = {
  success: (statusCode, message, data) => jsonResult(statusCode, { code: 0, message, data }),
  error: (statusCode, message) =>
    jsonResult(
      statusCode,
      statusCode === 401 ? { code: 401, message } : { code: statusCode, message, data: null },
    ),
};

/** A request that fails, and the reply that says so. The message goes to the client as it is. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly statusCode: number;
  /** What the log says, where the message repeats what the client sent. */
  readonly reason: string;

  constructor(statusCode: number, message: string, reason = message) {
    super(message);
    this.statusCode = statusCode;
    this.reason = reason;
  }
}

export const messages = {
  unauthenticated: '用户未认证',
  forbidden: '无权访问',
  orderNotFound: '订单不存在',
  accountNotFound: '账户不存在',
  exceptionNotFound: '异常不存在',
  refundNotFound: '退款不存在',
  deliveryNotFound: '投递不存在',
  orderNotPayable: '订单状态不允许支付',
  orderChanging: '订单正在变更，请稍后重试',
  providerFailed: '支付渠道暂时不可用，请稍后重试',
  internal: '服务器内部错误',
} as const;

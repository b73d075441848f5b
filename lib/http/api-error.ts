/** A request that is answered with an error. The message goes to the client as it is. */
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
  orderNotPayable: '订单状态不允许支付',
  orderChanging: '订单正在变更，请稍后重试',
  providerFailed: '支付渠道暂时不可用，请稍后重试',
  internal: '服务器内部错误',
} as const;

/** A request that Alipay turns away; `code` is its error code. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export const invalidParameter = (field: string): GatewayError =>
  new GatewayError('ACQ.INVALID_PARAMETER', `参数无效：${field}`);

export const noSuchApp = (): GatewayError => new GatewayError('isv.invalid-app-id', '无效的AppID参数');

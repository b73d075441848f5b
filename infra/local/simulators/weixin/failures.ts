/** What the API of mini-programs answers, always with 200, when it does not do what it is asked. */
export interface Failure {
  readonly errcode: number;
  readonly errmsg: string;
}

const failure = (errcode: number, errmsg: string): Failure => ({ errcode, errmsg });

/** As its documents number them ("获取稳定版接口调用凭据", "发货信息录入接口", "全局返回码"). */
export const failures = {
  busy: failure(-1, 'system error'),
  token: failure(40001, 'invalid credential, access_token is invalid or not latest'),
  grantType: failure(40002, 'invalid grant_type'),
  appid: failure(40013, 'invalid appid'),
  secret: failure(40125, 'invalid appsecret'),
  noToken: failure(41001, 'access_token missing'),
  expired: failure(42001, 'access_token expired'),
  method: failure(43002, 'require POST method'),
  dayQuota: failure(45009, 'reach max api daily quota limit'),
  minuteQuota: failure(45011, 'api minute-quota reach limit, must slower, retry next minute'),
  format: failure(47001, 'data format error'),
  noOrder: failure(10060001, '支付单不存在'),
  correctedBefore: failure(10060003, '支付单已使用重新发货机会'),
  notToBeSent: failure(10060004, '支付单处于不可发货的状态'),
  logisticsType: failure(10060005, '物流类型有误'),
  notByCourier: failure(10060006, '非快递发货时不允许分拆发货'),
  allDelivered: failure(10060007, '分拆发货模式下必须填写 is_all_delivered'),
  noItem: failure(10060008, '商品描述 item_desc 字段不能为空'),
  longItem: failure(10060009, '商品描述 item_desc 字段太长'),
  parameter: failure(10060014, '参数错误'),
  unchanged: failure(10060023, '发货信息未更新'),
  manyParcels: failure(10060024, '物流信息列表太长'),
  longCompany: failure(10060025, '物流公司编码太长'),
  longNumber: failure(10060026, '物流单号太长'),
  openid: failure(10060031, '该笔支付单不属于 openid 所指定的用户'),
  time: failure(268485216, '上传时间非法，请按照 RFC 3339 格式填写'),
  mode: failure(268485224, '发货模式非法'),
} as const;

export const isFailure = (value: object | string): value is Failure =>
  typeof value === 'object' && 'errcode' in value && value.errcode !== 0;

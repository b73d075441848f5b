import type { OrderKind, OrderStatus, PaymentState, Provider, RefundStatus } from '../../../orders/kinds.ts';

type Pair = readonly [chinese: string, english: string];

const statuses = {
  status_pending: ['待支付', 'Pending'],
  status_paid: ['已支付', 'Paid'],
  status_failed: ['支付失败', 'Failed'],
  status_closed: ['已关闭', 'Closed'],
  status_refunding: ['退款中', 'Refunding'],
  status_refunded: ['已退款', 'Refunded'],
} as const satisfies Record<`status_${OrderStatus}`, Pair>;

const payments = {
  payment_open: ['待支付', 'Open'],
  payment_failed: ['支付失败', 'Failed'],
  payment_closed: ['已关闭', 'Closed'],
  payment_paid: ['已收款', 'Paid'],
} as const satisfies Record<`payment_${PaymentState}`, Pair>;

const refunds = {
  refund_open: ['退款中', 'Under way'],
  refund_succeeded: ['已退款', 'Refunded'],
  refund_failed: ['退款失败', 'Failed'],
} as const satisfies Record<`refund_${RefundStatus}`, Pair>;

const providers = {
  provider_wechat: ['微信支付', 'WeChat Pay'],
  provider_alipay: ['支付宝', 'Alipay'],
  provider_stripe: ['Stripe', 'Stripe'],
} as const satisfies Record<`provider_${Provider}`, Pair>;

const kinds = {
  kind_mall: ['商城', 'Mall'],
  kind_meal: ['餐饮', 'Meals'],
  kind_tenant: ['租户', 'Tenant'],
} as const satisfies Record<`kind_${OrderKind}`, Pair>;

/** What is said in more than one view, and around them. */
export const common = {
  ...statuses,
  ...payments,
  ...refunds,
  ...providers,
  ...kinds,

  orders: ['订单', 'Orders'],
  exceptions: ['异常', 'Exceptions'],
  ledger: ['账本', 'Ledger'],
  reconciliation: ['对账', 'Reconciliation'],
  webhooks: ['Webhook', 'Webhooks'],
  views: ['页面', 'Views'],
  skip: ['跳到内容', 'Skip to the content'],
  theme_is: ['外观：{theme}', 'Theme: {theme}'],
  theme_auto: ['自动', 'Auto'],
  theme_light: ['浅色', 'Light'],
  theme_dark: ['深色', 'Dark'],
  role_admin: ['管理员', 'Admin'],
  role_viewer: ['只读', 'Viewer'],
  role_user: ['用户', 'User'],
  reaches_stage: ['可见全部订单。', 'Sees all orders.'],
  reaches_tenant: ['只可见租户 {tenant}。', 'Sees tenant {tenant} alone.'],
  viewer_note: [
    '只读角色不能操作：退款等需要管理员。',
    'A viewer looks and does not act: that takes an admin.',
  ],
  api_reference: ['接口文档', 'API reference'],
  laboratory: ['实验室', 'Laboratory'],
  sign_out: ['退出登录', 'Sign out'],

  sign_in: ['登录', 'Sign in'],
  sign_in_to: ['Settle 运营台，环境 {stage}', 'The Settle console of the stage {stage}'],
  sign_in_by_issuer: ['去登录', 'Continue to sign in'],
  sign_in_again: ['重新登录', 'Sign in again'],
  sign_in_at: ['由 {issuer} 验证身份。', '{issuer} says who you are.'],
  sign_in_refused: ['登录没有成功。登录服务说：', 'You were not signed in. The sign-in service says:'],
  sign_in_unreachable: [
    '登录服务没有响应，或不允许此页面访问。请稍后再试，或告诉管理员。',
    'The sign-in service did not answer, or does not let this page in. Try again later, or tell who runs it.',
  ],
  sign_in_not_ours: [
    '这不是本标签页发起的登录，或已经用过。请重新登录。',
    'This is no answer to a sign-in that this tab began, or was used before. Sign in again.',
  ],
  sign_in_no_jwt: [
    '登录服务给的令牌不是 JWT，接口无法使用。请让管理员检查登录服务的设置（scope）。',
    'The sign-in service gave a token that is no JWT, which the API cannot use. Have its settings looked at (its scope).',
  ],
  session_ended: [
    '登录已失效，请重新登录，之后回到这里。',
    'Your session has ended. Sign in again, and you are back here.',
  ],
  token: ['访问令牌', 'Access token'],
  token_hint: [
    '此环境没有登录服务：请粘贴一个 JWT。它只留在此标签页，关闭即忘。',
    'The stage has no sign-in service: paste a JWT. It stays in this tab and is forgotten with it.',
  ],
  token_invalid: [
    '这不是 JWT：应是以点分开的三段。',
    'This is no JWT: it has three parts with dots between.',
  ],

  loading: ['读取中…', 'Loading…'],
  busy: ['请稍候…', 'One moment…'],
  try_again: ['重试', 'Try again'],
  cancel: ['取消', 'Cancel'],
  close_dialog: ['关闭', 'Close'],
  failed: ['没有成功', 'That did not work'],
  failed_hint: [
    '请重试；若仍不行，请告诉维护系统的人。',
    'Try again; if it stays so, tell those who run the system.',
  ],
  no_answer: ['没有得到响应', 'There was no answer'],
  no_answer_hint: ['请检查网络后重试。', 'See that you are online, and try again.'],
  forbidden: ['你的角色不能做这件事', 'Your role does not allow this'],
  forbidden_hint: [
    '查看需要 viewer 或 admin 角色，操作需要 admin；租户的账号只能看本租户。',
    'To look takes the role viewer or admin, to act the role admin; an account of a tenant sees that tenant alone.',
  ],
  too_many: ['请求太多', 'Too many requests'],
  too_many_hint: ['请稍等几秒再试。', 'Wait a few seconds, and try again.'],
  nowhere: ['没有这个页面', 'There is no such page'],
  nowhere_hint: ['请从上方选择一个页面。', 'Choose one above.'],

  filters: ['筛选', 'Filters'],
  all: ['全部', 'All'],
  from: ['从', 'From'],
  to: ['到', 'To'],
  pages: ['翻页', 'Pages'],
  first_page: ['首页', 'First'],
  previous_page: ['上一页', 'Previous'],
  next_page: ['下一页', 'Next'],
  export: ['导出 CSV', 'Export CSV'],
  exporting: ['已读 {rows} 行，点击停止', '{rows} read, press to stop'],
  exported: ['已导出 {rows} 行。', '{rows} {count?row:rows} exported.'],

  amount: ['金额', 'Amount'],
  status: ['状态', 'Status'],
  provider: ['渠道', 'Provider'],
  merchant: ['商户', 'Merchant'],
  order: ['订单', 'Order'],
  kind: ['类别', 'Kind'],
  tenant: ['租户', 'Tenant'],
  tenant_n: ['租户 {tenant}', 'Tenant {tenant}'],
  created: ['创建', 'Created'],
} as const satisfies Record<string, Pair>;

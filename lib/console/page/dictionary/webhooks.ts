import type { EventType } from '../../../orders/kinds.ts';
import type { AttemptError, DeliveryState, GivenUpReason } from '../../../webhooks/delivery.ts';

type Pair = readonly [chinese: string, english: string];

const events = {
  'event_order.paid': ['订单已支付', 'Order paid'],
  'event_order.closed': ['订单已关闭', 'Order closed'],
  'event_payment.failed': ['支付失败', 'Payment failed'],
  'event_refund.succeeded': ['退款成功', 'Refund succeeded'],
  'event_refund.failed': ['退款失败', 'Refund failed'],
  'event_exception.raised': ['出现异常', 'Exception raised'],
  'event_exception.resolved': ['异常已了结', 'Exception resolved'],
  'event_dispute.opened': ['出现争议', 'Dispute opened'],
  'event_dispute.closed': ['争议已了结', 'Dispute closed'],
} as const satisfies Record<`event_${EventType}`, Pair>;

const states = {
  delivery_due: ['待投递', 'Due'],
  delivery_delivered: ['已送达', 'Delivered'],
  delivery_given_up: ['已放弃', 'Given up'],
} as const satisfies Record<`delivery_${DeliveryState}`, Pair>;

const errors = {
  attempt_document_unread: ['读不到配置，没有发送', 'Its settings could not be read: nothing was sent'],
  attempt_name_unresolved: ['域名无法解析', 'The host has no address'],
  attempt_address_refused: ['不是公网地址，没有发送', 'Not a public address: nothing was sent'],
  attempt_connection_failed: ['连接失败', 'No connection'],
  attempt_tls_failed: ['TLS 失败', 'TLS failed'],
  attempt_answer_malformed: ['响应不是 HTTP', 'The answer is no HTTP'],
  attempt_timeout: ['超时', 'Not answered in time'],
} as const satisfies Record<`attempt_${AttemptError}`, Pair>;

const reasons = {
  given_up_gone: ['对方答 410：不再需要', 'Answered 410: nobody wants it any more'],
  given_up_time_over: ['三天都没有送达', 'Not delivered in three days'],
  given_up_not_wanted: [
    '已没有地址，或地址不要这类事件',
    'There is no endpoint any more, or it does not want such events',
  ],
} as const satisfies Record<`given_up_${GivenUpReason}`, Pair>;

/** Webhooks: where they go, and what became of each. */
export const webhooks = {
  ...events,
  ...states,
  ...errors,
  ...reasons,
  no_webhooks: ['这个环境没有 Webhook', 'This stage has no webhooks'],
  no_webhooks_hint: [
    '在环境设置里打开 webhooks 并部署，再用 npm run setup -- --only webhooks 填写地址。',
    'Turn on webhooks in the stage’s settings and deploy it; then npm run setup -- --only webhooks asks for the address.',
  ],
  endpoint: ['接收地址', 'Endpoint'],
  endpoint_of_stage: ['平台的接收地址', 'The stage’s endpoint'],
  endpoint_of_tenant: ['租户 {tenant} 的接收地址', 'The endpoint of tenant {tenant}'],
  no_endpoint: ['没有接收地址', 'There is no endpoint'],
  no_endpoint_hint: [
    '用 npm run setup -- --only webhooks 填写（租户的加 --tenant <租户号>）。',
    'npm run setup -- --only webhooks asks for it (of a tenant, with --tenant <number>).',
  ],
  endpoint_ok: ['正常', 'Fine'],
  endpoint_paused: ['暂停中', 'Paused'],
  endpoint_failing: ['一直失败', 'Failing'],
  about_endpoint_ok: ['收得到事件。', 'It takes what it is sent.'],
  about_endpoint_paused: [
    '它一再失败，新的事件先等着，到时试一个。',
    'It has failed again and again. New events wait until one of them is tried.',
  ],
  about_endpoint_failing: [
    '一天多没有收下任何事件。请联系对方，修好后重新投递放弃的事件。',
    'It has taken nothing for a day. Talk to those who run it; once it is mended, send again what was given up.',
  ],
  failing_since: ['开始失败', 'Failing since'],
  failures: ['失败次数', 'Failed attempts'],
  paused_until: ['暂停到', 'Paused until'],
  waiting: ['等待中', 'Waiting'],
  waiting_many: ['{count} 个以上', '{count} or more'],
  last_delivered: ['最近送达', 'Last delivered'],
  last_delivered_none: ['30 天内没有', 'None in 30 days'],
  wants_events: ['要的事件', 'Events'],
  wants_all_events: ['全部', 'All'],
  tenant_events: ['含租户订单', 'Tenants’ orders too'],
  yes: ['是', 'Yes'],
  no: ['否', 'No'],
  secrets: ['签名密钥', 'Signing secrets'],
  secrets_rotating: ['{count} 个（正在轮换）', '{count} (a rotation)'],
  failing_endpoints: ['失败的接收地址', 'Endpoints that fail'],
  stage_itself: ['平台', 'The stage'],
  deliveries: ['投递记录', 'Deliveries'],
  event: ['事件', 'Event'],
  recorded: ['记录时间', 'Recorded'],
  order_number: ['订单号', 'Order number'],
  attempts: ['尝试', 'Attempts'],
  no_attempts: ['还没有尝试', 'Not attempted yet'],
  last_answer: ['最近结果', 'Last answer'],
  answered: ['HTTP {status}', 'HTTP {status}'],
  duration: ['耗时', 'Took'],
  given_up_because: ['为何放弃', 'Given up because'],
  took: ['{ms} 毫秒', '{ms} ms'],
  next_attempt: ['下次尝试', 'Next attempt'],
  waits_for_endpoint: ['等接收地址恢复', 'Waits for the endpoint'],
  event_id: ['事件号（webhook-id）', 'Event (webhook-id)'],
  redelivered_by: ['{by} 于 {time} 要求重新投递', 'Sent again by {by}, {time}'],
  send_again: ['重新投递', 'Send again'],
  sent_again: ['已重新投递。', 'It is sent again.'],
  send_period_again: ['重新投递一段时间…', 'Send a period again…'],
  send_period: ['重新投递一段时间', 'Send a period again'],
  send_period_hint: [
    '事件号和内容不变，接收方按事件号去重。',
    'Ids and bodies stay as they were: who receives them knows by the id what has come before.',
  ],
  send_period_which: ['哪些', 'Which'],
  sent_period_again: ['已重新投递 {number} 个事件。', '{number} {count?event is:events are} sent again.'],
  no_deliveries: ['这段时间没有投递', 'Nothing was to be delivered in the period'],
  no_deliveries_hint: [
    '放宽筛选，或选更长的时段。投递记录保留 30 天。',
    'Widen the filters or the period. Deliveries are kept for 30 days.',
  ],
} as const satisfies Record<string, Pair>;

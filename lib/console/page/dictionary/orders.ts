import type { DisputeState, LogisticsType, Scene, ShippingState } from '../../../orders/kinds.ts';

type Pair = readonly [chinese: string, english: string];

const scenes = {
  scene_jsapi: ['小程序', 'mini-program'],
  scene_desktop: ['电脑网页', 'desktop page'],
  scene_mobile: ['手机网页', 'mobile page'],
} as const satisfies Record<`scene_${Scene}`, Pair>;

const disputes = {
  dispute_open: ['争议中', 'Open'],
  dispute_lost: ['已败诉', 'Lost'],
  dispute_won: ['已胜诉', 'Won'],
} as const satisfies Record<`dispute_${DisputeState}`, Pair>;

const logistics = {
  logistics_courier: ['快递', 'Courier'],
  logistics_city: ['同城配送', 'Within the city'],
  logistics_pickup: ['到店自取', 'Fetched by the buyer'],
  logistics_virtual: ['虚拟商品，无需发货', 'Nothing is sent'],
} as const satisfies Record<`logistics_${LogisticsType}`, Pair>;

const shipping = {
  shipping_open: ['尚未告知渠道', 'Provider not told yet'],
  shipping_told: ['渠道已知', 'Provider told'],
  shipping_refused: ['渠道未接受', 'Refused by the provider'],
} as const satisfies Record<`shipping_${ShippingState}`, Pair>;

const list = {
  orders_of: ['归属', 'Whose'],
  order_search: ['按单号查找', 'Find by number'],
  order_search_hint: ['订单、支付或退款号（按 /）', 'Order, payment or refund number ( / )'],
  open: ['打开', 'Open'],
  orders_none: ['没有符合条件的订单', 'No orders'],
  orders_none_hint: [
    '请换一个归属、状态或时间段（最长 31 天），或按单号查找。',
    'Choose another owner, state or period (of 31 days at most), or find an order by its number.',
  ],
  orders_none_here: ['到这里还没有符合条件的订单', 'None so far'],
  orders_none_here_hint: [
    '更早的还没有看，请到下一页。',
    'Earlier ones were not looked at yet: go to the next page.',
  ],
  orders_tenant_wanted: ['请填写租户编号', 'Which tenant?'],
  orders_tenant_wanted_hint: [
    '在上方填写租户编号，即可看到它的订单。',
    'Enter the number of a tenant above to see its orders.',
  ],
  open_exceptions: ['{count} 个异常', '{count} {count?exception:exceptions}'],
  open_disputes: ['{count} 个争议', '{count} {count?dispute:disputes}'],
  refunded_part: ['已退 {amount}', '{amount} refunded'],
} as const satisfies Record<string, Pair>;

const one = {
  order_unknown: ['没有订单 {order_no}', 'There is no order {order_no}'],
  order_unknown_hint: [
    '请核对单号；其他租户的订单在这里看不到。',
    'See that the number is right. Orders that your account does not reach are not shown either.',
  ],
  description: ['说明', 'Description'],
  transaction_id: ['渠道交易号', 'Transaction'],
  paid: ['支付', 'Paid'],
  expires: ['支付截止', 'Payable until'],
  closed_by: ['关闭人', 'Closed by'],
  refunded: ['已退', 'Refunded'],
  refundable: ['可退', 'Refundable'],
  money: ['款项', 'Money'],
  payment: ['支付单', 'Payment'],
  action: ['操作', 'Action'],
  in_suspense: ['挂账', 'In suspense'],
  timeline: ['经过', 'Timeline'],
} as const satisfies Record<string, Pair>;

const events = {
  event_payment: ['支付单 {payment_no}', 'Payment {payment_no}'],
  event_suspense: ['多收的款项', 'Money that was not owed'],
  event_refund: ['退款 {refund_no}', 'Refund {refund_no}'],
  event_return: ['未经本系统的退款', 'Money that went back without us'],
  event_entry: ['记账：{kind}', 'Booked: {kind}'],
  event_dispute: ['付款争议', 'Dispute'],
  event_shipping: ['发货', 'Shipping'],
  event_exception: ['异常：{kind}', 'Exception: {kind}'],
  event_delivery: ['Webhook {type}', 'Webhook {type}'],
  payment_place: ['地位', 'Standing'],
  payment_superseded: ['已被另一支付单取代', 'given up for another payment'],
  requested_by: ['申请人', 'Asked for by'],
  by_system: ['系统', 'the system'],
  decided: ['渠道结果', 'Decided'],
  return_succeeded: ['已退回', 'Went back'],
  return_failed: ['退回失败，款项已回来', 'Came back again'],
  return_id: ['渠道退款号', 'Provider’s number'],
  entry_debit: ['借', 'Debit'],
  entry_credit: ['贷', 'Credit'],
  dispute_reason: ['原因', 'Reason'],
  dispute_id: ['争议号', 'Dispute number'],
  due_by: ['举证截止', 'Evidence until'],
  parcel: ['快递单', 'Parcel'],
  shipping_told_at: ['告知渠道', 'Provider told'],
  exception_end: ['处理', 'Resolved'],
  exception_ended: ['{end}（{by}，{time}）：{reason}', '{end}, by {by}, {time}: {reason}'],
  exception_see: ['去处理', 'See what can be done'],
  exception_look: ['详情', 'Details'],
  delivery_to: ['收件方', 'To'],
  delivery_to_stage: ['本环境', 'the stage'],
  delivery_attempts: ['尝试', 'Attempts'],
  delivery_answer: ['最近的应答', 'Last answer'],
  delivery_ended: ['结束', 'Ended'],
  delivery_again_by: ['要求重发', 'Sent again by'],
} as const satisfies Record<string, Pair>;

const actions = {
  refund: ['退款', 'Refund'],
  refund_payment: ['退款：{payment_no}', 'Refund {payment_no}'],
  refund_order: ['退款：{order_no}', 'Refund of {order_no}'],
  refund_which: ['退哪一笔', 'Which money'],
  refund_how_much: ['退多少', 'How much'],
  refund_whole: ['全部，{amount}', 'All that is left, {amount}'],
  refund_part: ['一部分', 'A part of it'],
  refund_amount: ['金额（{currency}）', 'Amount ({currency})'],
  refund_up_to: ['最多 {amount}。', 'At most {amount}.'],
  refund_amount_wanted: ['请填写金额，如 12.50。', 'Enter an amount, such as 12.50.'],
  refund_nothing: ['金额须大于零。', 'It has to be more than nothing.'],
  refund_too_much: ['多于可退的 {amount}。', 'That is more than the {amount} that is left.'],
  refund_reason: ['原因', 'Reason'],
  refund_reason_hint: ['付款人会在渠道那里看到。', 'The payer reads it at the provider.'],
  reason_wanted: ['请填写原因。', 'Say why.'],
  step_on: ['下一步', 'Continue'],
  step_back: ['上一步', 'Back'],
  refund_confirm: ['确认退款 {amount}', 'Refund {amount}?'],
  refund_do: ['退款 {amount}', 'Refund {amount}'],
  goes_back: ['退回付款人', 'Goes back to the payer'],
  left_after: ['之后还可退', 'Left after that'],
  out_of: ['来自', 'Out of'],
  out_of_order: ['订单款项', 'what paid the order'],
  out_of_suspense: ['挂账款项', 'money in suspense'],
  refund_final: ['退款发出后不能撤回。', 'A refund cannot be taken back.'],
  refund_asked_for: ['退款 {refund_no}，{amount}：{status}。', 'Refund {refund_no}, {amount}: {status}.'],
  refund_was_asked_for: [
    '之前的一次提交已经生效，金额或原因不同。请关闭对话框，看订单上的退款。',
    'An earlier attempt has gone through, with other values. Close this, and look at the refunds of the order.',
  ],
  close_order: ['关闭订单', 'Close order'],
  close_this: ['关闭 {order_no}？', 'Close {order_no}?'],
  close_means: [
    '先在渠道关闭支付单，之后付款人不能再支付。已支付或正在支付的订单不会关闭。',
    'The payment is closed at its provider first, and then the order takes no more money. An order that is paid, or being paid, is not closed.',
  ],
  order_closed: ['订单 {order_no} 已关闭。', 'Order {order_no} is closed.'],
  ship: ['填写发货', 'Ship'],
  ship_again: ['更正发货', 'Correct shipping'],
  ship_this: ['发货：{order_no}', 'Ship {order_no}'],
  ship_do: ['告知微信', 'Tell WeChat'],
  ship_means: [
    '微信在得知发货之前不结算这笔钱。告知之后只能更正一次。',
    'WeChat keeps the money until it knows that the goods were sent. What it is told can be corrected once.',
  ],
  ship_type: ['方式', 'How'],
  ship_items: ['商品', 'What is sent'],
  ship_express_company: ['快递公司代码', 'Courier’s code'],
  ship_express_company_hint: ['微信的代码，如顺丰 SF、中通 ZTO。', 'As WeChat codes it: SF, ZTO, …'],
  ship_tracking_no: ['快递单号', 'Tracking number'],
  ship_tracking_no_hint: ['', ''],
  ship_contact: ['收件人电话（可不填）', 'Receiver’s phone (optional)'],
  ship_contact_hint: ['顺丰需要；保存前会打码。', 'SF wants it; it is masked before it is kept.'],
  ship_fault: ['请检查这一项。', 'Look at this again.'],
  ship_told: ['微信已得知发货。', 'WeChat knows that it was sent.'],
  ship_kept: ['已保存，微信稍后会被告知。', 'Kept: WeChat is told of it shortly.'],
} as const satisfies Record<string, Pair>;

/** Orders, one order, and what can be done about it. */
export const orders = {
  ...scenes,
  ...disputes,
  ...logistics,
  ...shipping,
  ...list,
  ...one,
  ...events,
  ...actions,
} as const;

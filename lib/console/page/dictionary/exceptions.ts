import type { ComparedField, ExceptionKind, exceptionEnds, Resolution } from '../../../orders/kinds.ts';

type Pair = readonly [chinese: string, english: string];

/** What each kind is called. */
const kinds = {
  exception_mismatch: ['与支付不符', 'Mismatch'],
  exception_paid_after_close: ['关闭后收款', 'Paid after close'],
  exception_paid_twice: ['重复收款', 'Paid twice'],
  exception_paid_superseded: ['作废单收款', 'Paid under a superseded number'],
  exception_number_spent: ['单号早已收款', 'Number used before'],
  exception_numbers_exhausted: ['付款单号用尽', 'Out of payment numbers'],
  exception_merchant_missing: ['商户未配置', 'Merchant not configured'],
  exception_unknown_refund: ['未经本系统的退款', 'Refund made elsewhere'],
  exception_refund_abnormal: ['退款异常', 'Refund refused by the bank'],
  exception_refund_failed: ['退款失败', 'Refund failed'],
  exception_disputed: ['付款争议', 'Disputed'],
  exception_missing_here: ['账单有账本无', 'In the bill alone'],
  exception_missing_there: ['账本有账单无', 'In the books alone'],
  exception_other_amount: ['与账单金额不符', 'Another amount in the bill'],
  exception_unknown_row: ['账单行无法识别', 'Unknown row of a bill'],
  exception_not_shipped: ['未告知发货', 'Not reported as sent'],
} as const satisfies Record<`exception_${ExceptionKind}`, Pair>;

/** What has happened. */
const meanings = {
  means_mismatch: [
    '渠道发来的真实消息与这笔支付不一致（见“不一致的字段”）。没有入账，订单状态没有变。',
    'A genuine message of the provider disagrees with its payment in the fields below. Nothing was booked, and the order is as it was.',
  ],
  means_paid_after_close: [
    '订单关闭之后，付款人的钱还是到了。钱在挂账里，还不属于任何人。',
    'The payer’s money came after the order was closed. It is kept in suspense and is nobody’s yet.',
  ],
  means_paid_twice: [
    '已支付的订单又收到一笔钱。第一笔已经入账，这一笔在挂账里。',
    'Money came once more for an order that is paid. The first is booked; this one is kept in suspense.',
  ],
  means_paid_superseded: [
    '付款人付的是订单已经作废的支付单（金额改过，或换了支付方式）。钱在挂账里，订单仍在等当前的支付单。',
    'The payer paid under a number that the order has given up for another, as its amount or way of paying changed. The money is kept in suspense; the order still waits for its current payment.',
  ],
  means_number_spent: [
    '这个支付单号在渠道那里早就收过款：另有系统或环境在同一商户号下用同样的单号。订单已改用下一个单号。',
    'The number was used at the provider before this payment was begun: another system or stage pays under the same numbers at this merchant. The order went on with its next number.',
  ],
  means_numbers_exhausted: [
    '订单已用完 99 个支付单号，不能再发起支付。',
    'The order has had all of its 99 payments and takes no more.',
  ],
  means_merchant_missing: [
    '这笔支付或退款的商户已不在配置里。系统不会改问别的商户，所以它一直等着。',
    'A payment or refund is of a merchant that is not configured any more. Nobody else is asked in its place, so it waits.',
  ],
  means_unknown_refund: [
    '渠道退回了一笔钱，不是在这里申请的：多半有人用了渠道自己的商户后台。',
    'Money went back without being asked for here: most likely somebody used the provider’s own console.',
  ],
  means_refund_abnormal: [
    '付款人的银行拒收这笔退款（比如卡已注销），它停在渠道那里等人处理。',
    'The payer’s bank refused the refund, for example to a closed card. It waits at the provider for a person.',
  ],
  means_refund_failed: [
    '退款失败了，或退出后又被银行退回。付款人没有拿到钱。',
    'A refund failed, or was done and sent back by the bank. The payer does not have the money.',
  ],
  means_disputed: [
    '付款人的银行要收回这笔钱（拒付）。争议期间不能退款。',
    'The payer’s bank takes the payment back (a chargeback). It cannot be refunded meanwhile.',
  ],
  means_missing_here: [
    '渠道的账单里有这一笔，账本里没有。',
    'The provider’s bill has it, and the books do not.',
  ],
  means_missing_there: [
    '账本里有这一笔，渠道当天的账单里没有。',
    'The books have it, and the provider’s bill of that day does not.',
  ],
  means_other_amount: [
    '账单和账本里都有这一笔，金额不同。',
    'Both the bill and the books have it, with different amounts.',
  ],
  means_unknown_row: [
    '账单里有系统不认识的一种行。',
    'The bill has a kind of row that is not understood here.',
  ],
  means_not_shipped: [
    '订单已支付，但没有按时告诉微信已发货，或微信拒收了发货信息。微信暂不结算这笔钱。',
    'The order is paid, and WeChat was not told in time that it was sent, or refused what it was told. It keeps the money.',
  ],
} as const satisfies Record<`means_${ExceptionKind}`, Pair>;

/** What somebody who sees to it can do. */
const advice = {
  advice_mismatch: [
    '先核对配置的商户、应用和金额。钱确实到了：退回付款人；若订单已关闭且金额正好相符，也可以用它支付订单。',
    'Check the merchant, app and amount that are configured. If the money did come, return it; or let it pay the order, if that is closed and the amount is exactly its own.',
  ],
  advice_paid_after_close: [
    '仍然履约：归属订单，订单变为已支付。不再履约：退回付款人。',
    'If you deliver all the same, attribute it, and the order becomes paid. If not, return it to the payer.',
  ],
  advice_paid_twice: [
    '多半是付款人误付：退回付款人。若他确实要多付，则归属订单商家。',
    'Mostly a mistake of the payer’s: return it. If they meant to pay more, attribute it to the order’s owner.',
  ],
  advice_paid_superseded: [
    '退回付款人，请其按当前金额支付。金额正好相符时，也可以先关闭订单，再归属。',
    'Return it, and have the payer pay the current amount. Or close the order and then attribute it, if the amount is exactly the order’s.',
  ],
  advice_number_spent: [
    '给这个环境设置 orderPrefix，避免再次撞号。查清旧款属于谁，再写明原因了结。',
    'Give this stage an orderPrefix so that it does not happen again. Find out whose the old payment is, then end this with what you found.',
  ],
  advice_numbers_exhausted: [
    '用新的订单号重新下单，再标为无需处理。',
    'Hand the order over under a new number, then dismiss this.',
  ],
  advice_merchant_missing: [
    '把原商户的配置放回去，直到它的支付都结束、退款都有结果，再标为无需处理。',
    'Put the merchant’s document back until its payments are over and its refunds decided, then dismiss this.',
  ],
  advice_unknown_refund: [
    '查清是谁退的。由商家承担：归属，从商家账户扣除。否则核销，或标为无需处理。',
    'Find out who did it. If the order’s owner bears it, attribute it: the owner’s account is charged. Else write it off or dismiss it.',
  ],
  advice_refund_abnormal: [
    '微信支付：请渠道修复，钱会退到商户的银行账户，再由你们线下付给付款人；完成后异常自行了结。其他渠道：线下付给付款人，再写明原因了结。',
    'At WeChat Pay, have it repaired: the money goes to the merchant’s bank account, and you pay the payer by hand; the exception then ends by itself. Elsewhere pay the payer by hand, then say how it ended.',
  ],
  advice_refund_failed: [
    '联系付款人。可以在订单页再退一次，或线下付款；然后写明原因了结。退回来的钱若还在挂账，可以归属商家。',
    'Talk to the payer. Refund once more on the order’s page, or pay by hand; then say how it ended. What of the money is in suspense can be attributed to the order’s owner.',
  ],
  advice_disputed: [
    '截止之前到渠道后台提交证据。有结果后：由商家承担则归属，由平台承担则核销，胜诉则标为无需处理。',
    'Send evidence in the provider’s console before the time is over. Once it is decided: attribute what is lost to the order’s owner, or write it off; dismiss it if it is won.',
  ],
  advice_missing_here: [
    '在渠道后台查这笔交易是什么，处理之后写明原因了结。',
    'Look the transaction up in the provider’s console. See to it, then say how it ended.',
  ],
  advice_missing_there: [
    '看前后两天的对账结果：它可能在相邻一天的账单里。过几天仍没有，就问渠道。',
    'Look at the days before and after: it may be in one of their bills. If none has it after some days, ask the provider.',
  ],
  advice_other_amount: [
    '向渠道核对哪个金额正确，写明差额如何处理后了结。',
    'Ask the provider which amount is right, then say what was done about the difference.',
  ],
  advice_unknown_row: [
    '在账单里看这一行是什么，告诉维护系统的人，再写明原因了结。',
    'See in the bill what the row is, tell those who maintain this system, then say how it ended.',
  ],
  advice_not_shipped: [
    '在订单页填写发货信息；微信收下后异常自行了结。',
    'Say on the order’s page what was sent. Once WeChat has taken it, this ends by itself.',
  ],
} as const satisfies Record<`advice_${ExceptionKind}`, Pair>;

const ends = {
  end_attributed: ['归属订单商家', 'Attribute to the order’s owner'],
  end_returned: ['退回付款人', 'Return to the payer'],
  end_written_off: ['核销', 'Write off'],
  end_dismissed: ['无需处理', 'Dismiss'],
  end_repaired: ['渠道修复', 'Repaired at the provider'],
  end_named: ['渠道已说明', 'Named by the provider'],
} as const satisfies Record<`end_${(typeof exceptionEnds)[number]}`, Pair>;

const fields = {
  field_provider: ['渠道', 'provider'],
  field_merchant: ['商户', 'merchant'],
  field_appid: ['应用', 'app'],
  field_amount: ['金额', 'amount'],
  field_currency: ['货币', 'currency'],
  field_transaction_id: ['交易号', 'transaction'],
} as const satisfies Record<`field_${ComparedField}`, Pair>;

/** What an end comes to, said before it is confirmed. */
const endings = {
  ending_returns: [
    '{amount} 从 {from} 退回付款人：随后向渠道申请退款，渠道办成之后记账。',
    '{amount} goes back to its payer out of {from}: the provider is asked for a refund, which is booked once it has been done.',
  ],
  ending_nothing_left: [
    '这笔钱已全部退出：不记账，异常了结。',
    'Nothing of the money is left: nothing is booked, and the exception ends.',
  ],
  ending_books: ['记账：{amount} 从 {from} 记到 {to}。', 'Books {amount} from {from} to {to}.'],
  ending_pays: ['订单变为已支付。', 'The order becomes paid.'],
  ending_stays: ['不记账。{amount} 留在 {from}。', 'Nothing is booked. {amount} stays in {from}.'],
  ending_checks_payment: [
    '不记账。随后向渠道查询这笔支付单：确已收款的，单号作废，下一次支付换新的单号；没有收款的，照常可以支付。',
    'Nothing is booked. The provider is asked about the payment: if it has the money, the payment is over, and the next takes a number of its own; if not, it can be paid as before.',
  ],
  ending_nothing: ['不记账，异常了结。', 'Nothing is booked; the exception ends.'],
  ending_refused: ['现在会被拒绝：{why}', 'It would be refused now. {why}'],
} as const satisfies Record<`ending_${string}`, Pair>;

/** Reasons that are often given, so that nobody has to type them. */
const suggestions = {
  suggested_returned: ['付款人误付，已退回', 'Paid by mistake, returned'],
  suggested_attributed: ['仍然履约', 'Delivered all the same'],
  suggested_written_off: ['数额太小，不再追究', 'Too small to be pursued'],
  suggested_dismissed: ['已在渠道后台处理', 'Seen to in the provider’s console'],
} as const satisfies Record<`suggested_${Resolution}`, Pair>;

const page = {
  no_exceptions: ['没有未结的异常', 'No open exceptions'],
  no_exceptions_hint: ['收到的每一笔钱都有着落。', 'All money that came is accounted for.'],
  no_exceptions_match: ['没有符合条件的异常', 'No exception matches'],
  no_exceptions_match_hint: ['请放宽筛选。', 'Widen the filters.'],
  exception_kind: ['异常类型', 'Kind'],
  exception_state_open: ['未结', 'Open'],
  exception_state_resolved: ['已了结', 'Resolved'],
  exception_state_all: ['全部', 'All'],
  age: ['出现', 'Recorded'],
  overdue: ['拖得太久', 'Overdue'],
  act_before: ['可处理到', 'Act before'],
  no_order: ['不属于订单', 'Of no order'],
  what_can_be_done: ['怎么办', 'What can be done'],
  differing_fields: ['不一致的字段', 'Fields that disagree'],
  payment_number: ['支付单号', 'Payment'],
  transaction: ['渠道交易号', 'Transaction'],
  refund_or_dispute: ['退款或争议号', 'Refund or dispute'],
  provider_reason: ['渠道给的原因', 'The provider’s reason'],
  ended_as: ['怎样了结', 'Ended as'],
  ended_why: ['原因', 'Why'],
  ended_by: ['谁了结的', 'By whom'],
  see_order: ['看订单', 'See the order'],
  see_suspense: ['看挂账', 'See suspense'],
  resolve: ['处理…', 'Resolve…'],
  resolve_kind: ['处理：{kind}', 'Resolve: {kind}'],
  how_it_ends: ['怎样了结', 'How it ends'],
  resolve_reason: ['原因', 'Reason'],
  resolve_reason_hint: [
    '与你的账号一起保存，查账的人看得到。',
    'It is kept with who you are, for whoever looks at the books later.',
  ],
  resolve_reason_missing: ['请写明原因。', 'Say why.'],
  resolve_end_missing: ['请选一种。', 'Choose one.'],
  resolve_on: ['下一步', 'Continue'],
  resolve_back: ['上一步', 'Back'],
  resolve_final: ['确认之后不能改成别的结果。', 'Once confirmed, it cannot end in another way.'],
  confirm: ['确认', 'Confirm'],
  resolved_as: ['已了结：{end}', 'Resolved: {end}'],
  was_booked: ['已记账 {amount}：从 {from} 到 {to}。', 'Booked {amount} from {from} to {to}.'],
  nothing_booked: ['没有记账。', 'Nothing was booked.'],
  refund_asked: ['退款 {refund_no}，{amount}：{status}。', 'Refund {refund_no} of {amount}: {status}.'],
  repair: ['请渠道修复…', 'Have it repaired…'],
  repair_title: ['请微信支付修复退款 {refund_no}', 'Have WeChat Pay repair refund {refund_no}'],
  repair_comes_to: [
    '微信支付把 {amount} 退到商户自己的银行账户，不再退给付款人。请之后线下付给付款人。',
    'WeChat Pay sends {amount} to the merchant’s own bank account, and no more to the payer. Pay the payer by hand afterwards.',
  ],
  repair_asked: ['已请渠道修复。', 'The provider was asked to repair it.'],
} as const satisfies Record<string, Pair>;

/** Exceptions: what each is, what can be done about it, and what that comes to. */
export const exceptions = {
  ...kinds,
  ...meanings,
  ...advice,
  ...ends,
  ...fields,
  ...endings,
  ...suggestions,
  ...page,
} as const;

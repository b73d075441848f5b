import type { ExceptionRecord } from '../orders/exception.ts';
import type { Resolution } from '../orders/kinds.ts';
import type { Refused } from '../orders/resolution.ts';
import { amountText } from '../providers/facts.ts';
import { ApiError, exceptionNotFound, invalidField, mustBeOneOf } from './api-error.ts';

/** Whether an end gives the money back, or says whose it is: for those alone who reach the merchant that has it. */
export const disposesOfMoney = (resolution: Resolution): boolean =>
  resolution === 'returned' || resolution === 'attributed';

/** Money in a currency that its provider does not take cannot be booked: nobody knows its unit. */
export const isCountable = (exception: ExceptionRecord, resolution: Resolution): boolean =>
  exception.amount === null || !disposesOfMoney(resolution) || amountText(exception) !== null;

/** Why an end was refused: says what to do instead. */
export function refusalError(result: Refused): ApiError {
  switch (result.outcome) {
    case 'not_found':
      return exceptionNotFound();
    case 'not_allowed':
      return invalidField('resolution', {
        zh: `对此异常须为 ${result.allowed.join('、')} 之一`,
        en: `${mustBeOneOf(result.allowed).en} for this exception`,
      });
    case 'already_resolved':
      return new ApiError(409, 'already_resolved', {
        zh: '此异常已以另一种方式处理，不能再改',
        en: 'The exception was resolved in another way, which cannot be changed',
      });
    case 'nothing_left':
      return new ApiError(409, 'nothing_to_refund', {
        zh: '这笔款项已全部退回、正在退回或已归属，请改用 dismissed',
        en: 'This money is returned, being returned or attributed: please use dismissed',
      });
    case 'already_booked':
      return new ApiError(409, 'resolution_not_possible', {
        zh: '这笔交易已经入账，不是另一笔款项，请改用 dismissed',
        en: 'This transaction is booked, and no other money: please use dismissed',
      });
    case 'transaction_unknown':
      return new ApiError(409, 'resolution_not_possible', {
        zh: '该订单有一笔支付的交易号尚未知晓，这笔款项可能就是它：请等对账确定交易号，或改用 dismissed',
        en: 'The transaction of a payment of this order is not known yet, and may be this one: please wait until reconciliation has named it, or use dismissed',
      });
    case 'not_booked':
      return new ApiError(409, 'resolution_not_possible', {
        zh: '这笔退出的款项没有入账，不能归属；请与渠道核对后改用 written_off 或 dismissed',
        en: 'The money that went out was not booked and cannot be attributed: please check with the provider, then use written_off or dismissed',
      });
    case 'never_owned':
      return new ApiError(409, 'resolution_not_possible', {
        zh: '退出的是挂账款项，从未归属商家，请改用 dismissed',
        en: 'What went out was in suspense and never the payee’s: please use dismissed',
      });
    case 'disputed':
      return new ApiError(409, 'in_dispute', {
        zh: '这笔款项正在争议中，不能退款；请等争议结束后再处理',
        en: 'This money is in dispute and cannot be returned: please wait until the dispute is over',
      });
    case 'order_open':
      return new ApiError(409, 'resolution_not_possible', {
        zh: '订单仍可支付：请先关闭订单，或改用另一种处理方式',
        en: 'The order can still be paid: please close it first, or use another resolution',
      });
    case 'other_amount':
      return new ApiError(409, 'resolution_not_possible', {
        zh: '只有金额、币种和商户都与已关闭的订单一致、且未退过的款项才能归属，请改用另一种处理方式',
        en: 'Only money that agrees with the closed order in amount, currency and merchant, and of which nothing was returned, can be attributed: please use another resolution',
      });
    case 'amount_unknown':
      return new ApiError(409, 'resolution_not_possible', {
        zh: '消息没有说明可入账的金额或交易，请改用 written_off 或 dismissed',
        en: 'The message named no amount or transaction that could be booked: please use written_off or dismissed',
      });
    case 'dispute_open':
      return new ApiError(409, 'in_dispute', {
        zh: '争议尚未结束，请等结果确定后再归属',
        en: 'The dispute is not over: please attribute when its result is known',
      });
  }
}

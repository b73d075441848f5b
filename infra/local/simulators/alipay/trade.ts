import * as z from 'zod/mini';
import { formatAmount } from '../../../../lib/money.ts';
import { beijingTime } from '../beijing-time.ts';
import type { Payment, Payments } from '../payments.ts';
import { type Refund, type Refunds, returnedOf } from '../refunds.ts';
import type { Fields, Methods } from './gateway.ts';
import { GatewayError, invalidParameter } from './gateway-error.ts';
import { parseBizContent, tradeNumber } from './request.ts';
import { YUAN } from './yuan.ts';

/** How every call names the trade that it is about. */
export const tradeReference = z.object({
  out_trade_no: z.optional(tradeNumber),
  trade_no: z.optional(z.string()),
});

export const BUYER = { buyer_logon_id: 'abc***@example.com', buyer_user_id: '2088000000000999' } as const;

/** alipay.trade.query and alipay.trade.close. */
export function tradeMethods(payments: Payments, refunds: Refunds): Methods {
  /** Of what its payer paid and its seller received of a trade that was paid on a page, it says nothing but zeros. */
  function query(parameters: URLSearchParams): Fields {
    const trade = findTrade(payments, parseBizContent(parameters, tradeReference));
    return {
      ...BUYER,
      ...names(trade),
      ...{ buyer_pay_amount: '0.00', invoice_amount: '0.00', point_amount: '0.00', receipt_amount: '0.00' },
      total_amount: formatAmount(trade.amount, YUAN),
      trade_status: tradeStatus(trade, refunds.of(trade)),
      ...(trade.paid_at !== null && { send_pay_date: beijingTime(Date.parse(trade.paid_at)) }),
    };
  }

  /** Only a trade that waits for its payer. Without a notify address of its own, a close tells nobody. */
  function close(parameters: URLSearchParams): Fields {
    const trade = findTrade(payments, parseBizContent(parameters, tradeReference));
    if (tradeStatus(trade, []) !== 'WAIT_BUYER_PAY') throw statusError();
    payments.put({ ...trade, state: 'closed' });
    return names(trade);
  }

  return { 'alipay.trade.query': query, 'alipay.trade.close': close };
}

/** @throws GatewayError */
export function findTrade(
  payments: Payments,
  { out_trade_no, trade_no }: z.infer<typeof tradeReference>,
): Payment {
  if (out_trade_no === undefined && trade_no === undefined) throw invalidParameter('out_trade_no');
  const trade =
    trade_no === undefined
      ? payments.find(out_trade_no ?? '')
      : payments.list().find(({ transaction_id }) => transaction_id === trade_no);
  if (trade) return trade;
  throw new GatewayError('ACQ.TRADE_NOT_EXIST', '交易不存在');
}

/** A payment that fails at the cashier leaves its trade waiting; one that is wholly returned is closed. */
export function tradeStatus({ state, amount }: Payment, refunds: readonly Refund[]): string {
  if (state === 'open' || state === 'failed') return 'WAIT_BUYER_PAY';
  return state === 'paid' && returnedOf(refunds) < amount ? 'TRADE_SUCCESS' : 'TRADE_CLOSED';
}

export const names = ({ payment_no, transaction_id }: Payment): Fields => ({
  out_trade_no: payment_no,
  trade_no: transaction_id ?? '',
});

export const statusError = (): GatewayError => new GatewayError('ACQ.TRADE_STATUS_ERROR', '交易状态不合法');

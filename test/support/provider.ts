import type { Order, Provider } from '../../lib/orders/order.ts';
import { paymentNumber } from '../../lib/orders/order-number.ts';
import type { PaymentEvent } from '../../lib/orders/payment-event.ts';
import type { ProviderGateway, RefundRequest } from '../../lib/orders/provider-gateway.ts';
import { paymentOf } from './orders.ts';

type RefundState = 'open' | 'succeeded' | 'failed' | 'abnormal';

/**
 * A provider with books of its own. Payments are `open` until they are paid or closed; refunds are decided at once,
 * unless `decideLater`. `failing` makes the calls of that name reject.
 */
export function createProvider() {
  const payments = new Map<string, PaymentEvent | 'open' | 'closed'>();
  const refunds = new Map<string, RefundRequest & { state: RefundState }>();
  const calls: string[] = [];
  const failing = new Set<keyof ProviderGateway>();
  const settings = { decideLater: false, refundState: 'succeeded' as RefundState };

  const called = (name: keyof ProviderGateway, number: string) => {
    calls.push(`${name} ${number}`);
    if (failing.has(name)) throw new Error(`${name} failed`);
  };
  const refundAnswer = (refund_no: string) => {
    const refund = refunds.get(refund_no);
    if (!refund) return { state: 'absent' } as const;
    return refund.state === 'open'
      ? ({ state: 'open' } as const)
      : { state: refund.state, refund_id: `R-${refund_no}` };
  };
  const gateway: ProviderGateway = {
    async query({ order_no }) {
      called('query', order_no);
      const payment = payments.get(order_no);
      if (payment === undefined) return { state: 'absent' };
      if (payment === 'open') return { state: 'open' };
      if (payment !== 'closed') return { state: 'decided', event: payment };
      return {
        state: 'decided',
        event: { type: 'closed', order_no, provider: 'wechat', transaction_id: null },
      };
    },
    async close({ order_no }) {
      called('close', order_no);
      if (typeof payments.get(order_no) === 'object') return 'not_closed';
      payments.set(order_no, 'closed');
      return 'closed';
    },
    async refund(request) {
      called('refund', request.refund_no);
      if (!refunds.has(request.refund_no)) {
        refunds.set(request.refund_no, {
          ...request,
          state: settings.decideLater ? 'open' : settings.refundState,
        });
      }
      return refundAnswer(request.refund_no);
    },
    async queryRefund({ refund_no }) {
      called('queryRefund', refund_no);
      return refundAnswer(refund_no);
    },
  };
  return {
    gateway: async (_provider: Provider) => gateway,
    calls,
    failing,
    settings,
    refunds,
    open: (order: Order) => payments.set(paymentNumber(order), 'open'),
    pay: (order: Order, changes: Partial<PaymentEvent> = {}) =>
      payments.set(paymentNumber(order), paymentOf(order, { order_no: paymentNumber(order), ...changes })),
  };
}

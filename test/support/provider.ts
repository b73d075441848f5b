import type { PaymentEvent } from '../../lib/orders/event.ts';
import type { Provider } from '../../lib/orders/kinds.ts';
import type { Payment } from '../../lib/orders/payment.ts';
import type {
  Merchant,
  Merchants,
  PaymentReference,
  ProviderGateway,
  RefundAnswer,
  RefundRequest,
} from '../../lib/orders/provider-gateway.ts';
import { providerFacts } from '../../lib/providers/facts.ts';
import { APPID, merchantNames, successOf } from './orders.ts';

type Verb = Exclude<keyof ProviderGateway, 'clientParameters'>;
type RefundState = Exclude<RefundAnswer['state'], 'absent'>;

/**
 * Providers with books of their own, the usual merchant at each. Payments are `open` until they are paid or closed;
 * refunds are decided at once, unless `decideLater`. `failing` makes the calls of that name reject.
 */
export function createProvider() {
  const payments = new Map<string, PaymentEvent | 'open' | 'closed'>();
  const refunds = new Map<string, RefundRequest & { state: RefundState }>();
  const calls: string[] = [];
  const failing = new Set<Verb>();
  const settings = { decideLater: false, refundState: 'succeeded' as RefundState };

  const called = (verb: Verb, number: string) => {
    calls.push(`${verb} ${number}`);
    if (failing.has(verb)) throw new Error(`${verb} failed`);
  };
  const refundAnswer = (refund_no: string): RefundAnswer => {
    const state = refunds.get(refund_no)?.state ?? 'absent';
    return state === 'open' || state === 'absent' ? { state } : { state, refund_id: `R-${refund_no}` };
  };
  const gatewayOf = (provider: Provider): ProviderGateway => ({
    clientParameters: (_payment, page) => ({ page }),
    async createPayment({ payment_no, expires_at }) {
      called('createPayment', payment_no);
      const state = payments.get(payment_no) ?? 'open';
      if (state !== 'open') return { outcome: 'over' };
      payments.set(payment_no, state);
      const page = `page-of-${payment_no}`;
      return { outcome: 'created', page, handed_out: { page, id: null, good_until: expires_at } };
    },
    async query({ payment_no }) {
      called('query', payment_no);
      const state = payments.get(payment_no) ?? 'absent';
      if (state === 'open' || state === 'absent') return { state };
      if (state !== 'closed') return { state: 'decided', event: state };
      const merchant = merchantNames[provider];
      return {
        state: 'decided',
        event: { type: 'closed', payment_no, provider, merchant, transaction_id: null },
      };
    },
    async close({ payment_no }) {
      called('close', payment_no);
      const state = payments.get(payment_no);
      if (state === undefined) return 'absent';
      if (typeof state === 'object') return 'not_closed';
      payments.set(payment_no, 'closed');
      return 'closed';
    },
    async refund(request) {
      called('refund', request.refund_no);
      if (!refunds.has(request.refund_no)) {
        const state = settings.decideLater ? 'open' : settings.refundState;
        refunds.set(request.refund_no, { ...request, state });
      }
      return refundAnswer(request.refund_no);
    },
    async queryRefund({ refund_no }) {
      called('queryRefund', refund_no);
      return refundAnswer(refund_no);
    },
    repairRefund: async () => ({ state: 'unsupported' }),
    reportShipping: async () => ({ state: 'unsupported' }),
  });
  const merchantOf = (provider: Provider): Merchant => ({
    provider,
    name: merchantNames[provider],
    former: [],
    appids: provider === 'wechat' ? [APPID] : [],
    limits: providerFacts[provider].limits,
    gateway: gatewayOf(provider),
  });
  const merchants: Merchants = {
    current: async (provider) => merchantOf(provider),
    find: async (provider, name) => (name === merchantNames[provider] ? merchantOf(provider) : null),
  };
  return {
    merchants,
    merchantOf,
    calls,
    failing,
    settings,
    refunds,
    /** It waits to be paid there. */
    open: ({ payment_no }: Pick<PaymentReference, 'payment_no'>) => payments.set(payment_no, 'open'),
    /** It was paid there, and nobody was told. */
    pay: (payment: Payment, changes: Partial<PaymentEvent> = {}) =>
      payments.set(payment.payment_no, successOf(payment, changes)),
  };
}

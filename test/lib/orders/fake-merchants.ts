import { isoTime } from '../../../lib/io.ts';
import type { PaymentEvent } from '../../../lib/orders/event.ts';
import type { Provider } from '../../../lib/orders/kinds.ts';
import type { Payment } from '../../../lib/orders/payment.ts';
import type {
  CloseAnswer,
  CreatedPayment,
  Merchant,
  Merchants,
  PaymentAnswer,
  PaymentLimits,
  ProviderGateway,
  RefundAnswer,
  RefundRequest,
  RepairAnswer,
  ShippingAnswer,
} from '../../../lib/orders/provider-gateway.ts';
import type { Shipping } from '../../../lib/orders/shipping.ts';
import { APPID, merchantNames, NOW, successOf } from '../../support/orders.ts';

/** What each call answers. */
interface Answers {
  readonly createPayment: CreatedPayment;
  readonly query: PaymentAnswer;
  readonly close: CloseAnswer;
  readonly refund: RefundAnswer;
  readonly queryRefund: RefundAnswer;
  readonly repairRefund: RepairAnswer;
  readonly reportShipping: ShippingAnswer;
}
type Call = keyof Answers;

const limits: PaymentLimits = {
  longest_ms: 2 * 3_600_000,
  shortest_ms: 60_000,
  failedCanBePaid: false,
};

type Held = PaymentEvent | 'open' | 'closed';

/**
 * Merchants with books of their own, at all providers. A payment is `open` once it was created, until it is paid or
 * closed; a refund succeeds at once. `script` makes the next calls answer otherwise.
 */
export function createFakeMerchants() {
  const calls: string[] = [];
  const requests: { [K in Call]: Parameters<ProviderGateway[K]>[0][] } = {
    createPayment: [],
    query: [],
    close: [],
    refund: [],
    queryRefund: [],
    repairRefund: [],
    reportShipping: [],
  };
  const held = new Map<string, Held>();
  const refunds = new Map<string, RefundRequest & { state: RefundAnswer['state'] }>();
  const scripts = new Map<Call, (() => unknown)[]>();
  const shipments: Shipping[] = [];
  let pages = 0;

  const take = async (call: Call): Promise<unknown> => scripts.get(call)?.shift()?.();
  const refundAnswer = (refund_no: string): RefundAnswer => {
    const state = refunds.get(refund_no)?.state ?? 'absent';
    return state === 'open' || state === 'absent' ? { state } : { state, refund_id: `R-${refund_no}` };
  };

  const gatewayOf = (merchant: string): ProviderGateway => {
    const log = async <K extends Call>(call: K, request: Parameters<ProviderGateway[K]>[0]) => {
      const number = 'refund_no' in request ? request.refund_no : request.payment_no;
      calls.push(`${call} ${number} of ${merchant}`);
      (requests[call] as unknown[]).push(request);
      return (await take(call)) as Answers[K] | undefined;
    };
    return {
      clientParameters: (_payment, page) => ({ pay_url: page }),
      async createPayment(request) {
        const scripted = await log('createPayment', request);
        if (scripted) return scripted;
        if ((held.get(request.payment_no) ?? 'open') !== 'open') return { outcome: 'over' };
        held.set(request.payment_no, 'open');
        pages += 1;
        const page = `page-${pages}`;
        return {
          outcome: 'created',
          page,
          handed_out: { page, id: null, good_until: isoTime(NOW + 2 * 3_600_000) },
        };
      },
      async query(request) {
        const scripted = await log('query', request);
        if (scripted) return scripted;
        const payment = held.get(request.payment_no) ?? 'absent';
        if (payment === 'open' || payment === 'absent') return { state: payment };
        const event = payment === 'closed' ? closedEvent(merchant, request.payment_no) : payment;
        return { state: 'decided', event };
      },
      async close(request) {
        const scripted = await log('close', request);
        if (scripted) return scripted;
        const payment = held.get(request.payment_no);
        if (payment === undefined) return 'absent';
        if (typeof payment === 'object') return 'not_closed';
        held.set(request.payment_no, 'closed');
        return 'closed';
      },
      async refund(request) {
        const scripted = await log('refund', request);
        if (scripted) return scripted;
        const { refund_no } = request;
        if (!refunds.has(refund_no)) refunds.set(refund_no, { ...request, state: 'succeeded' });
        return refundAnswer(refund_no);
      },
      async queryRefund(request) {
        const scripted = await log('queryRefund', request);
        return scripted ?? refundAnswer(request.refund_no);
      },
      async repairRefund(request) {
        const scripted = await log('repairRefund', request);
        if (scripted) return scripted;
        const refund = refunds.get(request.refund_no);
        if (refund?.state === 'abnormal') refunds.set(request.refund_no, { ...refund, state: 'open' });
        return refundAnswer(request.refund_no);
      },
      async reportShipping(payment, shipping) {
        shipments.push(shipping);
        return (await log('reportShipping', payment)) ?? { state: 'told' };
      },
    };
  };

  const providersByName = Object.entries(merchantNames) as [Provider, string][];
  const closedEvent = (merchant: string, payment_no: string): PaymentEvent => {
    const provider = providersByName.find(([, name]) => name === merchant)?.[0] ?? 'wechat';
    return { type: 'closed', payment_no, provider, merchant, transaction_id: null };
  };

  const merchantOf = (provider: Provider, changes: Partial<Merchant> = {}): Merchant => {
    const name = changes.name ?? merchantNames[provider];
    return {
      provider,
      name,
      former: [],
      appids: provider === 'wechat' ? [APPID] : [],
      limits,
      gateway: gatewayOf(name),
      ...changes,
    };
  };

  const configured = providersByName.map(([provider]) => merchantOf(provider));
  const merchants: Merchants = {
    async current(provider) {
      const found = configured.find((merchant) => merchant.provider === provider);
      return found ?? null;
    },
    find: async (provider, name) =>
      configured.find((merchant) => merchant.provider === provider && merchant.name === name) ?? null,
  };

  return {
    ...merchants,
    merchantOf,
    /** Those that can be asked, by which a test can replace one by another. */
    configured,
    /** Every call, as `close mall-1 of 1900000001`. */
    calls,
    requests,
    /** What was said to be sent, each time. */
    shipments,
    held,
    refunds,
    limits,
    /** The payer has paid: the provider will say so when it is asked. */
    pay: (payment: Payment, changes: Partial<PaymentEvent> = {}): void => {
      held.set(payment.payment_no, successOf(payment, changes));
    },
    /** The next calls of this name run these instead, one each; one that gives nothing goes on as usual. */
    script: <K extends Call>(
      call: K,
      ...answers: (() => Answers[K] | undefined | Promise<Answers[K] | undefined>)[]
    ): void => {
      scripts.set(call, [...(scripts.get(call) ?? []), ...answers]);
    },
  };
}

export type FakeMerchants = ReturnType<typeof createFakeMerchants>;

import * as z from 'zod/mini';
import { type Provider, providers as providerNames } from '../../../lib/orders/kinds.ts';
import type { SignToken } from '../../operate/token/sign-token.ts';
import type { Tokens } from '../tokens.ts';
import { movementsOf } from './account.ts';
import type { Courier } from './delivery.ts';
import { actOnDispute, disputeOptions } from './dispute-actions.ts';
import type { DisputeAction } from './disputes.ts';
import { type Faults, providerFault } from './faults.ts';
import { type Answer, type Call, type Handler, json, parseJson, router } from './http.ts';
import type { Inbox } from './inbox.ts';
import { actOnPayment, type PaymentAction, paymentOptions, unknownPayment } from './payment-actions.ts';
import type { MerchantSimulator, ProviderSimulator } from './provider-simulator.ts';
import { inboxAnswers } from './received-webhook.ts';
import {
  actOnRefund,
  consoleRefundOptions,
  type RefundAction,
  refundByConsole,
  refundOptions,
} from './refund-actions.ts';
import type { Wecom } from './wecom.ts';
import { type Weixin, weixinFault } from './weixin/simulator.ts';

interface Controlled {
  readonly providers: Readonly<Record<Provider, ProviderSimulator>>;
  readonly weixin: Weixin;
  readonly wecom: Wecom | null;
  readonly inbox: Inbox | null;
  readonly tokens: Tokens | null;
  readonly signToken: SignToken | null;
  readonly courier: Courier;
  readonly faults: Faults;
  readonly now: () => number;
}

const flatFields = z.record(z.string(), z.string());
const faultOption = z.strictObject({ fault: z.nullable(z.enum(['http', 'errcode'])) });
const inboxOption = z.strictObject({
  receiver: z.string(),
  answer: z.enum(inboxAnswers),
  only_next: z.optional(z.boolean()),
});
const weixinOption = z.strictObject({
  fault: z.optional(weixinFault),
  tokens: z.optional(z.literal('expired')),
  known_after_ms: z.optional(z.int().check(z.nonnegative(), z.maximum(3_600_000))),
});
const providerFaultOption = z.strictObject({
  provider: z.enum(providerNames),
  fault: providerFault,
});
const refundsOption = z.strictObject({
  automatic: z.optional(z.boolean()),
  refusal: z.optional(z.nullable(z.enum(['balance', 'frequency']))),
});

interface Parts {
  readonly simulator: MerchantSimulator;
  readonly courier: Courier;
  readonly now: () => number;
}

/** A token of any user, role, tenant and lifetime. */
const tokenQuery = z.strictObject({
  sub: z._default(z.string().check(z.minLength(1), z.maxLength(256)), 'admin'),
  role: z._default(z.enum(['admin', 'viewer', 'user']), 'admin'),
  tenant_id: z.optional(z.string().check(z.regex(/^[1-9]\d{0,14}$/))),
  minutes: z._default(z.string().check(z.regex(/^[1-9]\d{0,5}$/)), '60'),
});

/** Whether what a call names is the merchant's. */
type Has = (simulator: MerchantSimulator, name: string) => boolean;

const hasPayment: Has = ({ payments }, payment_no) => payments.find(payment_no) !== undefined;
const hasRefund: Has = ({ refunds }, name) => (refunds.find(name) ?? refunds.get(name)) !== undefined;

/**
 * What a test, the demo or a page does at the simulators; JSON. Where several merchants may be meant, `?merchant=` says
 * which one is.
 */
export function createControl(controlled: Controlled): Handler {
  const { providers, weixin, wecom, inbox, tokens, signToken, courier, faults, now } = controlled;
  const merchantsOf = (call: Call, provider: string): readonly MerchantSimulator[] => {
    const named = call.query.get('merchant');
    const { merchants } = providers[provider as Provider];
    return named === null ? merchants : merchants.filter(({ merchant }) => merchant === named);
  };

  /** Something that is done at one merchant: the one whose it is. */
  const at =
    <T>(
      options: z.ZodMiniType<T>,
      has: Has,
      run: (parts: Parts, options: T, name: string, action: string) => Answer | Promise<Answer>,
    ) =>
    async (call: Call, provider = '', name = '', action = ''): Promise<Answer> => {
      const candidates = merchantsOf(call, provider);
      const [simulator = candidates[0], other] = candidates.filter((candidate) => has(candidate, name));
      if (!simulator) return noMerchant(call, provider);
      if (other) return json(409, { error: `several merchants have ${name}: say which with ?merchant=` });
      const parsed = options.safeParse(call.body.length === 0 ? {} : parseJson(call.body));
      return parsed.success
        ? run({ simulator, courier, now }, parsed.data, name, action)
        : malformed(parsed.error);
    };

  const noMerchant = (call: Call, provider: string): Answer =>
    providers[provider as Provider].merchants.length === 0
      ? absent(provider)
      : json(404, { error: `${provider} has no merchant ${call.query.get('merchant')} here` });

  function listMerchants(): Answer {
    const merchants = providerNames.flatMap((provider) =>
      providers[provider].merchants.map(({ merchant, callbackUrl: callback_url }) => ({
        provider,
        merchant,
        callback_url,
      })),
    );
    return json(200, { merchants });
  }

  function listPayments(): Answer {
    const simulators = Object.values(providers).flatMap(({ merchants }) => merchants);
    return json(200, {
      payments: simulators.flatMap(({ payments }) => payments.list()),
      refunds: simulators.flatMap(({ refunds }) => refunds.list()),
    });
  }

  function showAccount(call: Call, provider = ''): Answer {
    const merchants = merchantsOf(call, provider);
    if (merchants.length === 0) return noMerchant(call, provider);
    const movements = merchants.flatMap((simulator) =>
      movementsOf(simulator).map((movement) => ({ merchant: simulator.merchant, ...movement })),
    );
    return json(200, { movements: movements.toSorted((a, b) => a.moved_at.localeCompare(b.moved_at)) });
  }

  function setRefunds(call: Call, provider = ''): Answer {
    const merchants = merchantsOf(call, provider);
    if (merchants.length === 0) return noMerchant(call, provider);
    const parsed = refundsOption.safeParse(parseJson(call.body));
    if (!parsed.success) return malformed(parsed.error);
    const { automatic, refusal } = parsed.data;
    for (const { refunds } of merchants) {
      if (automatic !== undefined) refunds.setAutomatic(automatic);
      if (refusal !== undefined) refunds.setRefusal(refusal);
    }
    return json(200, parsed.data);
  }

  function setProviderFault(call: Call): Answer {
    const parsed = providerFaultOption.safeParse(parseJson(call.body));
    if (!parsed.success) return malformed(parsed.error);
    const { provider, fault } = parsed.data;
    if (providers[provider].merchants.length === 0) return absent(provider);
    faults.set(provider, fault);
    return json(200, parsed.data);
  }

  /** To the address that is registered for the merchant, and authenticated as its own. */
  async function sendFlat(call: Call, provider = ''): Promise<Answer> {
    const candidates = merchantsOf(call, provider);
    const fields = flatFields.safeParse(parseJson(call.body));
    const order_no = (fields.success && fields.data['order_no']) || '';
    const simulator = candidates.find((one) => hasPayment(one, order_no)) ?? candidates[0];
    if (!simulator) return noMerchant(call, provider);
    if (!fields.success) return malformed(fields.error);
    const [delivery] = await courier.deliver({
      provider: provider as Provider,
      payment_no: order_no,
      url: simulator.callbackUrl,
      message: () => simulator.flatMessage(fields.data),
      acknowledged: () => true,
      retryAfterSeconds: [],
      times: 1,
      concurrency: 1,
    });
    return json(200, { status: delivery?.status ?? null, body: delivery?.answer ?? '' });
  }

  function setWeixin(call: Call): Answer {
    const parsed = weixinOption.safeParse(parseJson(call.body));
    if (!parsed.success) return malformed(parsed.error);
    const { fault, tokens: state, known_after_ms } = parsed.data;
    if (known_after_ms !== undefined) weixin.setKnownAfter(known_after_ms);
    if (fault !== undefined) weixin.setFault(fault);
    if (state === 'expired') weixin.expireTokens();
    return json(200, parsed.data);
  }

  function setFault(call: Call): Answer {
    if (!wecom) return absent('wecom');
    const parsed = faultOption.safeParse(parseJson(call.body));
    if (!parsed.success) return malformed(parsed.error);
    wecom.setFault(parsed.data.fault);
    return json(200, parsed.data);
  }

  function setInbox(call: Call): Answer {
    if (!inbox) return absent('webhooks');
    const parsed = inboxOption.safeParse(parseJson(call.body));
    if (!parsed.success) return malformed(parsed.error);
    const { receiver, answer, only_next = false } = parsed.data;
    return inbox.setAnswer(receiver, answer, only_next)
      ? json(200, parsed.data)
      : json(404, { error: `${receiver} has no inbox here` });
  }

  /** What an inbox has, of the order that the query names. */
  const ofInbox =
    (read: (inbox: Inbox, order_no: string | null) => object) =>
    ({ query }: Call): Answer =>
      inbox ? json(200, read(inbox, query.get('order_no'))) : absent('webhooks');

  /** Those that are ready, or the one that the query asks for. */
  async function giveTokens({ query }: Call): Promise<Answer> {
    if (query.size === 0) return tokens ? json(200, tokens) : absent('auth');
    if (!signToken) return absent('auth');
    const parsed = tokenQuery.safeParse(Object.fromEntries(query));
    if (!parsed.success) return malformed(parsed.error);
    const { sub, role, tenant_id, minutes } = parsed.data;
    const claims = { role, ...(tenant_id !== undefined && { tenant_id: Number(tenant_id) }) };
    return json(200, { token: await signToken(sub, claims, `${minutes} minutes`) });
  }

  return router([
    ['GET', /^\/merchants$/, listMerchants],
    ['GET', /^\/payments$/, listPayments],
    [
      'GET',
      providerPath('payments', '/([^/]+)'),
      at(z.object({}), hasPayment, ({ simulator }, _options, payment_no) => {
        const payment = simulator.payments.find(payment_no);
        return payment ? json(200, { payment }) : unknownPayment('the provider', payment_no);
      }),
    ],
    [
      'POST',
      providerPath('payments', '/([^/]+)/(pay|fail|close)'),
      at(paymentOptions, hasPayment, (parts, options, payment_no, action) =>
        actOnPayment(parts, payment_no, action as PaymentAction, options),
      ),
    ],
    [
      'POST',
      providerPath('payments', '/([^/]+)/refund'),
      at(consoleRefundOptions, hasPayment, (parts, options, payment_no) =>
        refundByConsole(parts, payment_no, options),
      ),
    ],
    [
      'POST',
      providerPath('disputes', '/([^/]+)/(open|withdraw|reinstate|win|lose)'),
      at(disputeOptions, hasPayment, (parts, options, payment_no, action) =>
        actOnDispute(parts, payment_no, action as DisputeAction, options),
      ),
    ],
    ['GET', providerPath('accounts'), showAccount],
    [
      'POST',
      providerPath('refunds', '/([^/]+)/(succeed|fail|refuse)'),
      at(refundOptions, hasRefund, (parts, options, refund_no, action) =>
        actOnRefund(parts, refund_no, action as RefundAction, options),
      ),
    ],
    ['POST', providerPath('refunds'), setRefunds],
    ['GET', /^\/faults$/, () => json(200, { faults: faults.all() })],
    ['POST', /^\/faults$/, setProviderFault],
    ['POST', providerPath('flat'), sendFlat],
    ['GET', /^\/weixin$/, () => json(200, { fault: weixin.fault(), shipments: weixin.shipments() })],
    [
      'GET',
      /^\/weixin\/shipments\/([^/]+)$/,
      (_call, payment_no = '') =>
        json(200, { shipment: weixin.shipments().find((one) => one.payment_no === payment_no) ?? null }),
    ],
    ['POST', /^\/weixin$/, setWeixin],
    [
      'GET',
      /^\/wecom\/messages$/,
      () => (wecom ? json(200, { messages: wecom.messages() }) : absent('wecom')),
    ],
    ['GET', /^\/wecom\/fault$/, () => (wecom ? json(200, { fault: wecom.fault() }) : absent('wecom'))],
    ['POST', /^\/wecom\/fault$/, setFault],
    ['GET', /^\/inbox$/, ofInbox((from) => ({ receivers: from.receivers() }))],
    ['GET', /^\/inbox\/received$/, ofInbox((from, order_no) => ({ received: from.received(order_no) }))],
    ['GET', /^\/inbox\/known$/, ofInbox((from, order_no) => ({ known: from.known(order_no) }))],
    ['POST', /^\/inbox$/, setInbox],
    ['GET', /^\/tokens$/, giveTokens],
  ]);
}

const providerPath = (name: string, rest = ''): RegExp =>
  new RegExp(`^/${name}/(${providerNames.join('|')})${rest}$`);

export const absent = (name: string): Answer =>
  json(503, { error: `nothing is simulated for ${name}: its document is your own, or there is none` });

function malformed({ issues: [issue] }: z.core.$ZodError): Answer {
  if (issue?.code === 'unrecognized_keys') return json(400, { error: `${issue.keys.join(', ')}: unknown` });
  return json(400, { error: `${issue?.path.join('.') || 'the body'}: not valid` });
}

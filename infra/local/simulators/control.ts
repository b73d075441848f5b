import * as z from 'zod/mini';
import { type Provider, providers as providerNames } from '../../../lib/orders/kinds.ts';
import { callbackNames, endpointPath } from '../../endpoints.ts';
import type { Tokens } from '../tokens.ts';
import { movementsOf } from './account.ts';
import type { Courier } from './delivery.ts';
import { actOnDispute, disputeOptions } from './dispute-actions.ts';
import type { DisputeAction } from './disputes.ts';
import { type Faults, providerFault } from './faults.ts';
import { type Answer, type Call, type Handler, json, parseJson, router } from './http.ts';
import { actOnPayment, type PaymentAction, paymentOptions, unknownPayment } from './payment-actions.ts';
import type { ProviderSimulator } from './provider-simulator.ts';
import {
  actOnRefund,
  consoleRefundOptions,
  type RefundAction,
  refundByConsole,
  refundOptions,
} from './refund-actions.ts';
import type { Wecom } from './wecom.ts';

interface Controlled {
  readonly providers: Readonly<Record<Provider, ProviderSimulator | null>>;
  readonly wecom: Wecom | null;
  readonly tokens: Tokens | null;
  readonly publicUrl: string;
  readonly courier: Courier;
  readonly faults: Faults;
  readonly now: () => number;
}

const flatFields = z.record(z.string(), z.string());
const faultOption = z.strictObject({ fault: z.nullable(z.enum(['http', 'errcode'])) });
const providerFaultOption = z.strictObject({
  provider: z.enum(providerNames),
  fault: providerFault,
});
const refundsOption = z.strictObject({
  automatic: z.optional(z.boolean()),
  refusal: z.optional(z.nullable(z.enum(['balance', 'frequency']))),
});

/** What a test, the demo or a page does at the simulators; JSON. */
export function createControl(controlled: Controlled): Handler {
  const { providers, wecom, tokens, publicUrl, courier, faults, now } = controlled;
  const simulatorOf = (provider: string) => providers[provider as Provider];

  function listPayments(): Answer {
    const simulators = Object.values(providers).filter((simulator) => simulator !== null);
    return json(200, {
      payments: simulators.flatMap(({ payments }) => payments.list()),
      refunds: simulators.flatMap(({ refunds }) => refunds.list()),
    });
  }

  async function act(call: Call, provider = '', payment_no = '', action = ''): Promise<Answer> {
    const simulator = simulatorOf(provider);
    if (!simulator) return absent(provider);
    const parsed = paymentOptions.safeParse(call.body.length === 0 ? {} : parseJson(call.body));
    if (!parsed.success) return malformed(parsed.error);
    return actOnPayment({ simulator, courier, now }, payment_no, action as PaymentAction, parsed.data);
  }

  async function actRefund(call: Call, provider = '', refund_no = '', action = ''): Promise<Answer> {
    const simulator = simulatorOf(provider);
    if (!simulator) return absent(provider);
    const parsed = refundOptions.safeParse(call.body.length === 0 ? {} : parseJson(call.body));
    if (!parsed.success) return malformed(parsed.error);
    return actOnRefund({ simulator, courier, now }, refund_no, action as RefundAction, parsed.data);
  }

  async function refund(call: Call, provider = '', payment_no = ''): Promise<Answer> {
    const simulator = simulatorOf(provider);
    if (!simulator) return absent(provider);
    const parsed = consoleRefundOptions.safeParse(call.body.length === 0 ? {} : parseJson(call.body));
    if (!parsed.success) return malformed(parsed.error);
    return refundByConsole({ simulator, courier, now }, payment_no, parsed.data);
  }

  async function dispute(call: Call, provider = '', payment_no = '', action = ''): Promise<Answer> {
    const simulator = simulatorOf(provider);
    if (!simulator) return absent(provider);
    const parsed = disputeOptions.safeParse(call.body.length === 0 ? {} : parseJson(call.body));
    if (!parsed.success) return malformed(parsed.error);
    return actOnDispute({ simulator, courier, now }, payment_no, action as DisputeAction, parsed.data);
  }

  function showAccount(_call: Call, provider = ''): Answer {
    const simulator = simulatorOf(provider);
    return simulator ? json(200, { movements: movementsOf(simulator) }) : absent(provider);
  }

  function setRefunds(call: Call, provider = ''): Answer {
    const simulator = simulatorOf(provider);
    if (!simulator) return absent(provider);
    const parsed = refundsOption.safeParse(parseJson(call.body));
    if (!parsed.success) return malformed(parsed.error);
    const { automatic, refusal } = parsed.data;
    if (automatic !== undefined) simulator.refunds.setAutomatic(automatic);
    if (refusal !== undefined) simulator.refunds.setRefusal(refusal);
    return json(200, parsed.data);
  }

  function setProviderFault(call: Call): Answer {
    const parsed = providerFaultOption.safeParse(parseJson(call.body));
    if (!parsed.success) return malformed(parsed.error);
    const { provider, fault } = parsed.data;
    if (!simulatorOf(provider)) return absent(provider);
    faults.set(provider, fault);
    return json(200, parsed.data);
  }

  function showPayment(_call: Call, provider = '', payment_no = ''): Answer {
    const simulator = simulatorOf(provider);
    if (!simulator) return absent(provider);
    const payment = simulator.payments.find(payment_no);
    return payment ? json(200, { payment }) : unknownPayment(provider, payment_no);
  }

  async function sendFlat(call: Call, provider = ''): Promise<Answer> {
    const simulator = simulatorOf(provider);
    if (!simulator) return absent(provider);
    const fields = flatFields.safeParse(parseJson(call.body));
    if (!fields.success) return malformed(fields.error);
    const [delivery] = await courier.deliver({
      provider: provider as Provider,
      payment_no: fields.data['order_no'] ?? '',
      url: `${publicUrl}${endpointPath(callbackNames[provider as Provider])}`,
      message: () => simulator.flatMessage(fields.data),
      acknowledged: () => true,
      retryAfterSeconds: [],
      times: 1,
      concurrency: 1,
    });
    return json(200, { status: delivery?.status ?? null, body: delivery?.answer ?? '' });
  }

  function setFault(call: Call): Answer {
    if (!wecom) return absent('wecom');
    const parsed = faultOption.safeParse(parseJson(call.body));
    if (!parsed.success) return malformed(parsed.error);
    wecom.setFault(parsed.data.fault);
    return json(200, parsed.data);
  }

  return router([
    ['GET', /^\/payments$/, listPayments],
    ['GET', providerPath('payments', '/([^/]+)'), showPayment],
    ['POST', providerPath('payments', '/([^/]+)/(pay|fail|close)'), act],
    ['POST', providerPath('payments', '/([^/]+)/refund'), refund],
    ['POST', providerPath('disputes', '/([^/]+)/(open|withdraw|reinstate|win|lose)'), dispute],
    ['GET', providerPath('accounts'), showAccount],
    ['POST', providerPath('refunds', '/([^/]+)/(succeed|fail|refuse)'), actRefund],
    ['POST', providerPath('refunds'), setRefunds],
    ['GET', /^\/faults$/, () => json(200, { faults: faults.all() })],
    ['POST', /^\/faults$/, setProviderFault],
    ['POST', providerPath('flat'), sendFlat],
    [
      'GET',
      /^\/wecom\/messages$/,
      () => (wecom ? json(200, { messages: wecom.messages() }) : absent('wecom')),
    ],
    ['GET', /^\/wecom\/fault$/, () => (wecom ? json(200, { fault: wecom.fault() }) : absent('wecom'))],
    ['POST', /^\/wecom\/fault$/, setFault],
    ['GET', /^\/tokens$/, () => (tokens ? json(200, tokens) : absent('auth'))],
  ]);
}

const providerPath = (name: string, rest = ''): RegExp =>
  new RegExp(`^/${name}/(${providerNames.join('|')})${rest}$`);

export const absent = (name: string): Answer =>
  json(503, { error: `the ${name} document is your own: nothing is simulated for it` });

function malformed({ issues: [issue] }: z.core.$ZodError): Answer {
  if (issue?.code === 'unrecognized_keys') return json(400, { error: `${issue.keys.join(', ')}: unknown` });
  return json(400, { error: `${issue?.path.join('.') || 'the body'}: not valid` });
}

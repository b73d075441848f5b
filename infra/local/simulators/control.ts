import * as z from 'zod/mini';
import type { Provider } from '../../../lib/orders/order.ts';
import { endpointPath } from '../../endpoints.ts';
import type { Tokens } from '../tokens.ts';
import type { Courier } from './delivery.ts';
import { type Answer, type Call, type Handler, json, parseJson, router } from './http.ts';
import type { Payment, PaymentState } from './payments.ts';
import type { ProviderSimulator } from './provider-simulator.ts';
import type { Wecom } from './wecom.ts';

interface Controlled {
  readonly providers: Readonly<Record<Provider, ProviderSimulator | null>>;
  readonly wecom: Wecom | null;
  readonly tokens: Tokens | null;
  readonly publicUrl: string;
  readonly courier: Courier;
  readonly now: () => number;
}

const copies = z.int().check(z.minimum(1), z.maximum(10_000));

/** How a payment's message is sent. The amount is in smallest units; copies go one after another by default. */
const options = z.strictObject({
  times: z._default(copies, 1),
  concurrency: z._default(copies, 1),
  alter: z._default(z.strictObject({ amount: z.optional(z.int().check(z.nonnegative())) }), {}),
  forge: z.optional(z.enum(['signature', 'probe'])),
  deliver: z._default(z.boolean(), true),
});

const flatFields = z.record(z.string(), z.string());
const faultOption = z.strictObject({ fault: z.nullable(z.enum(['http', 'errcode'])) });

const STATE_AFTER: Readonly<Record<string, PaymentState>> = { pay: 'paid', fail: 'failed', close: 'closed' };

/** What can still become of a payment; what it already is can be told again. */
const POSSIBLE: Readonly<Record<PaymentState, readonly PaymentState[]>> = {
  open: ['paid', 'failed', 'closed'],
  failed: ['paid', 'failed', 'closed'],
  paid: ['paid'],
  closed: ['closed'],
};

/** What a test, the demo or a page does at the simulators; JSON. */
export function createControl({ providers, wecom, tokens, publicUrl, courier, now }: Controlled): Handler {
  const simulatorOf = (provider: string) => providers[provider as Provider];

  function listPayments(): Answer {
    const payments = Object.values(providers).flatMap((simulator) => simulator?.payments.list() ?? []);
    return json(200, { payments });
  }

  async function act(call: Call, provider = '', order_no = '', action = ''): Promise<Answer> {
    const simulator = simulatorOf(provider);
    if (!simulator) return absent(provider);
    const parsed = options.safeParse(call.body.length === 0 ? {} : parseJson(call.body));
    if (!parsed.success) return malformed(parsed.error);
    const { forge, alter, deliver, times, concurrency } = parsed.data;

    const before = simulator.payments.find(order_no);
    if (!before) return json(404, { error: `${provider} knows no payment of order ${order_no}` });
    const state = STATE_AFTER[action] ?? before.state;
    if (!forge && !POSSIBLE[before.state].includes(state)) {
      return json(409, { error: `the payment is ${before.state}` });
    }
    const claimed = come(simulator, before, state);
    const payment = forge || before.state === state ? before : simulator.payments.put(claimed);
    const deliveries = await courier.deliver({
      provider: payment.provider,
      order_no,
      url: payment.notify_url,
      message: () =>
        deliver ? simulator.message({ ...claimed, amount: alter.amount ?? claimed.amount }, forge) : null,
      acknowledged: simulator.acknowledged,
      retryAfterSeconds: forge ? [] : simulator.retryAfterSeconds,
      times,
      concurrency,
    });
    return json(200, {
      payment,
      deliveries: deliveries.map(({ status, answer }) => ({ status, body: answer })),
    });
  }

  /** The payment in a new state; a paid one has a transaction. */
  function come(simulator: ProviderSimulator, payment: Payment, state: PaymentState): Payment {
    if (state !== 'paid' || payment.state === 'paid') return { ...payment, state };
    const paid_at = new Date(now()).toISOString();
    return {
      ...payment,
      state,
      transaction_id: payment.transaction_id ?? simulator.newTransactionId(),
      paid_at,
    };
  }

  async function sendFlat(call: Call, provider = ''): Promise<Answer> {
    const simulator = simulatorOf(provider);
    if (!simulator) return absent(provider);
    const fields = flatFields.safeParse(parseJson(call.body));
    if (!fields.success) return malformed(fields.error);
    const [delivery] = await courier.deliver({
      provider: provider as Provider,
      order_no: fields.data['order_no'] ?? '',
      url: `${publicUrl}${endpointPath(`${provider}-callback`)}`,
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
    ['POST', /^\/payments\/(wechat|alipay|stripe)\/([^/]+)\/(pay|fail|close)$/, act],
    ['POST', /^\/flat\/(wechat|alipay|stripe)$/, sendFlat],
    [
      'GET',
      /^\/wecom\/messages$/,
      () => (wecom ? json(200, { messages: wecom.messages() }) : absent('wecom')),
    ],
    ['POST', /^\/wecom\/fault$/, setFault],
    ['GET', /^\/tokens$/, () => (tokens ? json(200, tokens) : absent('auth'))],
  ]);
}

export const absent = (name: string): Answer =>
  json(503, { error: `the ${name} document is your own: nothing is simulated for it` });

function malformed({ issues: [issue] }: z.core.$ZodError): Answer {
  if (issue?.code === 'unrecognized_keys') return json(400, { error: `${issue.keys.join(', ')}: unknown` });
  return json(400, { error: `${issue?.path.join('.') || 'the body'}: not valid` });
}

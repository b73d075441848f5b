import type { Provider } from '../../../lib/orders/kinds.ts';
import { leadsTo } from '../simulators/payer/refresh.ts';
import type { InboxAnswer, KnownState, ReceivedWebhook } from '../simulators/received-webhook.ts';
import type { Tokens } from '../tokens.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly code: unknown;
  /** `msg` or `message`, whichever envelope it is. */
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What a callback was answered. */
export interface CallbackAnswer {
  readonly status: number | null;
  readonly body: string;
}

export interface SimulatedMerchant {
  readonly provider: Provider;
  readonly merchant: string;
  /** What is registered for it at the provider. */
  readonly callback_url: string;
}

export interface KnownShipment {
  readonly times: number;
  readonly parcels: readonly { readonly tracking_no?: string; readonly item_desc?: string }[];
}

interface Request {
  readonly token?: string;
  readonly body?: object;
  readonly idempotencyKey?: string;
}

export type Client = ReturnType<typeof createClient>;

/** Speaks to the API as its users do, and to the simulators as a payer does. */
export function createClient(url: string, consoleUrl: string) {
  async function api(
    method: string,
    path: string,
    { token, body, idempotencyKey }: Request = {},
  ): Promise<ApiAnswer> {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { code, msg, message = msg, data } = (await response.json()) as Record<string, unknown>;
    return {
      status: response.status,
      code,
      message: String(message),
      data: (data ?? {}) as ApiAnswer['data'],
    };
  }

  async function simulator(path: string, body?: object): Promise<unknown> {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(`${consoleUrl}/simulator${path}`, init);
    if (!response.ok) throw new Error(`the simulator answered ${response.status}: ${await response.text()}`);
    return response.json();
  }

  return {
    api,
    tokens: () => simulator('/tokens') as Promise<Tokens>,
    /** Pays at the provider; the answers are those to its callbacks. */
    async pay(
      provider: Provider,
      payment_no: string,
      options: object = {},
    ): Promise<readonly CallbackAnswer[]> {
      const outcome = await simulator(`/payments/${provider}/${payment_no}/pay`, options);
      return (outcome as { deliveries: CallbackAnswer[] }).deliveries;
    },
    /** By the merchant that has the payment, unless another is named. */
    sendFlat: (provider: Provider, fields: Readonly<Record<string, string>>, merchant?: string) =>
      simulator(
        `/flat/${provider}${merchant === undefined ? '' : `?merchant=${merchant}`}`,
        fields,
      ) as Promise<CallbackAnswer>,
    async merchants(): Promise<readonly SimulatedMerchant[]> {
      return ((await simulator('/merchants')) as { merchants: SimulatedMerchant[] }).merchants;
    },
    async merchantOf(provider: Provider, payment_no: string): Promise<string> {
      const { payment } = (await simulator(`/payments/${provider}/${payment_no}`)) as {
        payment: { merchant: string };
      };
      return payment.merchant;
    },
    async openPage(pageUrl: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
      return (await fetch(pageUrl, { headers })).status;
    },
    /** Where a page leads its payer; null while it shows itself. */
    async pageLeadsTo(pageUrl: string, headers: Readonly<Record<string, string>>): Promise<string | null> {
      return leadsTo(await fetch(pageUrl, { headers }));
    },
    /** What WeChat knows of how an order was sent. */
    async shipment(payment_no: string): Promise<KnownShipment | null> {
      const { shipment } = (await simulator(`/weixin/shipments/${payment_no}`)) as {
        shipment: KnownShipment | null;
      };
      return shipment;
    },
    /** Runs the sweep, besides its schedule. */
    async sweep(): Promise<void> {
      const { ok, status } = await fetch(`${consoleUrl}/console/schedules/sweep`, {
        method: 'POST',
        // As the console's page says who asks, which no other site's page can.
        headers: { 'x-settle-role': 'admin' },
      });
      if (!ok) throw new Error(`the console answered ${status}`);
    },
    setWeixin: (options: object) => simulator('/weixin', options),
    /** What the inbox answers from now on. */
    async setInbox(receiver: string, answer: InboxAnswer): Promise<string> {
      return ((await simulator('/inbox', { receiver, answer })) as { answer: string }).answer;
    },
    /** What has come to the inboxes about an order: its type, whether it is verified, and what it was answered. */
    async webhooks(order_no: string): Promise<readonly string[]> {
      const { received } = (await simulator(`/inbox/received?order_no=${order_no}`)) as {
        received: ReceivedWebhook[];
      };
      return received.map(
        ({ event, refusal, status }) => `${event?.type} ${refusal ?? 'verified'} ${status ?? 'unanswered'}`,
      );
    },
    /** The states of what a shop knows of an order. */
    async known(order_no: string): Promise<string> {
      const { known } = (await simulator(`/inbox/known?order_no=${order_no}`)) as { known: KnownState[] };
      return known.map(({ state }) => state).join(', ');
    },
    async wecomText(): Promise<string> {
      const { messages } = (await simulator('/wecom/messages')) as { messages: { content: string }[] };
      return messages.map(({ content }) => content).join('\n');
    },
  };
}

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Counterparts, generateDocuments } from '../../../../infra/local/documents.ts';
import { holdPort } from '../../../../infra/local/http.ts';
import { startSimulators } from '../../../../infra/local/simulators/server.ts';
import { rsaKeysInPem } from '../../../support/rsa-keys.ts';

export interface ReceivedMessage {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type GeneratedCounterparts = { readonly [Name in keyof Counterparts]: NonNullable<Counterparts[Name]> };

export interface Outcome {
  readonly payment: { readonly state: string; readonly transaction_id: string | null };
  readonly deliveries: readonly { readonly status: number | null; readonly body: string }[];
}

/**
 * Running simulators, and a merchant that takes their messages and answers as it is told. `change` gives the
 * simulators other keys than the documents name.
 */
export async function startBench(change: (counterparts: Counterparts) => Counterparts = (same) => same) {
  const received: ReceivedMessage[] = [];
  const answers: { status: number; body: string }[] = [];
  const merchant = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const headers = request.headers as Record<string, string>;
    received.push({ path: request.url ?? '', headers, body: Buffer.concat(chunks).toString() });
    const { status, body } = answers.shift() ?? { status: 200, body: 'success' };
    response.writeHead(status).end(body);
  }).listen(0, '127.0.0.1');
  await once(merchant, 'listening');
  const publicUrl = `http://127.0.0.1:${(merchant.address() as AddressInfo).port}`;

  const server = await holdPort();
  const { counterparts: generated } = await generateDocuments({
    consoleUrl: server.url,
    rsaKeys: rsaKeysInPem,
  });
  const counterparts = change(generated);
  const clock = { ahead_ms: 0 };
  const simulators = await startSimulators({
    server,
    counterparts,
    publicUrl,
    tokens: { admin: 'admin-token', viewer: 'viewer-token', user: 'user-token' },
    wecomMessagesPerMinute: 3,
    log: console.error,
    io: { now: () => Date.now() + clock.ahead_ms, fetch },
  });
  const control = async (path: string, body?: unknown) => {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(`${simulators.url}/simulator${path}`, init);
    return { status: response.status, body: await response.json() };
  };
  return {
    url: simulators.url,
    publicUrl,
    counterparts: counterparts as GeneratedCounterparts,
    recorder: simulators.recorder,
    clock,
    received,
    /** What the merchant answers next; when there is nothing, it answers 200 and `success`. */
    answers,
    control,
    /** A Checkout Session is the payment that is made with the least. */
    async createPayment(): Promise<string> {
      const order_no = uniqueOrderNumber();
      const form = new URLSearchParams({
        mode: 'payment',
        client_reference_id: order_no,
        success_url: 'https://shop.example/paid',
        'line_items[0][quantity]': '1',
        'line_items[0][price_data][currency]': 'usd',
        'line_items[0][price_data][unit_amount]': '1999',
        'line_items[0][price_data][product_data][name]': 'shoe',
      });
      const { base_url, secret_key } = (counterparts as GeneratedCounterparts).stripe;
      const headers = { authorization: `Bearer ${secret_key}` };
      const { status } = await fetch(`${base_url}/v1/checkout/sessions`, {
        method: 'POST',
        headers,
        body: form,
      });
      if (status !== 200) throw new Error(`the session was answered with ${status}`);
      return order_no;
    },
    act: async (path: string, options: object = {}): Promise<Outcome> =>
      (await control(`/payments/${path}`, options)).body as Outcome,
    async stop() {
      await simulators.stop();
      merchant.closeAllConnections();
      merchant.close();
    },
  };
}

export type Bench = Awaited<ReturnType<typeof startBench>>;

export const uniqueOrderNumber = (): string => `mall-${randomBytes(6).toString('hex')}`;

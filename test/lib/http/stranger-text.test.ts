import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { createCallback } from '../../../lib/http/callback.ts';
import {
  type ChooseForm,
  callbackForms,
  wechatNotifyAcknowledgement,
} from '../../../lib/http/callback-form.ts';
import { systemIo } from '../../../lib/io.ts';
import { allProviders } from '../../../lib/providers/all.ts';
import { captureLines } from '../../support/log-lines.ts';
import { createParties } from '../../support/parties.ts';
import { createMemoryStore } from '../orders/memory-store.ts';

/** What nobody but a stranger writes, and 100 KB of it. */
const WORD = 'STRANGERSTEXT';
const LONG = WORD.repeat(8_000);

const { documents, wechat, alipay, stripe } = createParties();
const notify: ChooseForm = () => ({ receiver: 'native', acknowledgement: wechatNotifyAcknowledgement });
const callbacks = [
  ...allProviders.map(({ name, receive }) => ({ name, receive, chooseForm: callbackForms[name] })),
  ...allProviders.flatMap(({ name, receive }) =>
    name === 'wechat' ? [{ name, receive, chooseForm: notify }] : [],
  ),
];

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const signedHeaders = {
  ...wechat.signNotification(wechat.transaction('mall-1', 1)).headers,
  ...stripe.signEvent(stripe.paidEvent('mall-1', 1)).headers,
};

/** Messages of somebody who has no key, with the text in every place that there is. */
function messagesOf(text: string) {
  const json = JSON.stringify(text);
  const bodies = [
    text,
    json,
    `{${json}:"1"}`,
    `{${json}:"1",${json}:"1"}`,
    `{"order_no":${json},"status":${json},"amount":${json},"currency":${json},"txn_id":${json},"sig":${json}}`,
    `{"sig":"${'0'.repeat(64)}","order_no":${json},"order_no":${json}}`,
    `{"order_no":${json}`,
    `{"object":"event","type":${json},"account":${json},"data":{"object":{"id":${json},"metadata":{${json}:${json}}}}}`,
    `{"id":${json},"event_type":${json},"resource":{"algorithm":${json},"ciphertext":${json},"nonce":${json}}}`,
    `{"__proto__":${json}}`,
    `${text}=1&${text}=1`,
    `a=${text}&${text}`,
    `${text}&a`,
    `sign=${text}&sign_type=${text}&charset=${text}&${text}=${text}`,
    `sign=${text}&sign_type=RSA2&trade_status=${text}`,
    `\n    at ${text}`,
  ];
  const headers = [
    {},
    form,
    signedHeaders,
    Object.fromEntries(Object.keys(signedHeaders).map((name) => [name, text])),
    ...Object.keys(signedHeaders).map((name) => ({ ...signedHeaders, [name]: text })),
    { 'content-type': text, [text]: text, 'wechatpay-other': text },
  ];
  return headers.flatMap((each) => bodies.map((body) => ({ headers: each, body })));
}

describe("a stranger's text", () => {
  it.each([
    ['short', WORD],
    ['long', LONG],
  ])(
    'is in no line of the log, whatever place of a callback it comes in, and fails nothing: %s',
    async (_, text) => {
      let sent = 0;
      for (const { name, receive, chooseForm } of callbacks) {
        const log = captureLines();
        const fetched: string[] = [];
        const io = {
          ...systemIo,
          fetch: async () => {
            fetched.push(name);
            return new Response('{}', { status: 404 });
          },
        };
        const receivers = receive({ io, publicUrl: 'https://pay.example', orderPrefix: '', tenant_id: null })(
          documents[name],
        );
        const handler = createCallback(
          { telemetry: log.telemetry, io },
          {
            provider: name,
            findReceiver: async () => async (form, message) => receivers[form](message),
            chooseForm,
            openStore: () => createMemoryStore(),
          },
        );
        for (const message of messagesOf(text)) {
          sent += 1;
          const { statusCode } = await handler(
            message as unknown as APIGatewayProxyEventV2,
            {
              awsRequestId: 'r1',
            } as Context,
          );
          const line = log.written.at(-1) ?? '';
          const { outcome, status } = JSON.parse(line);
          expect([400, 401, 413, 500]).toContain(statusCode);
          expect(['refused', 'malformed']).toContain(outcome);
          expect(status).toBe(statusCode);
          expect(line.length).toBeLessThan(1_000);
          expect(line.toUpperCase()).not.toContain(WORD);
        }
        expect(log.written).toHaveLength(messagesOf(text).length);
        // The keys of an unknown serial are looked for once.
        expect(fetched.length).toBeLessThanOrEqual(1);
      }
      expect(sent).toBeGreaterThan(500);
    },
  );

  it('of a form that repeats a name of 100 KB is not in what is told either', async () => {
    const log = captureLines();
    const { receive } = callbacks.find(({ name }) => name === 'alipay') ?? {};
    if (!receive) throw new Error('there is no Alipay');
    const parts = { io: systemIo, publicUrl: 'https://pay.example', orderPrefix: '', tenant_id: null };
    const handler = createCallback(
      { telemetry: log.telemetry, io: systemIo },
      {
        provider: 'alipay',
        findReceiver: async () => async (form, message) => receive(parts)(alipay.document)[form](message),
        chooseForm: callbackForms.alipay,
        openStore: () => createMemoryStore(),
      },
    );
    const event = { headers: form, body: `${LONG}=1&${LONG}=2` } as unknown as APIGatewayProxyEventV2;
    expect(await handler(event, { awsRequestId: 'r1' } as Context)).toMatchObject({
      statusCode: 400,
      body: 'failure',
    });
    expect(log.lines()).toMatchObject([{ outcome: 'malformed', reason: '有参数重复出现' }]);
  });
});

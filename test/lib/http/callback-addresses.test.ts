import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { createCallback } from '../../../lib/http/callback.ts';
import {
  type ChooseForm,
  callbackForms,
  wechatNotifyAcknowledgement,
} from '../../../lib/http/callback-form.ts';
import { systemIo } from '../../../lib/io.ts';
import { createReceivers, type FindReceiver } from '../../../lib/merchants/receivers.ts';
import { type Provider, providers } from '../../../lib/orders/kinds.ts';
import { allProviders } from '../../../lib/providers/all.ts';
import type { ReceivedEvent } from '../../../lib/providers/message.ts';
import { captureLines } from '../../support/log-lines.ts';
import { createDocumentStage, type DocumentStage } from '../../support/merchant-documents.ts';
import { NOW, paymentOf, shopOrder, successOf, tenantOrder } from '../../support/orders.ts';
import { createParties } from '../../support/parties.ts';
import { createMemoryStore } from '../orders/memory-store.ts';

const { documents, merchants } = createParties();
const message = '没有这个收款商户';
const notify: ChooseForm = () => ({ receiver: 'native', acknowledgement: wechatNotifyAcknowledgement });

const envelope = `${JSON.stringify({ code: 404, msg: message, data: null })}\n`;
const fail = `${JSON.stringify({ code: 'FAIL', message })}\n`;

/** Each form that a callback comes in, and how it is told that nobody is paid there. */
const forms = [
  ['alipay', 'flat', callbackForms.alipay, {}, 404, envelope],
  [
    ...(['alipay', 'native', callbackForms.alipay] as const),
    { 'content-type': 'application/x-www-form-urlencoded' },
    404,
    'failure',
  ],
  ['wechat', 'flat', callbackForms.wechat, {}, 404, envelope],
  ['wechat', 'native', callbackForms.wechat, { 'wechatpay-signature': 's' }, 404, fail],
  ['stripe', 'flat or native', callbackForms.stripe, { 'stripe-signature': 's' }, 404, envelope],
  ['wechat', 'to /v2/payments/notify', notify, { 'wechatpay-signature': 's' }, 500, fail],
] as const satisfies readonly (readonly [Provider, string, ChooseForm, object, number, string])[];

/** Nobody is paid at the stage's addresses, and tenant 7 only at its own. */
const nobody = (): DocumentStage =>
  createDocumentStage({}, [
    { tenant_id: 7, paid_to: 'own', merchants: {} },
    { tenant_id: 8, paid_to: 'stage', merchants: {} },
  ]);

function findIn(stage: DocumentStage, provider: Provider): FindReceiver {
  const face = allProviders.find(({ name }) => name === provider);
  if (!face) throw new Error(`${provider} has no face`);
  return createReceivers(stage.parts(), provider, face.receive);
}

async function call(
  provider: Provider,
  chooseForm: ChooseForm,
  findReceiver: FindReceiver,
  request: { readonly headers?: object; readonly tenant?: string; readonly body?: string },
  store = createMemoryStore(),
) {
  const log = captureLines();
  const handle = createCallback(
    { telemetry: log.telemetry, io: { ...systemIo, now: () => NOW } },
    { provider, findReceiver, chooseForm, openStore: () => store },
  );
  const { headers = {}, tenant, body = '{}' } = request;
  const event = { headers, body, ...(tenant !== undefined && { pathParameters: { tenant_id: tenant } }) };
  const reply = await handle(
    event as Partial<APIGatewayProxyEventV2> as APIGatewayProxyEventV2,
    { awsRequestId: 'r1' } as Context,
  );
  return { reply, lines: log.lines(), metrics: log.metrics() };
}

describe.each(forms)(
  'where nobody is paid at %s, a message (%s)',
  (provider, _form, choose, headers, status, body) => {
    it.each<[string, string | undefined]>([
      ['the stage, which does not offer it', undefined],
      ['a tenant that has no merchant there', '7'],
      ['a tenant that is paid to the stage', '8'],
      ['a tenant that nobody registered', '9'],
      ['what is no number', 'seven'],
    ])('to %s is told so, and to send again, without an alarm', async (_, tenant) => {
      const find = findIn(nobody(), provider);
      const { reply, lines, metrics } = await call(provider, choose, find, {
        headers,
        ...(tenant !== undefined && { tenant }),
      });
      expect(reply).toMatchObject({ statusCode: status, body });
      expect(lines).toMatchObject([
        { level: 'WARN', message: 'callback', provider, outcome: 'no_merchant', status },
      ]);
      // A failure of ours is counted as an answer with 500 less these.
      expect(metrics).toEqual(status === 500 ? ['MalformedAnswered500: 1'] : []);
    });
  },
);

describe("a tenant's number in the path", () => {
  it.each(['7', '1', '1000000', '999999999999999', String(Number.MAX_SAFE_INTEGER)])(
    'is whose address it is: %s',
    async (tenant) => {
      const asked: unknown[] = [];
      const find: FindReceiver = async (tenant_id) => {
        asked.push(tenant_id);
        return null;
      };
      await call('wechat', callbackForms.wechat, find, { tenant });
      expect(asked).toEqual([Number(tenant)]);
    },
  );

  it.each([
    ...[
      '',
      '0',
      '00',
      '07',
      '-7',
      '+7',
      '7.0',
      '1e3',
      '0x7',
      '７',
      ' 7',
      '7 ',
      '7\n',
      '7/8',
      '7%2F8',
      '../7',
    ],
    ...[
      '12345678901234567',
      '9007199254740992',
      '9'.repeat(10_000),
      'null',
      'undefined',
      '__proto__',
      'stage',
    ],
  ])('is none with junk, which nobody looks up: %j', async (tenant) => {
    const find: FindReceiver = () => {
      throw new Error('it was looked up');
    };
    for (const provider of providers) {
      const { reply, lines } = await call(provider, callbackForms[provider], find, { tenant });
      expect(reply.statusCode).toBe(404);
      expect(lines).toMatchObject([{ outcome: 'no_merchant' }]);
      expect(lines[0]).not.toHaveProperty('tenant');
      expect(JSON.stringify(lines).length).toBeLessThan(300);
    }
  });
});

describe("at a tenant's address", () => {
  const order = shopOrder();
  const success = { ...successOf(paymentOf(order)), merchant: 'own' };
  const told = async (event: ReceivedEvent, tenant?: string) => {
    const store = createMemoryStore({ order, payments: [paymentOf(order)] });
    const find: FindReceiver = async () => async () => event;
    const request = tenant === undefined ? {} : { tenant };
    const { reply } = await call('wechat', callbackForms.wechat, find, request, store);
    const stored = await store.read(order.order_no);
    return { reply, kinds: stored?.exceptions.map(({ kind }) => kind) };
  };

  it("whoever signs for the tenant's merchant is not told which orders of a shop have a payment", async () => {
    const held = await told(success, '7');
    const absent = await told({ ...success, payment_no: 'mall-404' }, '7');
    expect(held.reply).toEqual(absent.reply);
    expect(held.reply.headers).toMatchObject({ 'settle-error': 'order_not_found' });
    expect(held.kinds).toEqual(['mismatch']);
    expect((await told(success)).reply).toMatchObject({
      statusCode: 400,
      headers: { 'settle-error': 'payment_mismatch' },
    });
  });

  it('nor which of them has a payment that is not settled', async () => {
    const { payment_no, provider, merchant } = paymentOf(order);
    const about = { payment_no, provider, merchant, refund_no: null, refund_id: '5030', amount: 1 } as const;
    const refund = { type: 'refund_succeeded', ...about } as const;
    const absent = await told({ ...refund, payment_no: 'mall-404' }, '7');
    expect((await told(refund, '7')).reply).toEqual(absent.reply);
    expect((await told(refund)).reply).toMatchObject({
      statusCode: 409,
      headers: { 'settle-error': 'payment_not_settled' },
    });
  });

  it('the tenant is told what does not agree with an order of its own', async () => {
    const own = tenantOrder();
    const store = createMemoryStore({ order: own, payments: [paymentOf(own)] });
    const event = { ...successOf(paymentOf(own)), merchant: 'own' };
    const { reply } = await call(
      'wechat',
      callbackForms.wechat,
      async () => async () => event,
      { tenant: '7' },
      store,
    );
    expect(reply.headers).toMatchObject({ 'settle-error': 'payment_mismatch' });
  });
});

describe('a provider', () => {
  it.each(providers)(
    'that is dropped, or added, is told of within the minutes that documents take: %s',
    async (provider) => {
      const stage = createDocumentStage({ [provider]: documents[provider] });
      const find = findIn(stage, provider);
      const status = async () => (await call(provider, callbackForms[provider], find, {})).reply.statusCode;
      // There is no signature.
      expect([400, 401]).toContain(await status());
      stage.remove(provider);
      stage.clock.now += 5 * 60_000;
      expect(await status()).toBe(404);
      stage.put(provider, documents[provider]);
      stage.clock.now += 60_000;
      expect([400, 401]).toContain(await status());
    },
  );
});

describe('strangers who try tenants’ addresses', () => {
  it.each(providers)('cost no look at a document, and one at the register a minute: %s', async (provider) => {
    const stage = createDocumentStage({ ...documents, 'tenants/7': {} }, [
      { tenant_id: 7, paid_to: 'own', merchants: { [provider]: [merchants[provider]] } },
    ]);
    const find = findIn(stage, provider);
    for (let tenant = 1_000; tenant < 3_000; tenant++) {
      const { reply } = await call(provider, callbackForms[provider], find, { tenant: String(tenant) });
      expect(reply.statusCode).toBe(404);
    }
    expect(stage.reads).toEqual([provider]);
    expect(stage.register.reads).toBe(1);
  });
});

it.each(['register', 'tenants/7'])(
  'while %s cannot be read, a message is not refused: it is to be sent again, and that is an alarm',
  async (name) => {
    const stage = createDocumentStage({ ...documents }, [
      { tenant_id: 7, paid_to: 'own', merchants: { stripe: [merchants.stripe] } },
    ]);
    stage.failing.add(name);
    const find = findIn(stage, 'stripe');
    const { reply, metrics } = await call('stripe', callbackForms.stripe, find, { tenant: '7' });
    expect(reply.statusCode).toBe(500);
    expect(metrics).toEqual(['CallbackFailed: 1']);
  },
);

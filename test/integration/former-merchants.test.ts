import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Registration } from '../../lib/merchants/tenant-register.ts';
import { putTenant } from '../../lib/store/tenant-store.ts';
import { createAlipayParty } from '../support/alipay.ts';
import { forms } from '../support/merchant-messages.ts';
import { paidPayment, refundOf, tenantOrder } from '../support/orders.ts';
import { beginPayment } from '../support/parties.ts';
import { createProviderSide, type ProviderSide } from '../support/provider-side.ts';
import {
  createStageWorld,
  type StageFunctions,
  type StageWorld,
  startFunctions,
} from '../support/stage-functions.ts';
import { useStore } from '../support/store.ts';
import { createWechatParty, createWechatPlatform } from '../support/wechat.ts';

/**
 * Another merchant takes the place of the stage's or of a tenant's while payments are open, refunds are asked for and a
 * bill is outstanding: what was the first one's is finished as its own, and nothing of it is asked of the other.
 */

const platform = createWechatPlatform();
const first = createWechatParty({ mchid: '1900000001', platform });
const next = createWechatParty({ mchid: '1900000002', platform });
const firstAlipay = createAlipayParty({ app_id: '2021000000000001', seller_id: '2088000000000001' });
const FIRST = first.document.mchid;
const NEXT = next.document.mchid;
const FAR = '2099-01-01T00:00:00.000Z';
const TENANT = 7;
const MINUTE_MS = 60_000;

const store = useStore();
let world: StageWorld;
let side: ProviderSide;
/** A day is reconciled once. */
let days = 0;

const start = () => startFunctions(world, store.context, side.fetch);

/** Whose merchants change: the steps that setup takes, in its order, from the first merchant to the next. */
interface Owner {
  readonly name: string;
  readonly tenant_id: number | null;
  readonly address: string;
  /** The document that names its current merchant. */
  readonly document: string;
  readonly begin: () => Promise<void>;
  readonly steps: { readonly keep: Step; readonly register: Step; readonly replace: Step };
}
type Step = () => Promise<void>;

const register = (merchants: Registration['merchants']) =>
  putTenant(store.context, { tenant_id: TENANT, paid_to: 'own', merchants });
const nothing = async () => {};

const owners: readonly Owner[] = [
  {
    name: 'the stage',
    tenant_id: null,
    address: '/api/pay/callback/wechat',
    document: 'wechat',
    begin: async () => void world.documents.set('wechat', first.document),
    steps: {
      keep: async () => void world.documents.set(`merchants/wechat/${FIRST}`, first.document),
      register: nothing,
      replace: async () => void world.documents.set('wechat', { ...next.document, former: [FIRST] }),
    },
  },
  {
    name: 'a tenant',
    tenant_id: TENANT,
    address: `/api/pay/callback/wechat/${TENANT}`,
    document: `tenants/${TENANT}`,
    begin: async () => {
      world.documents.set(`tenants/${TENANT}`, { paid_to: 'own', wechat: first.document });
      await register({ wechat: [FIRST] });
    },
    steps: {
      keep: async () =>
        void world.documents.set(`merchants/wechat/${FIRST}`, { ...first.document, tenant_id: TENANT }),
      register: () => register({ wechat: [NEXT, FIRST] }),
      replace: async () =>
        void world.documents.set(`tenants/${TENANT}`, { paid_to: 'own', wechat: next.document }),
    },
  },
];

const swap = async ({ steps }: Owner): Promise<void> => {
  for (const step of [steps.keep, steps.register, steps.replace]) await step();
};

beforeEach(async () => {
  // Named by the stack; nothing is sent to it here.
  vi.stubEnv('QUEUE_URL', 'http://127.0.0.1:9/queue');
  world = createStageWorld({ alipay: firstAlipay.document });
  side = createProviderSide(
    { wechat: [first, next], alipay: [firstAlipay] },
    () => Date.now() + world.ahead_ms,
  );
});

/** A payment to a merchant that is due to be asked about, and that it was paid at its merchant's. */
async function duePayment(merchant: string, state: 'open' | 'paid' = 'paid') {
  const order = tenantOrder({ tenant_id: TENANT, currency: 'CNY', expires_at: FAR });
  const { payment } = beginPayment(order, { provider: 'wechat', merchant, appid: first.document.appid });
  await store.put(
    { put: 'order', record: order },
    { put: 'payment', record: payment, owes: { kind: 'check', due: 0 } },
  );
  side.open(merchant, payment.payment_no, payment.amount, state);
  return payment;
}

/** A refund of 400 that was asked for of a merchant's paid payment, and is due to be asked about. */
async function dueRefund(merchant: string) {
  const order = tenantOrder({ tenant_id: TENANT, currency: 'CNY', expires_at: FAR });
  const { payment: begun } = beginPayment(order, {
    provider: 'wechat',
    merchant,
    appid: first.document.appid,
  });
  const transaction_id = `42000000${begun.payment_no}`;
  const payment = paidPayment(order, { ...begun, transaction_id, reserved: 400 });
  const refund = refundOf(payment, { amount: 400 });
  await store.put(
    { put: 'order', record: { ...order, status: 'refunding', paid_by: 1, refunds: 1 } },
    { put: 'payment', record: payment },
    { put: 'refund', record: refund, owes: { kind: 'check', due: 0 } },
  );
  side.open(merchant, payment.payment_no, payment.amount, 'paid');
  side.tradeOf(merchant, payment.payment_no)?.refunds.add(refund.refund_no);
  return refund;
}

const sweep = (functions: StageFunctions) => functions.invoke('sweep', {});

/** Everything that an order's items owe is due at once, as time would have it. */
async function makeDue(order_no: string): Promise<void> {
  const { client, tableName } = store.context;
  for (const { pk, sk, work } of await store.items(order_no)) {
    if (work === undefined) continue;
    await client.send(
      new UpdateCommand({
        TableName: tableName,
        Key: { pk, sk },
        UpdateExpression: 'SET work_due = :past',
        ExpressionAttributeValues: { ':past': '1970-01-01T00:00:00.000Z' },
      }),
    );
  }
}

const item = async (order_no: string, prefix: string) =>
  (await store.items(order_no)).find(({ sk }) => String(sk).startsWith(prefix));
const exceptionsOf = async (order_no: string) =>
  (await store.items(order_no)).filter(({ sk }) => String(sk).startsWith('EXCEPTION#'));
/** Who was asked about this number, or a part of it. */
const askedAbout = (number: string) => [
  ...new Set(side.asked.filter(({ what }) => what.includes(number)).map(({ merchant }) => merchant)),
];

const success = forms.wechat.find(({ name }) => name === 'success');
const paidMessage = (party: typeof first, payment: Parameters<NonNullable<typeof success>['make']>[2]) => {
  const message = success?.make(party, party, payment);
  if (!message) throw new Error('there is no such form');
  return message;
};
/** Signed by the stage's clock. */
const paidNow = (party: typeof first, { payment_no, amount }: { payment_no: string; amount: number }) =>
  party.signNotification(party.transaction(payment_no, amount), { at: Date.now() + world.ahead_ms });

/** How old what an execution environment has read may be. */
const ages = [
  ['has just started', null],
  ['has read all two seconds ago', 2 / 60],
  ['has read all half a minute ago', 0.5],
  ['has read all four minutes ago', 4],
  ['has read all six minutes ago', 6],
] as const;

const cases = owners.flatMap((owner) => ages.map(([age, minutes]) => ({ owner, age, minutes })));

/** Functions that have read documents and register of the first merchant, so many minutes before what follows. */
async function functionsOf({ owner, minutes }: (typeof cases)[number]): Promise<StageFunctions> {
  await owner.begin();
  const functions = start();
  if (minutes === null) return functions;
  await duePayment(FIRST);
  await sweep(functions);
  await functions.deliver(owner.address, paidMessage(first, await duePayment(FIRST)));
  world.ahead_ms = minutes * MINUTE_MS;
  side.asked.length = 0;
  return functions;
}

describe.each(cases)(
  'after another merchant took the place of $owner.name, a function that $age',
  (given) => {
    const { owner, minutes } = given;

    it('finishes what is open through the one of before', async () => {
      const functions = await functionsOf(given);
      const [told, asked, refund] = [
        await duePayment(FIRST),
        await duePayment(FIRST),
        await dueRefund(FIRST),
      ];
      await swap(owner);
      expect((await functions.deliver(owner.address, paidNow(first, told))).status).toBe(200);
      await sweep(functions);
      expect(await item(told.order_no, 'PAYMENT#')).toMatchObject({ state: 'paid', merchant: FIRST });
      expect(await item(asked.order_no, 'PAYMENT#')).toMatchObject({ state: 'paid', merchant: FIRST });
      expect(await item(refund.order_no, 'REFUND#')).toMatchObject({ status: 'succeeded' });
      expect(askedAbout(asked.payment_no)).toEqual([FIRST]);
      expect(askedAbout(refund.refund_no)).toEqual([FIRST]);
      const reply = await functions.call(
        'POST',
        '/api/pay/refund',
        { order_no: told.order_no, amount: 4, reason: '退货' },
        { headers: { 'idempotency-key': told.order_no } },
      );
      expect(reply.status).toBe(202);
      days += 1;
      const date = new Date(Date.UTC(2026, 8, days)).toISOString().slice(0, 10);
      const day = { provider: 'wechat', merchant: FIRST, day: date };
      await functions.invoke('reconcile', { Records: [{ messageId: '1', body: JSON.stringify(day) }] });
      expect(side.asked.slice(-2)).toEqual([
        { merchant: FIRST, what: 'POST /v3/refund/domestic/refunds' },
        { merchant: FIRST, what: 'GET /v3/bill/tradebill' },
      ]);
      for (const { order_no } of [told, asked, refund]) expect(await exceptionsOf(order_no)).toEqual([]);
    });

    it('finishes what is the next one’s, and takes no message of it for a stranger’s', async () => {
      const functions = await functionsOf(given);
      await swap(owner);
      const [told, asked, refund] = [await duePayment(NEXT), await duePayment(NEXT), await dueRefund(NEXT)];
      const early = await functions.deliver(owner.address, paidNow(next, told));
      // What does not know its keys yet is told again.
      if (early.status !== 200) {
        expect([400, 401]).toContain(early.status);
        expect(minutes).not.toBeNull();
        world.ahead_ms = 11 * MINUTE_MS;
        expect((await functions.deliver(owner.address, paidNow(next, told))).status).toBe(200);
      }
      await sweep(functions);
      expect(await item(told.order_no, 'PAYMENT#')).toMatchObject({ state: 'paid', merchant: NEXT });
      expect(await item(asked.order_no, 'PAYMENT#')).toMatchObject({ state: 'paid', merchant: NEXT });
      expect(await item(refund.order_no, 'REFUND#')).toMatchObject({ status: 'succeeded' });
      expect(askedAbout(asked.payment_no)).toEqual([NEXT]);
      expect(askedAbout(refund.refund_no)).toEqual([NEXT]);
      for (const { order_no } of [told, asked, refund]) expect(await exceptionsOf(order_no)).toEqual([]);
    });

    it.each([
      ['secrets', false],
      ['its document', true],
    ])(
      'waits with the next one’s while %s cannot be read, and says of nobody that he is gone',
      async (_, one) => {
        const functions = await functionsOf(given);
        await swap(owner);
        const payment = await duePayment(NEXT);
        world.unreadable.add(one ? owner.document : '*');
        await sweep(functions).catch(() => {});
        expect(await exceptionsOf(payment.order_no)).toEqual([]);
        expect(await item(payment.order_no, 'PAYMENT#')).toMatchObject({
          state: 'open',
          work: expect.any(String),
        });
        expect(askedAbout(payment.payment_no)).toEqual([]);
        world.unreadable.clear();
        world.ahead_ms += 6 * MINUTE_MS;
        await makeDue(payment.order_no);
        await sweep(functions);
        expect(await item(payment.order_no, 'PAYMENT#')).toMatchObject({ state: 'paid' });
        expect(await exceptionsOf(payment.order_no)).toEqual([]);
      },
    );

    it('lets what is of one that is not kept wait for a person, and asks nobody else', async () => {
      const functions = await functionsOf(given);
      const [payment, refund] = [await duePayment(FIRST, 'open'), await dueRefund(FIRST)];
      await owner.steps.register();
      await owner.steps.replace();
      // What was read before it was replaced may be used for five minutes.
      if (minutes !== null) world.ahead_ms += 6 * MINUTE_MS;
      await sweep(functions);
      expect(side.asked).toEqual([]);
      for (const { order_no } of [payment, refund]) {
        expect(await exceptionsOf(order_no)).toMatchObject([{ kind: 'merchant_missing', state: 'open' }]);
      }
      expect(await item(payment.order_no, 'PAYMENT#')).toMatchObject({
        state: 'open',
        work: expect.any(String),
      });
      expect(await item(refund.order_no, 'REFUND#')).toMatchObject({
        status: 'open',
        work: expect.any(String),
      });
      const late = await functions.deliver(owner.address, paidNow(first, payment));
      expect([400, 401]).toContain(late.status);
      // Once it is kept, it is finished.
      await owner.steps.keep();
      world.ahead_ms += 6 * MINUTE_MS;
      for (const { order_no } of [payment, refund]) await makeDue(order_no);
      await sweep(functions);
      expect(askedAbout(payment.payment_no)).toEqual([FIRST]);
      expect(await item(refund.order_no, 'REFUND#')).toMatchObject({ status: 'succeeded' });
    });

    it('knows both at every step of setup, in its order', async () => {
      const functions = await functionsOf(given);
      const { keep, register: list, replace } = owner.steps;
      for (const step of [keep, list, replace]) {
        await step();
        const payment = await duePayment(FIRST);
        await sweep(functions);
        expect(await item(payment.order_no, 'PAYMENT#')).toMatchObject({ state: 'paid' });
        expect(askedAbout(payment.payment_no)).toEqual([FIRST]);
        const told = await duePayment(FIRST);
        expect((await functions.deliver(owner.address, paidNow(first, told))).status).toBe(200);
        for (const { order_no } of [payment, told]) expect(await exceptionsOf(order_no)).toEqual([]);
      }
    });

    it('closes and loses nothing where the document is replaced before all else', async () => {
      const functions = await functionsOf(given);
      const { keep, register: list, replace } = owner.steps;
      const payments = [];
      for (const step of [replace, list, keep]) {
        payments.push(await duePayment(FIRST), await duePayment(NEXT));
        await step();
        world.ahead_ms += MINUTE_MS;
        await sweep(functions).catch(() => {});
        for (const { order_no } of payments) {
          expect(['open', 'paid']).toContain((await item(order_no, 'PAYMENT#'))?.['state']);
        }
      }
      world.ahead_ms += 6 * MINUTE_MS;
      for (const { order_no } of payments) await makeDue(order_no);
      await sweep(functions);
      for (const { order_no, payment_no, merchant } of payments) {
        expect(await item(order_no, 'PAYMENT#')).toMatchObject({ state: 'paid', merchant });
        expect(askedAbout(payment_no)).toEqual([merchant]);
      }
    });
  },
);

it.each(owners)(
  'what is of before is finished while the document in its place is refused: of $name',
  async (owner) => {
    await owner.begin();
    await swap(owner);
    const spoilt = { ...next.document, apiv3_key: 'short' };
    world.documents.set(
      owner.document,
      owner.tenant_id === null ? spoilt : { paid_to: 'own', wechat: spoilt },
    );
    const [before, after] = [await duePayment(FIRST), await duePayment(NEXT)];
    await sweep(start());
    expect(await item(before.order_no, 'PAYMENT#')).toMatchObject({ state: 'paid', merchant: FIRST });
    // Its own may be in the document that cannot be read.
    expect(await item(after.order_no, 'PAYMENT#')).toMatchObject({ state: 'open', work: expect.any(String) });
    for (const { order_no } of [before, after]) expect(await exceptionsOf(order_no)).toEqual([]);
  },
);

it('a merchant that was one tenant’s and is another’s is found as the other’s', async () => {
  const registered = (tenant_id: number, ...wechat: string[]) =>
    putTenant(store.context, { tenant_id, paid_to: 'own', merchants: { wechat } });
  await registered(9, NEXT, FIRST);
  await registered(10, FIRST);
  world.documents.set('tenants/9', { paid_to: 'own', wechat: next.document });
  world.documents.set('tenants/10', { paid_to: 'own', wechat: first.document });
  const payments = [await duePayment(FIRST), await duePayment(NEXT)];
  await sweep(start());
  for (const { order_no, payment_no, merchant } of payments) {
    expect(await item(order_no, 'PAYMENT#')).toMatchObject({ state: 'paid' });
    expect(askedAbout(payment_no)).toEqual([merchant]);
  }
});

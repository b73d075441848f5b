import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDynamodb } from '../../infra/local/dynamodb/engine.ts';
import { tenantKey } from '../../lib/store/keys.ts';
import { schemaAttribute } from '../../lib/store/schema.ts';
import { createTable } from '../support/create-table.ts';
import { startDynamodbMeter, writeUnitsOf } from '../support/dynamodb-meter.ts';
import { itemOf } from '../support/items.ts';
import { type Form, forms } from '../support/merchant-messages.ts';
import { tenantOrder } from '../support/orders.ts';
import { beginPayment } from '../support/parties.ts';
import { createStageWorld, type StageFunctions, startFunctions } from '../support/stage-functions.ts';
import { createStripeParty } from '../support/stripe.ts';

/**
 * 1,000 tenants with a merchant of their own each, and 10,000 that nobody registered: what their callbacks cost, and what
 * strangers can make them cost.
 */

const REGISTERED = 1_000;
const UNREGISTERED = 10_000;
const tableName = 'settle-test';

const parties = Array.from({ length: REGISTERED }, (_, index) =>
  createStripeParty({ account: `acct_1Tenant${String(index + 1).padStart(6, '0')}` }),
);
const stageParty = createStripeParty({ account: 'acct_1StageAccount' });
const partyOf = (tenant_id: number) => parties[tenant_id - 1] ?? stageParty;
const merchantOf = (tenant_id: number) => `${partyOf(tenant_id).document.account}.test`;
const tenants = parties.map((_, index) => index + 1);
const strangers = Array.from({ length: UNREGISTERED }, (_, index) => REGISTERED + 1 + index);
const [paid] = forms.stripe as readonly [Form<'stripe'>];
const pathOf = (tenant_id: number) => `/api/pay/callback/stripe/${tenant_id}`;

let engine: Awaited<ReturnType<typeof startDynamodb>>;
let meter: Awaited<ReturnType<typeof startDynamodbMeter>>;
let client: DynamoDBDocumentClient;

/** A client whose requests are remembered, by their names. */
function recordingClient(endpoint: string) {
  const recording = clientOf(endpoint);
  const requests: string[] = [];
  recording.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        requests.push(commandName);
        return next(args);
      },
    { step: 'initialize' },
  );
  return { client: recording, requests };
}

const CONCURRENT = 100;

/** All of them, so many at once. */
async function forAll<T, R>(list: readonly T[], act: (one: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for (let first = 0; first < list.length; first += CONCURRENT) {
    results.push(...(await Promise.all(list.slice(first, first + CONCURRENT).map(act))));
  }
  return results;
}

const clientOf = (endpoint: string) =>
  DynamoDBDocumentClient.from(
    new DynamoDBClient({
      endpoint,
      region: 'local',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    }),
  );

beforeAll(async () => {
  engine = await startDynamodb();
  meter = await startDynamodbMeter(engine.endpoint);
  client = clientOf(engine.endpoint);
  await createTable(client, tableName);
  await putAll(
    tenants.map((tenant_id) => ({
      ...tenantKey(tenant_id),
      ...{ tenant_id, paid_to: 'own', merchants: { stripe: [merchantOf(tenant_id)] } },
      ...schemaAttribute('tenant'),
    })),
  );
}, 60_000);
afterAll(async () => {
  await meter?.stop();
  await engine?.stop();
});

async function putAll(items: readonly Record<string, unknown>[]): Promise<void> {
  for (let first = 0; first < items.length; first += 25) {
    const puts = items.slice(first, first + 25).map((Item) => ({ PutRequest: { Item } }));
    await client.send(new BatchWriteCommand({ RequestItems: { [tableName]: puts } }));
  }
}

/** A payment of each of these tenants, and the message that it is paid. */
async function begin(tenant_ids: readonly number[]) {
  const begun = tenant_ids.map((tenant_id) => {
    const order = tenantOrder({ tenant_id, expires_at: '2099-01-01T00:00:00.000Z' });
    const merchant = merchantOf(tenant_id);
    return { tenant_id, ...beginPayment(order, { provider: 'stripe', merchant, appid: null }) };
  });
  await putAll(
    begun.flatMap(({ order, payment }) => [
      { ...itemOf({ put: 'order', record: order }) },
      { ...itemOf({ put: 'payment', record: payment, owes: { kind: 'check', due: Date.now() } }) },
    ]),
  );
  return begun.map(({ tenant_id, payment }) => {
    const party = partyOf(tenant_id);
    return { tenant_id, message: paid.make(party, party, payment) };
  });
}

const stageOf = () =>
  createStageWorld({
    stripe: stageParty.document,
    ...Object.fromEntries(
      tenants.map((tenant_id) => [
        `tenants/${tenant_id}`,
        { paid_to: 'own', stripe: partyOf(tenant_id).document },
      ]),
    ),
  });

/** Forged: by keys that no merchant has. */
const forged = (tenant_id: number) =>
  createStripeParty().signEvent(createStripeParty().paidEvent(`p${tenant_id}`, 1));
const anyForgery = forged(1);

const readsOf = (reads: readonly string[], prefix: string) => reads.filter((name) => name.startsWith(prefix));
const sendOneByOne = async (functions: StageFunctions, deliveries: Awaited<ReturnType<typeof begin>>) => {
  const replies = [];
  for (const { tenant_id, message } of deliveries) {
    replies.push(await functions.deliver(pathOf(tenant_id), message));
  }
  return replies;
};
const sendAll = (functions: StageFunctions, deliveries: Awaited<ReturnType<typeof begin>>) =>
  forAll(deliveries, ({ tenant_id, message }) => functions.deliver(pathOf(tenant_id), message));

describe('1,000 registered tenants beside 10,000 that are not', () => {
  it.each([1, 4])(
    'have their first callbacks settled at once after a cold start, in %i execution environments',
    async (environments) => {
      const world = stageOf();
      const { requests, ...context } = { ...recordingClient(engine.endpoint), tableName };
      const all = Array.from({ length: environments }, () => startFunctions(world, context));
      const at = (index: number) => all[index % environments] as StageFunctions;
      const own = await begin(tenants);
      // Ten of those whom nobody registered for each that is.
      const deliveries = own.flatMap((delivery, index) => [
        delivery,
        ...strangers
          .slice(index * 10, index * 10 + 10)
          .map((tenant_id) => ({ tenant_id, message: anyForgery })),
      ]);
      const replies = await forAll(deliveries, async ({ tenant_id, message }) => ({
        tenant_id,
        ...(await at(tenant_id).deliver(pathOf(tenant_id), message)),
      }));
      expect(
        replies.filter(({ tenant_id, status }) => status !== (tenant_id <= REGISTERED ? 200 : 404)),
      ).toEqual([]);
      // The register once for each environment, and one request for each settlement.
      expect(requests.filter((name) => name === 'QueryCommand')).toHaveLength(environments);
      expect(requests.filter((name) => name.startsWith('TransactWrite'))).toHaveLength(REGISTERED);
      expect(requests).toHaveLength(environments + REGISTERED);
      // A document for each tenant, and none for whom nobody registered.
      expect(readsOf(world.reads, 'tenants/').toSorted()).toEqual(
        tenants.map((tenant_id) => `tenants/${tenant_id}`).toSorted(),
      );
      expect(world.reads.filter((name) => !name.startsWith('tenants/'))).toEqual(
        Array.from({ length: environments }, () => 'stripe'),
      );
    },
    120_000,
  );

  it('cost one request of eight write units for each settlement', async () => {
    const functions = startFunctions(stageOf(), { client: clientOf(meter.url), tableName });
    const deliveries = await begin(tenants.slice(0, 20));
    for (const { tenant_id, message } of deliveries) {
      meter.reset();
      expect((await functions.deliver(pathOf(tenant_id), message)).status).toBe(200);
      const settling = meter.requests.filter(({ action }) => action !== 'Query');
      expect(settling.map(({ action }) => action)).toEqual(['TransactWriteItems']);
      expect(settling.map(writeUnitsOf)).toEqual([8]);
    }
  });

  it('have the register read once a minute, however many callbacks come', async () => {
    const world = stageOf();
    const { requests, ...context } = { ...recordingClient(engine.endpoint), tableName };
    const functions = startFunctions(world, context);
    const some = strangers.slice(0, 200);
    for (const [minute, reads] of [
      [0, 1],
      [0.9, 1],
      [1.1, 2],
      [2, 2],
      [2.2, 3],
    ] as const) {
      world.ahead_ms = minute * 60_000;
      await Promise.all(some.map((tenant_id) => functions.deliver(pathOf(tenant_id), anyForgery)));
      expect(requests).toEqual(Array.from({ length: reads }, () => 'QueryCommand'));
    }
  });

  it('that pay and are paid keep their documents, however often strangers go through all addresses', async () => {
    const world = stageOf();
    const functions = startFunctions(world, { client, tableName });
    const busy = tenants.slice(0, 300);
    expect((await sendOneByOne(functions, await begin(busy))).every(({ status }) => status === 200)).toBe(
      true,
    );
    expect(readsOf(world.reads, 'tenants/')).toHaveLength(300);
    world.reads.length = 0;
    for (let round = 0; round < 3; round += 1) {
      for (const tenant_id of tenants) await functions.deliver(pathOf(tenant_id), anyForgery);
    }
    // Strangers have read what they ask for; of those in use nothing.
    const ofStrangers = readsOf(world.reads, 'tenants/');
    const inUse = new Set(busy.map((tenant_id) => `tenants/${tenant_id}`));
    expect(ofStrangers.filter((name) => inUse.has(name))).toEqual([]);
    expect(ofStrangers).toHaveLength(3 * 700);
    world.reads.length = 0;
    expect((await sendAll(functions, await begin(busy))).every(({ status }) => status === 200)).toBe(true);
    expect(world.reads).toEqual([]);
  }, 120_000);

  it('have their documents read again within a bound that holds, when more are in use than are held', async () => {
    const world = stageOf();
    const functions = startFunctions(world, { client, tableName });
    await sendOneByOne(functions, await begin(tenants));
    expect(readsOf(world.reads, 'tenants/')).toHaveLength(REGISTERED);
    world.reads.length = 0;
    // The last ones are held, and the first ones are not.
    const [before, last] = [tenants.slice(0, -400), tenants.slice(-400)];
    for (const tenant_id of last) await functions.deliver(pathOf(tenant_id), anyForgery);
    expect(world.reads).toEqual([]);
    for (const tenant_id of before) await functions.deliver(pathOf(tenant_id), anyForgery);
    expect(readsOf(world.reads, 'tenants/')).toHaveLength(before.length);
  }, 120_000);
});

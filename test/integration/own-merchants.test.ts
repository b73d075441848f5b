import { beforeEach, describe, expect, it } from 'vitest';
import type { Registration } from '../../lib/merchants/tenant-register.ts';
import { type Provider, providers } from '../../lib/orders/kinds.ts';
import { deleteTenant, putTenant } from '../../lib/store/tenant-store.ts';
import { createAlipayParty } from '../support/alipay.ts';
import { createProviderSide, type ProviderSide } from '../support/provider-side.ts';
import { createStageWorld, type StageWorld, startFunctions } from '../support/stage-functions.ts';
import { useStore } from '../support/store.ts';
import { createStripeParty } from '../support/stripe.ts';
import { createWechatParty } from '../support/wechat.ts';

/** Who is paid by a tenant's checkouts, whatever has become of its documents: never the stage in its place. */

const stage = {
  wechat: createWechatParty({ mchid: '1900000001' }),
  alipay: createAlipayParty({ app_id: '2021000000000001', seller_id: '2088000000000001' }),
  stripe: createStripeParty({ account: 'acct_1StageAccount' }),
};
const own = {
  wechat: createWechatParty({ mchid: '1900000007' }),
  alipay: createAlipayParty({ app_id: '2021000000000007', seller_id: '2088000000000007' }),
  stripe: createStripeParty({ account: 'acct_1SevenAccount' }),
};
const other = {
  wechat: createWechatParty({ mchid: '1900000099' }),
  alipay: createAlipayParty({ app_id: '2021000000000099', seller_id: '2088000000000099' }),
  stripe: createStripeParty({ account: 'acct_1OtherAccount' }),
};
type Parties = typeof stage;

const nameOf = (provider: Provider, { wechat, alipay, stripe }: Parties): string =>
  ({
    wechat: wechat.document.mchid,
    alipay: `${alipay.document.app_id}.${alipay.document.seller_id}`,
    stripe: `${stripe.document.account}.test`,
  })[provider];
const documents = ({ wechat, alipay, stripe }: Parties) => ({
  wechat: wechat.document,
  alipay: alipay.document,
  stripe: stripe.document,
});
const listOf = (...parties: Parties[]): Registration['merchants'] =>
  Object.fromEntries(
    providers.map((provider) => [provider, parties.map((party) => nameOf(provider, party))]),
  );

const TENANT = 7;
const good = { paid_to: 'own', ...documents(own) };
const store = useStore();
let world: StageWorld;
let side: ProviderSide;

/** What can have become of a tenant's document, and of reading it. */
const states: Readonly<Record<string, (provider: Provider) => void>> = {
  good: () => world.documents.set('tenants/7', good),
  'not there': () => world.documents.delete('tenants/7'),
  'without the provider': (provider) => {
    const { [provider]: _gone, ...rest } = good;
    world.documents.set('tenants/7', rest);
  },
  'with a merchant that is refused': (provider) =>
    world.documents.set('tenants/7', { ...good, [provider]: { ...good[provider], former: 'nobody' } }),
  'paid to nobody': () => world.documents.set('tenants/7', { ...good, paid_to: 'everybody' }),
  'no object': () => world.documents.set('tenants/7', 'own'),
  'paid to the stage': () => world.documents.set('tenants/7', { ...good, paid_to: 'stage' }),
  'of a merchant that is not registered': () =>
    world.documents.set('tenants/7', { paid_to: 'own', ...documents(other) }),
  'of the stage’s merchant': () => world.documents.set('tenants/7', { paid_to: 'own', ...documents(stage) }),
  'not to be read': () => world.unreadable.add('tenants/7'),
  'not to be read, like everything': () => world.unreadable.add('*'),
};

const register = (paid_to: Registration['paid_to'] = 'own') =>
  putTenant(store.context, { tenant_id: TENANT, paid_to, merchants: listOf(own) });

beforeEach(async () => {
  world = createStageWorld({ ...documents(stage), 'tenants/7': good });
  side = createProviderSide(
    {
      wechat: [stage.wechat, own.wechat, other.wechat],
      alipay: [stage.alipay, own.alipay, other.alipay],
      stripe: [stage.stripe, own.stripe, other.stripe],
    },
    () => Date.now() + world.ahead_ms,
  );
  await register();
});

const begin = () => startFunctions(world, store.context, side.fetch);

/** A checkout's status, and whom its payments are made to. */
async function checkout(functions: ReturnType<typeof begin>, provider: Provider, tenant_id = TENANT) {
  const before = new Set((await store.items()).map(({ pk, sk }) => `${pk} ${sk}`));
  side.asked.length = 0;
  const { status, body } = await functions.call('POST', '/api/pay/checkout', {
    tenant_id,
    provider,
    amount: 12.34,
    currency: provider === 'stripe' ? 'USD' : 'CNY',
  });
  const made = (await store.items()).filter(({ pk, sk }) => !before.has(`${pk} ${sk}`));
  const payees = made.filter(({ sk }) => sk === 'PAYMENT#1').map(({ merchant }) => merchant);
  return { status, body, payees, asked: side.asked.map(({ merchant }) => merchant) };
}

/** No merchant of the stage's has been paid, and none has been asked for anything. */
function expectNothingOfTheStage({ payees, asked }: Awaited<ReturnType<typeof checkout>>): void {
  const named = [...payees, ...asked].map(String);
  for (const provider of providers) {
    const [account = ''] = nameOf(provider, stage).split('.');
    expect(named.filter((name) => name.startsWith(account))).toEqual([]);
  }
}

/** Of the states, those that pass, and what each comes to in a new execution environment. */
const coldStatus = (state: string): number => {
  if (state === 'good') return 201;
  return state.startsWith('not to be read') ? 500 : 400;
};

const cases = Object.keys(states).flatMap((state) => providers.map((provider) => [state, provider] as const));

describe('a tenant that is paid to its own merchants', () => {
  it.each(cases)('is never paid to the stage where its document is %s: %s', async (state, provider) => {
    states[state]?.(provider);
    const cold = await checkout(begin(), provider);
    expect(cold.status).toBe(coldStatus(state));
    expect(cold.payees).toEqual(state === 'good' ? [nameOf(provider, own)] : []);
    expectNothingOfTheStage(cold);
    if (cold.status === 400) expect(cold.body).toContain(provider);
  });

  it.each(cases)('nor where it is %s after it was good: %s', async (state, provider) => {
    const functions = begin();
    expect((await checkout(functions, provider)).payees).toEqual([nameOf(provider, own)]);
    states[state]?.(provider);
    for (const minutes of [0.5, 2, 6, 12]) {
      world.ahead_ms = minutes * 60_000;
      const warm = await checkout(functions, provider);
      expectNothingOfTheStage(warm);
      // Its own merchant stays in use for as long as what is known of it is not contradicted.
      expect(warm.status).toBe(warm.payees.length === 1 ? 201 : 400);
      for (const payee of warm.payees) expect(payee).toBe(nameOf(provider, own));
    }
  });

  it.each(providers)('is not paid where the register names none of its own at %s', async (provider) => {
    const { [provider]: _none, ...others } = listOf(own);
    await putTenant(store.context, { tenant_id: TENANT, paid_to: 'own', merchants: others });
    const answer = await checkout(begin(), provider);
    expect(answer.status).toBe(400);
    expectNothingOfTheStage(answer);
  });

  it('is in the register, which cannot be read: an honest failure', async () => {
    const functions = startFunctions(
      world,
      { client: store.context.client, tableName: 'no-such-table' },
      side.fetch,
    );
    const answer = await checkout(functions, 'alipay');
    expect(answer.status).toBe(500);
    expectNothingOfTheStage(answer);
  });
});

describe('a tenant that is paid to the stage', () => {
  it.each(cases)('is, where a document of its own is %s: %s', async (state, provider) => {
    await register('stage');
    if (state !== 'not to be read, like everything') states[state]?.(provider);
    const answer = await checkout(begin(), provider);
    expect([answer.status, answer.payees]).toEqual([201, [nameOf(provider, stage)]]);
    expect(world.reads.filter((name) => name.startsWith('tenants/'))).toEqual([]);
  });

  it.each(providers)('is not paid at %s where the stage does not offer it', async (provider) => {
    await deleteTenant(store.context, TENANT);
    world.documents.delete(provider);
    const answer = await checkout(begin(), provider);
    expect([answer.status, answer.payees]).toEqual([400, []]);
    expect(answer.body).toContain(provider);
  });

  it('is its own from a minute after it was registered', async () => {
    await deleteTenant(store.context, TENANT);
    const functions = begin();
    expect((await checkout(functions, 'alipay')).payees).toEqual([nameOf('alipay', stage)]);
    await register();
    world.ahead_ms = 61_000;
    expect((await checkout(functions, 'alipay')).payees).toEqual([nameOf('alipay', own)]);
  });
});

import { describe, expect, it } from 'vitest';
import { createBills, createMerchants, listMerchants } from '../../../lib/merchants/merchants.ts';
import type { Registration } from '../../../lib/merchants/tenant-register.ts';
import { type Provider, providers } from '../../../lib/orders/kinds.ts';
import type { MerchantName } from '../../../lib/orders/ledger.ts';
import { allProviders } from '../../../lib/providers/all.ts';
import { allBills } from '../../../lib/providers/all-bills.ts';
import { createAlipayParty } from '../../support/alipay.ts';
import { createDocumentStage, type DocumentStage } from '../../support/merchant-documents.ts';
import { createStripeParty } from '../../support/stripe.ts';
import { createWechatParty } from '../../support/wechat.ts';

const stages = {
  wechat: createWechatParty().document,
  alipay: createAlipayParty().document,
  stripe: createStripeParty().document,
};
const names: Readonly<Record<Provider, string>> = {
  wechat: '1230000109',
  alipay: '2021000122671080.2088101122136241',
  stripe: 'acct_1SettleParty.test',
};
const sevens = {
  wechat: createWechatParty({ mchid: '1900000007', appid: 'wx7' }).document,
  stripe: createStripeParty({ account: 'acct_7Settle7' }).document,
};
const seven: Registration = {
  tenant_id: 7,
  paid_to: 'own',
  merchants: { wechat: ['1900000007', '1900000006'], stripe: ['acct_7Settle7.test'] },
};

const arrange = () => createDocumentStage({ ...stages, 'tenants/7': { paid_to: 'own', ...sevens } }, [seven]);
const start = (stage: DocumentStage) => createMerchants(stage.parts(), allProviders);

describe('who is paid', () => {
  it.each(providers)(
    'for shops, and for tenants that nobody registered, is the stage’s: %s',
    async (provider) => {
      const stage = arrange();
      const { current } = start(stage);
      expect(await current(provider, null)).toMatchObject({ provider, name: names[provider] });
      for (const tenant_id of [8, 9]) {
        expect(await current(provider, tenant_id)).toMatchObject({ name: names[provider] });
      }
      expect(new Set(stage.reads)).toEqual(new Set(providers));
    },
  );

  it('for shops is known without the register', async () => {
    const stage = arrange();
    stage.failing.add('register');
    expect(await start(stage).current('wechat', null)).toMatchObject({ name: names.wechat });
  });

  it('for three hundred tenants that make payments by turns is read once of each', async () => {
    const stage = arrange();
    const tenants = Array.from({ length: 300 }, (_, n) => 100 + n);
    for (const tenant_id of tenants) {
      stage.put(`tenants/${tenant_id}`, { paid_to: 'own', stripe: sevens.stripe });
      stage.enrol({ tenant_id, paid_to: 'own', merchants: { stripe: ['acct_7Settle7.test'] } });
    }
    const { current } = start(stage);
    for (const tenant_id of [...tenants, ...tenants]) await current('stripe', tenant_id);
    expect(stage.reads.filter((name) => name.startsWith('tenants/'))).toHaveLength(300);
  });

  it('is nobody for a tenant that the register loses meanwhile', async () => {
    const { register, ...parts } = arrange().parts();
    const found = [seven, null];
    const lost = { ...register, find: async () => found.shift() ?? null };
    const { current } = createMerchants({ ...parts, register: lost }, allProviders);
    expect(await current('wechat', 7)).toBeNull();
  });

  it('for a tenant that is paid itself is its own, and nobody where it has none', async () => {
    const { current } = start(arrange());
    expect(await current('wechat', 7)).toMatchObject({ name: '1900000007', appids: ['wx7'] });
    expect(await current('stripe', 7)).toMatchObject({ name: 'acct_7Settle7.test' });
    expect(await current('alipay', 7)).toBeNull();
  });

  it('for a tenant that is paid to the stage again is the stage’s, whatever its document says', async () => {
    const stage = arrange();
    stage.enrol({ ...seven, paid_to: 'stage' });
    const { current } = start(stage);
    for (const provider of providers) {
      expect(await current(provider, 7)).toMatchObject({ name: names[provider] });
    }
    expect(stage.reads).not.toContain('tenants/7');
  });

  it.each<[string, unknown, string]>([
    ['is not there', undefined, 'paid_to is not what the register says'],
    [
      'says otherwise than the register',
      { paid_to: 'stage', ...sevens },
      'paid_to is not what the register says',
    ],
    [
      'is not valid',
      { paid_to: 'own', wechat: { ...sevens.wechat, mchid: '' } },
      'wechat.mchid must not be empty',
    ],
    [
      'is the stage’s merchant',
      { paid_to: 'own', wechat: stages.wechat },
      'wechat is of a merchant that the register',
    ],
  ])(
    'is nobody, and never the stage, where a tenant’s document %s; which is told',
    async (_, document, reason) => {
      const stage = arrange();
      if (document === undefined) stage.remove('tenants/7');
      else stage.put('tenants/7', document);
      const { current } = start(stage);
      expect(await current('wechat', 7)).toBeNull();
      expect(stage.failures).toEqual([
        expect.stringContaining(`tenants/7: configuration document "tenants/7": ${reason}`),
      ]);
    },
  );

  it.each(['register', 'tenants/7'])(
    'is not known while %s cannot be read: neither own nor the stage’s',
    async (name) => {
      const stage = arrange();
      stage.failing.add(name);
      await expect(start(stage).current('wechat', 7)).rejects.toThrow(`${name} cannot be read`);
    },
  );

  it('is nobody where the stage does not offer the provider, and its own for a tenant that has one', async () => {
    const stage = arrange();
    stage.remove('wechat');
    const { current } = start(stage);
    expect(await current('wechat', null)).toBeNull();
    expect(await current('wechat', 8)).toBeNull();
    expect(await current('wechat', 7)).toMatchObject({ name: '1900000007' });
  });
});

describe('the merchant of a name', () => {
  it.each(providers)('is found at its provider alone: %s', async (provider) => {
    const { find } = start(arrange());
    for (const other of providers) {
      const found = await find(other, names[provider]);
      expect(found?.name ?? null).toBe(other === provider ? names[provider] : null);
    }
    expect(await find('wechat', '1900000007')).toMatchObject({ name: '1900000007' });
  });

  it('is of no provider that the function does not know', async () => {
    const stripe = allProviders.filter(({ name }) => name === 'stripe');
    const { find, current } = createMerchants(arrange().parts(), stripe);
    expect(await current('stripe', 7)).toMatchObject({ name: 'acct_7Settle7.test' });
    await expect(async () => find('wechat', '1900000007')).rejects.toThrow('knows no merchant of wechat');
    await expect(current('wechat', 7)).rejects.toThrow('knows no merchant of wechat');
  });
});

it.each(providers)(
  'the bills of a merchant are found by its name, whosever it is or was: %s',
  async (provider) => {
    const stage = arrange();
    stage.put('merchants/wechat/1900000006', {
      ...createWechatParty({ mchid: '1900000006' }).document,
      tenant_id: 7,
    });
    const find = createBills(stage.parts(), allBills);
    expect(await find(provider, names[provider])).toMatchObject({ name: names[provider] });
    expect(await find('stripe', 'acct_7Settle7.test')).toMatchObject({ name: 'acct_7Settle7.test' });
    expect(await find('wechat', '1900000006')).toMatchObject({ name: '1900000006' });
    expect(await find(provider, 'gone')).toBeNull();
  },
);

it('the bills’ documents are read once for all days', async () => {
  const stage = arrange();
  const find = createBills(stage.parts(), allBills);
  for (let day = 0; day < 3; day++) await find('wechat', names.wechat);
  expect(stage.reads).toEqual(['wechat']);
});

describe('whose days are reconciled', () => {
  const list = (
    stage: DocumentStage,
    provider: Provider,
    listRecent: () => Promise<readonly MerchantName[]> = async () => [],
  ) => {
    const parts = stage.parts();
    return listMerchants(createMerchants(parts, allProviders), parts.register, listRecent, provider);
  };

  it('are the stage’s merchant, tenants’ own, and those of before of both, each once', async () => {
    const stage = arrange();
    stage.put('wechat', { ...stages.wechat, former: ['1230000100', '1900000006'] });
    stage.enrol({ tenant_id: 8, paid_to: 'stage', merchants: { wechat: ['1900000008'] } });
    expect(await list(stage, 'wechat')).toEqual([
      ...[names.wechat, '1230000100', '1900000006', '1900000007', '1900000008'],
    ]);
    expect(await list(stage, 'alipay')).toEqual([names.alipay]);
  });

  it('are tenants’ own alone where the stage does not offer the provider, or nobody', async () => {
    const stage = arrange();
    stage.remove('wechat');
    stage.remove('alipay');
    expect(await list(stage, 'wechat')).toEqual(['1900000007', '1900000006']);
    expect(await list(stage, 'alipay')).toEqual([]);
  });

  it('are those whose days were reconciled last at a provider that the stage has dropped', async () => {
    const stage = arrange();
    stage.remove('alipay');
    const recent = [
      { provider: 'alipay', merchant: names.alipay },
      { provider: 'alipay', merchant: names.alipay },
      { provider: 'stripe', merchant: names.stripe },
    ] as const;
    expect(await list(stage, 'alipay', async () => recent)).toEqual([names.alipay]);
    const unread = () => Promise.reject(new Error('is not asked'));
    expect(await list(stage, 'stripe', unread)).toContain(names.stripe);
  });

  it('are told without a look at any tenant’s document', async () => {
    const stage = arrange();
    await list(stage, 'wechat');
    expect(stage.reads).not.toContain('tenants/7');
  });
});

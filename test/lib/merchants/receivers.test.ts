import { describe, expect, it } from 'vitest';
import { systemIo } from '../../../lib/io.ts';
import { createReceivers } from '../../../lib/merchants/receivers.ts';
import type { Registration } from '../../../lib/merchants/tenant-register.ts';
import { type Provider, providers } from '../../../lib/orders/kinds.ts';
import { applyEvent } from '../../../lib/orders/settle.ts';
import { receiveAlipay } from '../../../lib/providers/alipay/message.ts';
import { flatSignature } from '../../../lib/providers/flat-callback.ts';
import type { MessageForm, RawMessage, Receivers } from '../../../lib/providers/message.ts';
import type { FromDocument } from '../../../lib/providers/provider.ts';
import { receiveStripe } from '../../../lib/providers/stripe/message.ts';
import { receiveWechat } from '../../../lib/providers/wechat/message.ts';
import { createAlipayParty } from '../../support/alipay.ts';
import { createDocumentStage, type DocumentStage } from '../../support/merchant-documents.ts';
import { NOW, tenantOrder } from '../../support/orders.ts';
import { beginPayment } from '../../support/parties.ts';
import { createStripeParty } from '../../support/stripe.ts';
import { createWechatParty, createWechatPlatform } from '../../support/wechat.ts';
import { createMemoryStore } from '../orders/memory-store.ts';

/** A merchant at a provider, as its provider's messages and a relay's flat bodies are made for it. */
interface Party {
  readonly name: string;
  readonly document: object;
  /** The provider's message that 19.99 was paid under a number; to whom it says, if not to the merchant. */
  readonly native: (payment_no: string, named?: Party) => RawMessage;
  readonly flat: (payment_no: string) => RawMessage;
}

const flatFields = (order_no: string) => ({
  order_no,
  status: 'succeeded',
  amount: '19.99',
  currency: 'CNY',
});

const flatWith =
  ({ callback_keys: [key = ''] }: { readonly callback_keys: readonly string[] }) =>
  (payment_no: string): RawMessage => {
    const fields = flatFields(payment_no);
    const sig = flatSignature(new Map(Object.entries(fields)), Buffer.from(key));
    return { headers: {}, body: Buffer.from(JSON.stringify({ ...fields, sig })) };
  };

function wechatParty(mchid: string, keys: Parameters<typeof createWechatParty>[0] = {}): Party {
  const party = createWechatParty({ mchid, ...keys });
  return {
    name: mchid,
    document: party.document,
    native: (payment_no, named) =>
      party.signNotification(party.transaction(payment_no, 1999, named && { mchid: named.name }), {
        at: NOW,
      }),
    flat: flatWith(party.document),
  };
}

function alipayParty(seller_id: string): Party {
  const party = createAlipayParty({ seller_id });
  const { app_id } = party.document;
  return {
    name: `${app_id}.${seller_id}`,
    document: party.document,
    native: (payment_no, named) => {
      const [, seller = seller_id] = named?.name.split('.') ?? [];
      return party.signNotification(party.trade(payment_no, '19.99', { seller_id: seller }));
    },
    flat: flatWith(party.document),
  };
}

function stripeParty(account: string): Party {
  const party = createStripeParty({ account });
  return {
    name: `${account}.test`,
    document: party.document,
    // It names no account, only a side of the one that its key is of.
    native: (payment_no, named) => {
      const livemode = named?.name.endsWith('.live') ?? false;
      return party.signEvent({ ...party.paidEvent(payment_no, 1999, 'cny'), livemode }, { at: NOW });
    },
    flat: (payment_no) => party.signFlat(flatFields(payment_no), { at: NOW }),
  };
}

interface SharedKeys {
  readonly callback_keys?: readonly string[];
  readonly webhook_secrets?: readonly string[];
}

/** Their keys are made once: that is most of what a test would take. */
const worlds: Readonly<
  Record<Provider, { readonly receive: FromDocument<Receivers>; readonly parties: readonly Party[] }>
> = {
  wechat: {
    receive: receiveWechat,
    parties: ['1900000001', '1900000007', '1900000008', '1900000009'].map((mchid) => wechatParty(mchid)),
  },
  alipay: {
    receive: receiveAlipay,
    parties: ['2088000000000001', '2088000000000007', '2088000000000008', '2088000000000009'].map(
      alipayParty,
    ),
  },
  stripe: {
    receive: receiveStripe,
    parties: ['acct_1Settle1', 'acct_7Settle7', 'acct_8Settle8', 'acct_9Settle9'].map(stripeParty),
  },
};

const registration = (
  tenant_id: number,
  provider: Provider,
  ...merchants: readonly string[]
): Registration => ({
  tenant_id,
  paid_to: 'own',
  merchants: { [provider]: merchants },
});

/** The stage's merchant, tenant 7's and tenant 8's; 7's was another before. */
function arrange(provider: Provider, parties = worlds[provider].parties) {
  const [stages, seven, eight, before] = parties;
  if (!stages || !seven || !eight || !before) throw new Error('too few parties');
  const stage = createDocumentStage(
    {
      [provider]: stages.document,
      'tenants/7': { paid_to: 'own', [provider]: seven.document },
      'tenants/8': { paid_to: 'own', [provider]: eight.document },
      [`merchants/${provider}/${before.name}`]: { ...before.document, tenant_id: 7 },
    },
    [registration(7, provider, seven.name, before.name), registration(8, provider, eight.name)],
  );
  return { stage, stages, seven, eight, before, ...startIn(stage, provider) };
}

function startIn(stage: DocumentStage, provider: Provider) {
  const find = createReceivers(stage.parts(), provider, worlds[provider].receive);
  /** What a message means at a tenant's address, or, with null, at the stage's. */
  const deliver = async (tenant_id: number | null, form: MessageForm, message: RawMessage) => {
    const receive = await find(tenant_id);
    if (!receive) throw new Error('nobody is paid there');
    return receive(form, message);
  };
  return { find, deliver };
}

/** In which the messages of `createWechatParty` are paid. */
const APPID = 'wxd678efh567hg6787';

const forms = ['native', 'flat'] as const;
const unverified = expect.objectContaining({ name: 'VerificationError' });

describe.each(providers)('what comes to the addresses at %s', (provider) => {
  it('is of the merchant of the address, in both forms', async () => {
    const { deliver, stages, seven, eight } = arrange(provider);
    for (const [tenant_id, party] of [
      [null, stages],
      [7, seven],
      [8, eight],
    ] as const) {
      for (const form of forms) {
        const event = await deliver(tenant_id, form, party[form]('mall-1'));
        expect(event).toMatchObject({ type: 'succeeded', payment_no: 'mall-1', merchant: party.name });
      }
    }
  });

  it('is refused at the address of another, whosever it is, in both forms', async () => {
    const { deliver, stages, seven, eight, before } = arrange(provider);
    const strangersAt = [
      [null, [seven, eight, before]],
      [7, [stages, eight]],
      [8, [stages, seven, before]],
    ] as const;
    for (const [tenant_id, strangers] of strangersAt) {
      for (const party of strangers) {
        for (const form of forms) {
          await expect(deliver(tenant_id, form, party[form]('mall-1'))).rejects.toThrow(unverified);
        }
      }
    }
  });

  it('is of the merchant of before where it is made for that one, in both forms', async () => {
    const { deliver, before } = arrange(provider);
    for (const form of forms) {
      expect(await deliver(7, form, before[form]('mall-1'))).toMatchObject({ merchant: before.name });
    }
  });

  it('is of the stage’s merchant of before as its document names it', async () => {
    const { stage, stages, eight } = arrange(provider);
    stage.put(provider, { ...eight.document, former: [stages.name] });
    stage.put(`merchants/${provider}/${stages.name}`, stages.document);
    const { deliver } = startIn(stage, provider);
    for (const form of forms) {
      expect(await deliver(null, form, stages[form]('mall-1'))).toMatchObject({ merchant: stages.name });
      expect(await deliver(null, form, eight[form]('mall-1'))).toMatchObject({ merchant: eight.name });
    }
  });

  it('of a relay that kept its key while the merchant changed is of whichever its payment is to', async () => {
    const { stage, stages, eight, seven } = arrange(provider);
    const [own, before]: readonly SharedKeys[] = [eight.document, stages.document];
    const keys = {
      ...(own?.callback_keys && { callback_keys: [...own.callback_keys, ...(before?.callback_keys ?? [])] }),
      ...(own?.webhook_secrets && {
        webhook_secrets: [...own.webhook_secrets, ...(before?.webhook_secrets ?? [])],
      }),
    };
    stage.put(provider, { ...eight.document, ...keys, former: [seven.name, '1', stages.name] });
    stage.put(`merchants/${provider}/${seven.name}`, seven.document);
    stage.put(`merchants/${provider}/${stages.name}`, stages.document);
    const { deliver } = startIn(stage, provider);
    // The provider's own names whom it is for.
    expect(await deliver(null, 'native', eight.native('mall-1'))).not.toHaveProperty('others');
    expect(stage.reads).not.toContain(`merchants/${provider}/${stages.name}`);
    const payee = async (merchant: string) => {
      const order = tenantOrder({ currency: 'CNY' });
      const { payment } = beginPayment(order, { provider, merchant, appid: null });
      const store = createMemoryStore();
      store.seed({ order, payments: [payment] });
      const event = await deliver(null, 'flat', stages.flat(order.order_no));
      if (!event) throw new Error('nothing is said');
      const result = await applyEvent({ store, io: { ...systemIo, now: () => NOW } }, event);
      return [event.merchant, event.others, result.outcome];
    };
    const told = [eight.name, [stages.name]];
    expect(await payee(eight.name)).toEqual([...told, 'settled']);
    expect(await payee(stages.name)).toEqual([...told, 'settled']);
    expect(await payee(seven.name)).toEqual([...told, 'mismatch']);
    expect(await deliver(null, 'flat', seven.flat('mall-1'))).not.toHaveProperty('others');
    stage.failing.add(`merchants/${provider}/${stages.name}`);
    const afresh = startIn(stage, provider);
    const known = await afresh.deliver(null, 'flat', stages.flat('mall-1'));
    expect(known).toMatchObject({ merchant: eight.name });
    expect(known).not.toHaveProperty('others');
  });

  it('is nobody’s when it names another than the one whose key signed it, and settles neither’s payment', async () => {
    const { deliver, seven, eight, before, stages } = arrange(provider);
    const otherSide = (party: Party) => ({ ...party, name: party.name.replace(/test$/, 'live') });
    const of = (signer: Party, ...named: readonly Party[]) =>
      provider === 'stripe' ? [otherSide(signer)] : named;
    const misnaming = [
      [7, seven, of(seven, eight, stages, before)],
      [7, before, of(before, seven, stages)],
      [8, eight, of(eight, seven)],
      [null, stages, of(stages, seven)],
    ] as const;
    for (const [tenant_id, signer, others] of misnaming) {
      for (const { name, ...named } of others) {
        const appid = provider === 'wechat' ? APPID : null;
        const order = tenantOrder({ currency: 'CNY' });
        const { payment } = beginPayment(order, { provider, merchant: name, appid });
        const message = signer.native(payment.payment_no, { name, ...named });
        const event = await deliver(tenant_id, 'native', message);
        if (!event) throw new Error('it means nothing');
        const merchant = `${signer.name}/${name}`;
        expect(event.merchant).toBe(merchant);
        const store = createMemoryStore({ order, payments: [payment] });
        expect(await applyEvent({ store, io: { ...systemIo, now: () => NOW } }, event)).toEqual({
          ...{ outcome: 'mismatch', order_no: order.order_no, fields: ['merchant'], isSeenTo: false },
        });
        expect(store.stored(order)).toMatchObject({
          order: { status: 'pending' },
          payments: [{ state: 'open', booking: null }],
          exceptions: [{ kind: 'mismatch', merchant, amount: 1999 }],
        });
      }
    }
  });

  it('is refused, after the documents of two tenants changed places, by what the register says', async () => {
    const { stage, seven, eight } = arrange(provider);
    stage.put('tenants/7', { paid_to: 'own', [provider]: eight.document });
    stage.put('tenants/8', { paid_to: 'own', [provider]: seven.document });
    const { deliver } = startIn(stage, provider);
    for (const form of forms) {
      await expect(deliver(7, form, eight[form]('mall-1'))).rejects.toThrow('"tenants/7"');
      await expect(deliver(8, form, seven[form]('mall-1'))).rejects.toThrow('"tenants/8"');
    }
  });

  it('is received by nobody where nobody is paid', async () => {
    const { stage, find } = arrange(provider);
    expect(await find(9)).toBeNull();
    const [elsewhere = 'wechat'] = providers.filter((other) => other !== provider);
    stage.enrol(registration(10, elsewhere, 'somebody'));
    stage.enrol({ tenant_id: 11, paid_to: 'stage', merchants: {} });
    stage.remove(provider);
    const started = startIn(stage, provider);
    for (const tenant_id of [null, 9, 10, 11]) expect(await started.find(tenant_id)).toBeNull();
  });

  it('costs no look at a document where nobody registered the tenant, however many there are', async () => {
    const { stage, find } = arrange(provider);
    for (let tenant_id = 10_000; tenant_id < 20_000; tenant_id++) expect(await find(tenant_id)).toBeNull();
    expect(stage.reads).toEqual([provider]);
    expect(stage.register.reads).toBe(1);
  });

  it.each(['register', 'tenants/7'])('fails, and is not refused, while %s cannot be read', async (name) => {
    const { stage, deliver, seven } = arrange(provider);
    stage.failing.add(name);
    await expect(deliver(7, 'flat', seven.flat('mall-1'))).rejects.toThrow(`${name} cannot be read`);
    stage.failing.clear();
    expect(await deliver(7, 'flat', seven.flat('mall-1'))).toMatchObject({ merchant: seven.name });
  });

  it('fails, and is not refused, while what is kept of a merchant of before cannot be read', async () => {
    const { stage, deliver, seven, before } = arrange(provider);
    stage.failing.add(`merchants/${provider}/${before.name}`);
    await expect(deliver(7, 'flat', before.flat('mall-1'))).rejects.toThrow('cannot be read');
    expect(await deliver(7, 'flat', seven.flat('mall-1'))).toMatchObject({ merchant: seven.name });
  });

  it('is refused where nothing is kept of the only merchant that there was', async () => {
    const { stage, seven } = arrange(provider);
    stage.put('tenants/7', { paid_to: 'own' });
    stage.enrol(registration(7, provider, seven.name));
    const { deliver } = startIn(stage, provider);
    await expect(deliver(7, 'flat', seven.flat('mall-1'))).rejects.toThrow(
      expect.objectContaining({ name: 'VerificationError', reason: 'unknown_key' }),
    );
  });
});

describe('merchants at WeChat Pay that share a platform key', () => {
  const platform = createWechatPlatform();
  const names = ['1900000001', '1900000007', '1900000008', '1900000009'];

  it('are told apart by what they decrypt with', async () => {
    const parties = names.map((name) => wechatParty(name, { platform }));
    const { deliver, seven, eight, before } = arrange('wechat', parties);
    expect(await deliver(7, 'native', before.native('mall-1'))).toMatchObject({ merchant: before.name });
    expect(await deliver(7, 'native', seven.native('mall-1'))).toMatchObject({ merchant: seven.name });
    await expect(deliver(7, 'native', eight.native('mall-1'))).rejects.toThrow(
      expect.objectContaining({ name: 'MalformedMessageError' }),
    );
  });

  it('and that key besides, are told apart by whom a message names', async () => {
    const parties = names.map((name) => wechatParty(name, { platform, apiv3Key: 'k'.repeat(32) }));
    const { deliver, seven, eight, before } = arrange('wechat', parties);
    expect(await deliver(7, 'native', before.native('mall-1'))).toMatchObject({ merchant: before.name });
    expect(await deliver(7, 'native', eight.native('mall-1'))).toMatchObject({
      merchant: `${seven.name}/${eight.name}`,
    });
  });
});

it('what fails under the current merchant’s keys is not tried under those of before, and not taken for refused', async () => {
  const { stage, seven, before } = arrange('stripe');
  const failing: FromDocument<Receivers> = (options) => {
    const receive = receiveStripe(options);
    return (document) => {
      const receivers = receive(document);
      const fail = () => Promise.reject(new Error('out of memory'));
      return receivers.name === seven.name ? { ...receivers, flat: fail } : receivers;
    };
  };
  const receive = await createReceivers(stage.parts(), 'stripe', failing)(7);
  await expect(receive?.('flat', before.flat('mall-1'))).rejects.toThrow('out of memory');
  expect(await receive?.('native', before.native('mall-1'))).toMatchObject({ merchant: before.name });
});

it('documents of genuine messages are pushed out of memory by no stranger', async () => {
  const { stage, deliver, seven, find } = arrange('stripe');
  for (let tenant_id = 100; tenant_id < 300; tenant_id++) {
    const party = stripeParty(`acct_Tenant${tenant_id}`);
    stage.put(`tenants/${tenant_id}`, { paid_to: 'own', stripe: party.document });
    stage.enrol(registration(tenant_id, 'stripe', party.name));
  }
  await deliver(7, 'flat', seven.flat('mall-1'));
  for (let tenant_id = 100; tenant_id < 300; tenant_id++) {
    await expect(deliver(tenant_id, 'flat', seven.flat('mall-1'))).rejects.toThrow(unverified);
  }
  const before = stage.reads.length;
  await find(7);
  expect(stage.reads).toHaveLength(before);
  await find(100);
  expect(stage.reads).toHaveLength(before + 1);
});

it('keeps the keys of a merchant of before that has proven in use, whoever sends to all others', async () => {
  const [current, before, other] = ['1900000001', '1900000002', '1900000003'].map((mchid) =>
    wechatParty(mchid),
  );
  if (!current || !before || !other) throw new Error('parties are missing');
  const stage = createDocumentStage({ wechat: { ...current.document, former: [before.name] } });
  stage.put(`merchants/wechat/${before.name}`, before.document);
  // More than are held of what somebody only asked for.
  const tenants = Array.from({ length: 150 }, (_, index) => index + 1);
  for (const tenant_id of tenants) {
    const mchid = `19000010${String(tenant_id).padStart(3, '0')}`;
    stage.put(`merchants/wechat/${mchid}`, { ...other.document, mchid, tenant_id });
    stage.enrol({ tenant_id, paid_to: 'stage', merchants: { wechat: [mchid] } });
    stage.put(`tenants/${tenant_id}`, { paid_to: 'stage' });
  }
  const find = createReceivers(
    { ...stage.parts(), io: { ...systemIo, now: () => NOW } },
    'wechat',
    receiveWechat,
  );
  const tell = async (tenant_id: number | null) =>
    (await find(tenant_id))?.('native', before.native('p1')).catch(() => 'refused');
  expect(await tell(null)).toMatchObject({ merchant: before.name });
  for (const tenant_id of tenants) expect(await tell(tenant_id)).toBe('refused');
  const reads = stage.reads.length;
  expect(await tell(null)).toMatchObject({ merchant: before.name });
  expect(stage.reads).toHaveLength(reads);
});

import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { isoTime } from '../../../../lib/io.ts';
import { providerAccount } from '../../../../lib/orders/ledger.ts';
import { tenantKey } from '../../../../lib/store/keys.ts';
import { putTenant, readTenantRegister } from '../../../../lib/store/tenant-store.ts';
import { createAlipayParty } from '../../../support/alipay.ts';
import { callbackOutputs } from '../../../support/callback-outputs.ts';
import { paidPayment, tenantOrder } from '../../../support/orders.ts';
import { useStore } from '../../../support/store.ts';
import { createStripeParty } from '../../../support/stripe.ts';
import { createWechatParty } from '../../../support/wechat.ts';
import { type Answers, runSetup } from './run-setup.ts';
import { useOperator } from './use-operator.ts';

const store = useStore();
const auth = { issuer: 'login', audience: 'settle', hs256_secret: 'Zk3sN9qLp0vX7tYb2mWc5dRf8hJg1aUe' };
const wechat = createWechatParty({ mchid: '1900000001' }).document;
const nextWechat = createWechatParty({ mchid: '1900000002' }).document;
const ownWechat = createWechatParty({ mchid: '1900000071' }).document;
const nextOwnWechat = createWechatParty({ mchid: '1900000072' }).document;
const alipay = createAlipayParty().document;
const stripe = createStripeParty().document;
const all = { auth, wechat, nextWechat, ownWechat, nextOwnWechat, alipay, stripe };
const ApiUrl = 'https://pay.example.com';

const operator = useOperator({ auth, wechat });
const { hold, file, stored } = operator;

beforeEach(async () => {
  for (const { tenant_id } of await readTenantRegister(store.context)) {
    const { client, tableName: TableName } = store.context;
    await client.send(new DeleteCommand({ TableName, Key: tenantKey(tenant_id) }));
  }
});

const setup = (words: readonly string[], answers?: Answers) => runSetup(words, answers, { documents: all });
const fromFolder = (...words: readonly string[]) => setup(['--from', operator.folder, '--yes', ...words]);
const register = () => readTenantRegister(store.context);

/** The lines of what was done. */
const done = (output: string) =>
  output.match(/^(?:stored|kept|registered|taken out|deleted|as is) .*/gm)?.map((line) => line.trim()) ?? [];

describe('a stage whose merchant changes', () => {
  beforeEach(() => file('wechat.json', nextWechat));

  it('keeps the one before, and names it', async () => {
    const { code, output } = await fromFolder('--only', 'wechat');
    expect(code).toBe(0);
    expect(done(output)).toEqual([
      'kept     settle/test/merchants/wechat/1900000001, the merchant until now',
      'stored   settle/test/wechat, of merchant 1900000002',
    ]);
    expect(await stored('merchants/wechat/1900000001')).toEqual(wechat);
    expect(await stored('wechat')).toEqual({ ...nextWechat, former: ['1900000001'] });
  });

  it('asks before it does so', async () => {
    const words = ['--from', operator.folder, '--only', 'wechat'];
    const refused = await setup(words, [
      [/^Set up test there\?$/, 'yes'],
      [/^Do this\?$/, 'no'],
    ]);
    expect(refused.code).toBe(2);
    expect(refused.output).toMatch(
      /^keep {5}settle\/test\/merchants\/wechat\/1900000001, the merchant until now\nstore {4}settle\/test\/wechat, of merchant 1900000002\nDo this\?$/m,
    );
    expect(await stored('wechat')).toEqual(wechat);
    expect(await stored('merchants/wechat/1900000001')).toBeNull();
  });

  it('goes on where it was interrupted', async () => {
    await hold({ auth, wechat, 'merchants/wechat/1900000001': wechat });
    const { output } = await fromFolder('--only', 'wechat');
    expect(done(output)).toEqual(['stored   settle/test/wechat, of merchant 1900000002']);
    expect(await stored('wechat')).toMatchObject({ former: ['1900000001'] });
  });

  it('is told where what is stored names no merchant that could be kept', async () => {
    await hold({ auth, wechat: { ...wechat, apiv3_key: 'short' } });
    const { code, output } = await fromFolder('--only', 'wechat');
    expect(code).toBe(0);
    expect(output).toMatch(
      /^warning {2}wechat: what is stored is not good and names no merchant: it is not kept/m,
    );
    expect(done(output)).toEqual(['stored   settle/test/wechat, of merchant 1900000002']);
  });

  it('changes nothing while there is no room for another of before', async () => {
    await hold({ auth, wechat: { ...wechat, former: ['1', '2', '3', '4', '5'] } });
    const { code, output } = await fromFolder('--only', 'wechat');
    expect(code).toBe(1);
    expect(output).toMatch(/^fault {4}wechat: its place for merchants of before is full, 5 at most: 1900/m);
    expect(output).toMatch(/Nothing was stored\.\n$/);
    expect(await stored('wechat')).toMatchObject({ mchid: '1900000001' });
  });

  it('keeps its merchants of before where only a key changes', async () => {
    await hold({ auth, wechat: { ...wechat, former: ['1'] } });
    const callback_keys = [...nextWechat.callback_keys, ...wechat.callback_keys];
    file('wechat.json', { ...wechat, callback_keys });
    const { output } = await fromFolder('--only', 'wechat');
    expect(done(output)).toEqual(['stored   settle/test/wechat, of merchant 1900000001']);
    expect(await stored('wechat')).toEqual({ ...wechat, callback_keys, former: ['1'] });
  });
});

describe('a provider that a stage does without', () => {
  it('is kept under its merchant, and then deleted', async () => {
    await hold({ auth, wechat, stripe });
    const { code, output } = await setup(['--yes', '--drop', 'stripe']);
    expect(code).toBe(0);
    expect(done(output)).toEqual([
      'kept     settle/test/merchants/stripe/acct_1SettleParty.test, the merchant until now',
      'deleted  settle/test/stripe, which can be restored for 30 days',
    ]);
    expect(await stored('stripe')).toBeNull();
    expect(await stored('merchants/stripe/acct_1SettleParty.test')).toEqual(stripe);
  });

  it('comes back with another merchant, which names the one before', async () => {
    await setup(['--yes', '--drop', 'wechat']);
    file('wechat.json', nextWechat);
    const { code } = await fromFolder('--only', 'wechat');
    expect(code).toBe(0);
    expect(await stored('wechat')).toEqual({ ...nextWechat, former: ['1900000001'] });
  });

  it.each([
    ['stripe', 1, /^fault {4}stripe is not stored: there is nothing to drop$/m],
    [
      'auth',
      2,
      /^setup: --drop must be one of wechat, alipay, stripe, wecom, webhooks, <provider>\/<merchant>$/m,
    ],
    ['all', 2, /^setup: --drop must be one of/],
    ['wechat/../auth', 2, /^setup: --drop must be one of/],
  ])('is not %s', async (word, code, said) => {
    const answered = await setup(['--yes', '--drop', word]);
    expect(answered.code).toBe(code);
    expect(answered.output + answered.errors).toMatch(said);
    expect(await stored('wechat')).toEqual(wechat);
  });
});

describe('at a terminal', () => {
  const own: Answers = [
    [/^Set up test there\?$/, 'yes'],
    [/^Whom is tenant 7 paid to\? own, stage$/, 'own'],
    [/^Which has tenant 7 of its own\? wechat, alipay, stripe$/, 'stripe'],
    [/^stripe\.secret_key: /, stripe.secret_key],
    [
      /^stripe\.webhook_secrets: .*\nthe webhook leads to https:\/\/pay\.example\.com\/api\/pay\/callback\/stripe\/7\n/,
      stripe.webhook_secrets.join(),
    ],
    [/^stripe\.success_url: /, stripe.success_url],
    [/^stripe\.cancel_url: /, stripe.cancel_url],
    [/^stripe\.account: /, stripe.account],
  ];

  it('asks whom a tenant is paid to, and what it has, before it asks for that', async () => {
    operator.stacks.set('settle-test', { outputs: { ApiUrl, ...callbackOutputs(ApiUrl) } });
    const call = () => Promise.reject(new TypeError('fetch failed'));
    const answers: Answers = [...own, [/^Do this\?$/, 'yes']];
    const { code, output } = await runSetup(['--tenant', '7'], answers, { documents: all, fetch: call });
    expect(code).toBe(0);
    expect(done(output)).toEqual([
      'stored   settle/test/tenants/7',
      'registered tenant 7, paid to merchants of its own; its own are or were stripe acct_1SettleParty.test',
    ]);
    expect(output).toContain(`address      ${ApiUrl}/api/pay/callback/stripe/7\n`);
    expect(output).toContain('npm run setup -- --stage test --tenant 7 --only stripe\n');
    expect(output).not.toContain('WeChat Pay, https');
  });

  it('asks a stage what it has, and asks for nothing else', async () => {
    await hold({ auth });
    const { code } = await setup(
      ['--yes'],
      [
        [
          /^Which of these does the stage have\?\n\(auth it has already.*\n? wechat, alipay, stripe, wecom$/,
          'wecom',
        ],
        [/^wecom\.webhook_url: /, 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4'],
      ],
    );
    expect(code).toBe(0);
    expect(await stored('wecom')).not.toBeNull();
    expect(await stored('wechat')).toBeNull();
  });
});

describe('a tenant', () => {
  const tenant = (...words: readonly string[]) => fromFolder('--tenant', '7', ...words);
  const own = (...names: readonly string[]) => ({
    tenant_id: 7,
    paid_to: 'own',
    merchants: { wechat: names },
  });

  it('is registered once its document is there', async () => {
    file('wechat.json', ownWechat);
    const { code, output } = await tenant('--paid-to', 'own');
    expect(code).toBe(0);
    expect(done(output)).toEqual([
      'stored   settle/test/tenants/7',
      'registered tenant 7, paid to merchants of its own; its own are or were wechat 1900000071',
    ]);
    expect(await stored('tenants/7')).toEqual({ paid_to: 'own', wechat: ownWechat });
    expect(await register()).toEqual([own('1900000071')]);
    expect(await stored('wechat')).toEqual(wechat);
  });

  describe('that has a merchant', () => {
    beforeEach(async () => {
      file('wechat.json', ownWechat);
      await tenant('--paid-to', 'own');
    });

    it('gets another part beside it', async () => {
      file('alipay.json', alipay);
      const { code } = await tenant('--only', 'alipay');
      expect(code).toBe(0);
      expect(await stored('tenants/7')).toEqual({ paid_to: 'own', wechat: ownWechat, alipay });
      expect(await register()).toEqual([
        {
          ...own(),
          merchants: { wechat: ['1900000071'], alipay: [`${alipay.app_id}.${alipay.seller_id}`] },
        },
      ]);
    });

    it('changes it: kept, listed, and then replaced', async () => {
      file('wechat.json', nextOwnWechat);
      const { code, output } = await tenant('--only', 'wechat');
      expect(code).toBe(0);
      expect(done(output).map((line) => line.split(/[ ,]+/, 2).join(' '))).toEqual([
        'kept settle/test/merchants/wechat/1900000071',
        'registered tenant',
        'stored settle/test/tenants/7',
      ]);
      expect(await stored('merchants/wechat/1900000071')).toEqual({ ...ownWechat, tenant_id: 7 });
      expect(await register()).toEqual([own('1900000072', '1900000071')]);
    });

    it('does without it, and nobody is paid for it', async () => {
      const { code } = await setup(['--yes', '--tenant', '7', '--drop', 'wechat']);
      expect(code).toBe(0);
      expect(await stored('tenants/7')).toEqual({ paid_to: 'own' });
      expect(await stored('merchants/wechat/1900000071')).toEqual({ ...ownWechat, tenant_id: 7 });
      expect(await register()).toEqual([own('1900000071')]);
    });

    it('goes over to the stage only where that is said', async () => {
      const words = ['--yes', '--tenant', '7', '--drop', 'all'];
      const silent = await setup(words);
      expect(silent.code).toBe(2);
      expect(silent.errors).toMatch(/^setup: --drop all leaves the tenant to the stage's merchants/);
      const { code, output } = await setup([...words, '--paid-to', 'stage']);
      expect(code).toBe(0);
      expect(done(output).map((line) => line.split(/[ ,]+/, 2).join(' '))).toEqual([
        'kept settle/test/merchants/wechat/1900000071',
        'registered tenant',
        'deleted settle/test/tenants/7',
      ]);
      expect(await register()).toEqual([{ ...own('1900000071'), paid_to: 'stage' }]);
    });

    it('keeps whom it is paid to, unless that is said', async () => {
      expect((await setup(['--yes', '--tenant', '7'])).code).toBe(0);
      expect(await register()).toEqual([own('1900000071')]);
      expect((await setup(['--yes', '--tenant', '7', '--paid-to', 'stage'])).code).toBe(0);
      expect(await stored('tenants/7')).toEqual({ paid_to: 'stage', wechat: ownWechat });
      expect(await register()).toEqual([{ ...own('1900000071'), paid_to: 'stage' }]);
    });

    it('is told what is wrong by its name, and nothing changes', async () => {
      file('wechat.json', { ...ownWechat, apiv3_key: 'short' });
      const { code, output } = await tenant('--only', 'wechat');
      expect(code).toBe(1);
      expect(output).toMatch(/^fault {4}tenant 7 wechat: apiv3_key must have at least 32 bytes$/m);
      expect(await stored('tenants/7')).toEqual({ paid_to: 'own', wechat: ownWechat });
    });
  });

  it('is asked for more than that it is paid to its own', async () => {
    const { code, output } = await setup(['--yes', '--tenant', '7', '--paid-to', 'own']);
    expect(code).toBe(1);
    expect(output).toMatch(/^fault {4}tenant 7 has no merchant of its own to be paid to$/m);
    expect(await register()).toEqual([]);
  });

  it.each([
    [['--tenant', '7'], '--paid-to is needed for a tenant'],
    [['--tenant', '07'], '--tenant must be a whole number'],
    [['--tenant', '9007199254740993'], '--tenant must be a whole number'],
    [['--tenant', '7', '--paid-to', 'us'], '--paid-to must be one of own, stage'],
    [['--tenant', '7', '--only', 'wecom'], '--only must be one of wechat, alipay, stripe'],
    [['--paid-to', 'own'], '--paid-to is of a tenant'],
    [['--drop', 'wechat', '--only', 'wechat'], '--drop stands without --only'],
  ])('is named rightly: %j', async (words, problem) => {
    const { code, errors } = await setup(['--yes', ...words]);
    expect(code).toBe(2);
    expect(errors).toContain(problem);
  });

  it('needs the table', async () => {
    const { TABLE_NAME: _name, ...variables } = process.env;
    const before = process.env;
    process.env = { ...variables, AWS_ENDPOINT_URL_DYNAMODB: before['AWS_ENDPOINT_URL_DYNAMODB'] };
    expect((await setup(['--yes', '--tenant', '7', '--paid-to', 'stage'])).code).toBe(0);
    expect(await register()).toEqual([{ tenant_id: 7, paid_to: 'stage', merchants: {} }]);
    process.env = before;
  });
});

describe('what two merchants have in common', () => {
  const refused = async (documents: Readonly<Record<string, unknown>>, ...words: readonly string[]) => {
    await hold({ auth, wechat, ...documents });
    const { code, output } = await fromFolder(...words);
    expect(code).toBe(1);
    expect(output).toMatch(/Nothing was stored\.\n$/);
    return output.match(/^fault .*/gm)?.map((line) => line.replace(/^fault +/, ''));
  };

  it.each([
    ['private_key', { private_key: wechat.private_key }, 'private_key'],
    ['private_key, written otherwise', { private_key: bare(wechat.private_key) }, 'private_key'],
    ['apiv3_key', { apiv3_key: [nextWechat.apiv3_key, wechat.apiv3_key] }, 'apiv3_key.1'],
    ['callback key', { callback_keys: wechat.callback_keys }, 'callback_keys.0'],
  ])("is refused: a stage's and a tenant's %s", async (_what, changes, field) => {
    file('wechat.json', { ...ownWechat, ...changes });
    const [other = ''] = field.split('.1');
    expect(await refused({}, '--tenant', '7', '--paid-to', 'own')).toEqual([
      `tenants/7 wechat has in ${field} the same key as ${other} of wechat`,
    ]);
    expect(await register()).toEqual([]);
  });

  it('is refused: a secret key, or a webhook secret', async () => {
    file('stripe.json', { ...stripe, account: 'acct_1AnotherParty' });
    const kept = { 'merchants/stripe/acct_1SettleParty.test': { ...stripe, tenant_id: 8 } };
    expect(await refused(kept, '--only', 'stripe')).toEqual([
      expect.stringMatching(/has in secret_key the same key as secret_key of/),
      expect.stringMatching(/has in webhook_secrets\.0 the same key as webhook_secrets\.0 of/),
    ]);
  });

  it('is refused: a key of the one before in its successor', async () => {
    file('wechat.json', { ...nextWechat, callback_keys: wechat.callback_keys });
    expect(await refused({}, '--only', 'wechat')).toEqual([
      expect.stringMatching(/the same key as callback_keys\.0 of/),
    ]);
    expect(await stored('merchants/wechat/1900000001')).toBeNull();
  });

  it("is refused: an app's secret under another app; one app of two merchants has one secret", async () => {
    const [one, other] = ['wx0000000000000001', 'wx0000000000000002'];
    const secret = '0123456789abcdef0123456789abcdef';
    const documents = { wechat: { ...wechat, apps: { [one]: { secret } } } };
    file('wechat.json', { ...ownWechat, apps: { [other]: { secret } } });
    expect(await refused(documents, '--tenant', '7', '--paid-to', 'own')).toEqual([
      `tenants/7 wechat has in apps.${other}.secret the same key as apps.${one}.secret of wechat`,
    ]);
    file('wechat.json', { ...ownWechat, apps: { [one]: { secret } } });
    expect((await fromFolder('--tenant', '7', '--paid-to', 'own')).code).toBe(0);
  });

  it('is refused: the same merchant twice', async () => {
    file('wechat.json', { ...ownWechat, mchid: wechat.mchid });
    expect(await refused({}, '--tenant', '7', '--paid-to', 'own')).toEqual([
      'tenants/7 wechat is of the same merchant as wechat',
    ]);
  });

  it('is not what a merchant has that is back', async () => {
    await hold({
      auth,
      wechat: { ...nextWechat, former: ['1900000001'] },
      'merchants/wechat/1900000001': wechat,
    });
    file('wechat.json', wechat);
    expect((await fromFolder('--only', 'wechat')).code).toBe(0);
    expect(await stored('wechat')).toEqual({ ...wechat, former: ['1900000002'] });
  });

  it('is not what others have that nobody touches', async () => {
    await hold({ auth, wechat, 'tenants/8': { paid_to: 'own', wechat } });
    file('stripe.json', stripe);
    expect((await fromFolder('--only', 'stripe')).code).toBe(0);
  });
});

describe('a merchant of before', () => {
  const merchant = { provider: 'wechat', merchant: '1900000001' } as const;
  const withFormer = {
    auth,
    wechat: { ...nextWechat, former: ['1900000001'] },
    'merchants/wechat/1900000001': wechat,
  };
  const drop = () => setup(['--yes', '--drop', 'wechat/1900000001']);

  async function book(days_ago: number, of: typeof merchant | { provider: 'wechat'; merchant: string }) {
    const booked_at = isoTime(Date.now() - days_ago * 86_400_000);
    const order = tenantOrder();
    const paid = paidPayment(order, of);
    const record = { ...paid, booking: { debit: providerAccount(of), credit: paid.payee, booked_at } };
    await store.put({ put: 'payment', record });
  }

  it('stays while a payment of it can be refunded', async () => {
    await hold(withFormer);
    await book(400, merchant);
    await book(10, merchant);
    const { code, output } = await drop();
    expect(code).toBe(1);
    expect(output).toMatch(/^fault {4}wechat\/1900000001 is needed until \d{4}-\d\d-\d\d, for refunds$/m);
    expect(await stored('merchants/wechat/1900000001')).toEqual(wechat);
  });

  it('goes after a year, from the document that names it first', async () => {
    const old = { provider: 'wechat', merchant: '1900000003' } as const;
    const { document } = createWechatParty({ mchid: old.merchant });
    await hold({
      ...withFormer,
      wechat: { ...nextWechat, former: ['1900000001', old.merchant] },
      'merchants/wechat/1900000003': document,
    });
    await book(367, old);
    const { code, output } = await setup(['--yes', '--drop', 'wechat/1900000003']);
    expect(code).toBe(0);
    expect(done(output)).toEqual([
      'stored   settle/test/wechat, of merchant 1900000002',
      'deleted  settle/test/merchants/wechat/1900000003, which can be restored for 30 days',
    ]);
    expect(await stored('wechat')).toMatchObject({ former: ['1900000001'] });
  });

  it("of a tenant goes from the register, with the tenant's last word", async () => {
    await hold({ auth, 'merchants/wechat/1900000071': { ...ownWechat, tenant_id: 7 } });
    await putTenant(store.context, { tenant_id: 7, paid_to: 'stage', merchants: { wechat: ['1900000071'] } });
    const { code } = await setup(['--yes', '--drop', 'wechat/1900000071']);
    expect(code).toBe(0);
    expect(await register()).toEqual([]);
    expect(await stored('merchants/wechat/1900000071')).toBeNull();
  });
});

/** The same key without the lines around it. */
function bare(pem: string): string {
  return pem.replace(/-----[^-]+-----|\n/g, '');
}

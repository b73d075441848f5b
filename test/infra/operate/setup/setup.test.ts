import { createPublicKey } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { beforeEach, describe, expect, it } from 'vitest';
import { callbackOutput, type DocumentName, documentNames, endpoints } from '../../../../infra/endpoints.ts';
import { isPlaceholder } from '../../../../infra/operate/documents/document-fields.ts';
import { createCertificate } from '../../../support/certificate.ts';
import { createParties } from '../../../support/parties.ts';
import { rsaKeys } from '../../../support/rsa-keys.ts';
import { webhookSecret } from '../../../support/webhook-secret.ts';
import { startFakeAws } from './fake-aws.ts';
import { type Answers, runSetup, type Said } from './run-setup.ts';
import { useOperator } from './use-operator.ts';

const { documents: providers } = createParties();
const { callback_keys: _, ...alipayWithoutKeys } = providers.alipay;
const wecom = { webhook_url: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4' };
const auth = { issuer: 'login', audience: 'settle', hs256_secret: 'Zk3sN9qLp0vX7tYb2mWc5dRf8hJg1aUe' };
const webhooks = { url: 'https://shop.example.com/settle', secrets: [webhookSecret(1)] };
const { base_url: __, ...stripe } = providers.stripe as Record<string, unknown>;
const documents: Record<DocumentName, Record<string, unknown>> = {
  auth,
  wechat: providers.wechat,
  alipay: alipayWithoutKeys,
  stripe,
  wecom,
  webhooks,
};

const ApiUrl = 'https://pay.example.com';
const outputs = {
  ApiUrl,
  TableName: 'settle-test',
  ...Object.fromEntries(
    endpoints
      .filter(({ callback }) => callback)
      .map((endpoint) => [callbackOutput(endpoint), ApiUrl + endpoint.path]),
  ),
};

/** What was asked of Stripe, and the account that it answers with: none where the key may not ask. */
const stripeCalls: { readonly url: string; readonly key: string | null }[] = [];
let stripeAccount: string | null = null;
const askStripe: typeof fetch = async (input, init) => {
  const { url, headers } = new Request(input, init);
  stripeCalls.push({ url, key: headers.get('authorization') });
  if (stripeAccount !== null) return Response.json({ id: stripeAccount, object: 'account' });
  return Response.json({ error: { type: 'invalid_request_error' } }, { status: 403 });
};
const operator = useOperator();
const { hold, file, stored } = operator;

beforeEach(() => {
  stripeCalls.length = 0;
  stripeAccount = null;
});

const writeAll = (changes: Partial<typeof documents> = {}) => {
  for (const [name, document] of Object.entries({ ...documents, ...changes })) file(`${name}.json`, document);
};

/** The command as a person runs it, who gives these answers; without any, nobody is there to be asked. */
const setup = (words: readonly string[], answers?: Answers): Promise<Said> =>
  runSetup(words, answers, { fetch: askStripe, documents });

const fromFolder = (...words: readonly string[]) => setup(['--from', operator.folder, '--yes', ...words]);

describe('setup from a folder', () => {
  it('says where it is, stores every document, and says what comes next', async () => {
    writeAll();
    const { code, output, errors } = await fromFolder();
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output).toContain(
      'stage test: account 123456789012, region eu-central-1 (aws), as arn:aws:iam::123456789012:user/deployer',
    );
    for (const name of documentNames)
      expect(output).toMatch(new RegExp(`^stored   settle/test/${name}\\b`, 'm'));
    expect(output).toMatch(/^ {2}npx cdk deploy --all -c stage=test$/m);
    expect(await stored('wechat')).toEqual(providers.wechat);
  });

  it('makes what need not come from anywhere else, once', async () => {
    const { webhook_secrets: _secrets, ...unhooked } = stripe;
    writeAll({ stripe: unhooked });
    const { output } = await fromFolder();
    expect(output).toMatch(/^note +alipay: callback_keys was left out: one is made at random$/m);
    expect(output).toMatch(/^warning +stripe: webhook_secrets is made up/m);
    const [first, webhooks] = [await stored('alipay'), await stored('stripe')];
    expect(first?.['callback_keys']).toEqual([expect.stringMatching(/^[\w-]{43}$/)]);
    expect(webhooks?.['webhook_secrets']).toEqual([expect.toSatisfy(isPlaceholder)]);
    const { output: second } = await fromFolder();
    expect(second.match(/^as is /gm)).toHaveLength(6);
    expect(await stored('alipay')).toEqual(first);
  });

  it('finds out whose the secret key of Stripe is, where the folder does not say', async () => {
    const { account: _account, ...unnamed } = stripe;
    stripeAccount = 'acct_1FoundByItsKey00';
    writeAll({ stripe: { ...unnamed, base_url: 'https://stripe.example.com' } });
    const { code, output } = await fromFolder();
    expect(code).toBe(0);
    expect(output).toMatch(/^note +stripe: account was left out: stripe says acct_1FoundByItsKey00$/m);
    expect(stripeCalls).toEqual([
      { url: 'https://stripe.example.com/v1/account', key: `Bearer ${stripe['secret_key']}` },
    ]);
    expect(await stored('stripe')).toMatchObject({ account: 'acct_1FoundByItsKey00' });
  });

  it.each([
    ['the key may not ask', {}],
    ['the key is none', { secret_key: 'pk_test_4eC39HqLyjWDarjtT1zdp7dc' }],
  ])('names the account of Stripe as missing where %s', async (_why, changes) => {
    const { account: _account, ...unnamed } = stripe;
    writeAll({ stripe: { ...unnamed, ...changes } });
    const { code, output } = await fromFolder();
    expect(code).toBe(1);
    expect(output).toMatch(/^fault +stripe: account is missing$/m);
    expect(stripeCalls).toHaveLength('secret_key' in changes ? 0 : 1);
  });

  it('asks Stripe nothing where the folder says it', async () => {
    writeAll();
    await fromFolder();
    expect(stripeCalls).toEqual([]);
  });

  it('keeps what is stored and takes what is new', async () => {
    writeAll();
    await fromFolder();
    rmSync(join(operator.folder, 'wechat.json'));
    file('auth.json', { ...auth, audience: 'other' });
    const { code, output } = await fromFolder();
    expect(code).toBe(0);
    expect(output).toContain('stored   settle/test/auth\n');
    expect(output).toContain('as is    settle/test/wechat, which is stored already\n');
    expect(await stored('auth')).toMatchObject({ audience: 'other' });
  });

  it('replaces one document only', async () => {
    writeAll();
    await fromFolder();
    writeAll({ auth: { ...auth, audience: 'other' }, wecom: { webhook_url: `${wecom.webhook_url}-2` } });
    const { output } = await fromFolder('--only', 'wecom');
    expect(output).not.toContain('settle/test/auth');
    expect(await stored('auth')).toMatchObject({ audience: 'settle' });
    expect(await stored('wecom')).toEqual({ webhook_url: `${wecom.webhook_url}-2` });
  });

  it('names every field that is wrong, of every document, and stores nothing', async () => {
    writeAll({
      wechat: { ...providers.wechat, apiv3_key: 'short', mchid: '' },
      stripe: { ...stripe, secret_key: 'pk_test_4eC39HqLyjWDarjtT1zdp7dc' },
    });
    const { code, output } = await fromFolder();
    expect(code).toBe(1);
    expect(output).toMatch(/^fault +wechat: mchid must not be empty$/m);
    expect(output).toMatch(/^fault +wechat: apiv3_key must have at least 32 bytes$/m);
    expect(output).toMatch(/^fault +stripe: secret_key must be a secret or restricted key/m);
    expect(output).toMatch(/Nothing was stored\.\n$/);
    for (const name of documentNames) expect(await stored(name)).toBeNull();
  });

  it('names the one document that is needed and is nowhere, and stores nothing', async () => {
    writeAll();
    rmSync(join(operator.folder, 'auth.json'));
    const { code, output } = await fromFolder();
    expect(code).toBe(1);
    expect(output).toMatch(/^fault +auth: settle\/test\/auth is not stored, and there is no auth\.json$/m);
    expect(await stored('stripe')).toBeNull();
  });

  it('takes a stage with one provider, and tells of no other', async () => {
    file('auth.json', auth);
    file('stripe.json', stripe);
    operator.stacks.set('settle-test', { outputs });
    const { code, output } = await fromFolder();
    expect(code).toBe(0);
    expect(output.match(/^(stored|fault|warning|note) .*/gm)).toEqual([
      'stored   settle/test/auth',
      'stored   settle/test/stripe, of merchant acct_1SettleParty.test',
    ]);
    expect(output).toContain(`address      ${ApiUrl}/api/pay/callback/stripe\n`);
    expect(output).not.toMatch(/wechat|alipay|WeChat|Alipay|Mini-program/);
    expect(await stored('wechat')).toBeNull();
  });

  it('adds a provider to it later, and keeps what is there', async () => {
    file('auth.json', auth);
    file('stripe.json', stripe);
    await fromFolder();
    file('alipay.json', documents.alipay);
    file('wechat.json', documents.wechat);
    const { code, output } = await fromFolder('--only', 'alipay', '--only', 'wechat');
    expect(code).toBe(0);
    expect(output.match(/^(stored|as is) +settle\/test\/\w+/gm)).toEqual([
      'stored   settle/test/alipay',
      'stored   settle/test/wechat',
    ]);
    expect(await stored('stripe')).toEqual(stripe);
  });

  it('says how a document that was deleted is brought back', async () => {
    await hold({ auth, wecom });
    await new SecretsManagerClient().send(new DeleteSecretCommand({ SecretId: 'settle/test/wecom' }));
    const { code, output } = await setup(['--yes', '--only', 'wecom']);
    expect(code).toBe(1);
    expect(output).toMatch(
      /^settle\/test\/wecom is deleted, .*: aws secretsmanager restore-secret --secret-id settle\/test\/wecom$/m,
    );
  });

  it('says which file is no document, and not what is in it', async () => {
    writeAll();
    file('wechat.json', '{"private_key": secret');
    const { code, errors } = await fromFolder();
    expect(code).toBe(2);
    expect(errors).toMatch(/^setup: .*wechat\.json is not a JSON object\n/);
  });

  it.each([
    ['is not there', () => join(operator.folder, 'none'), 'is no folder'],
    ['is a file', () => file('auth.json', auth), 'is no folder'],
    ['holds no document', () => operator.folder, 'holds none of auth.json, wechat.json'],
  ])('refuses a folder that %s, whatever is stored', async (_what, from, problem) => {
    writeAll();
    await fromFolder();
    for (const name of documentNames) rmSync(join(operator.folder, `${name}.json`));
    const { code, errors } = await setup(['--from', from(), '--yes']);
    expect(code).toBe(2);
    expect(errors).toContain(problem);
  });

  it('wants to be told to go on where nobody can be asked', async () => {
    writeAll();
    const { code, errors } = await setup(['--from', operator.folder]);
    expect(code).toBe(2);
    expect(errors).toMatch(/^setup: --yes is needed/);
  });
});

describe('setup with a stack', () => {
  it('says what to enter at each provider, whether the stack came before or after', async () => {
    writeAll();
    operator.stacks.set('settle-test', { outputs });
    const first = await fromFolder();
    for (const path of endpoints.flatMap(({ callback, path }) => (callback ? [path] : []))) {
      expect(first.output).toContain(`${ApiUrl}${path}`);
    }
    expect(first.output).toMatch(/request合法域名\n +https:\/\/pay\.example\.com\n/);
    expect(first.output).not.toContain('cdk deploy');
    operator.stacks.clear();
    expect((await fromFolder()).output).toContain('cdk deploy');
    operator.tables.add('settle-test');
    expect((await fromFolder()).output).toMatch(
      /^ {2}npx cdk deploy --all -c stage=test --import-existing-resources$/m,
    );
    operator.stacks.set('settle-test-data', { outputs: {} });
    expect((await fromFolder()).output).not.toContain('--import-existing-resources');
    operator.stacks.set('settle-test', { outputs });
    expect((await fromFolder()).output).toContain(`${ApiUrl}/api/pay/callback/stripe`);
  });
});

describe('setup of a WeChat Pay account, with its certificate at hand', () => {
  const merchant = rsaKeys();
  const serial = '5157F09EFDC096DE15EBE81A47057A7232F1B8E1';
  const certificate = createCertificate({
    publicKey: merchant.publicKey,
    issuerKey: merchant.privateKey,
    serial,
    validFrom: Date.now() - 1_000,
    validUntil: Date.now() + 100 * 86_400_000,
  });
  const private_key = merchant.privateKey.export({ type: 'pkcs8', format: 'pem' });

  it('finds a serial or a key of another certificate', async () => {
    file('apiclient_cert.pem', certificate);
    file('wechat.json', providers.wechat);
    const wrong = await fromFolder('--only', 'wechat');
    expect(wrong.output).toMatch(/^fault +wechat: serial_no is not that of apiclient_cert\.pem, 5157F09E/m);
    expect(wrong.output).toMatch(/^fault +wechat: private_key does not belong to apiclient_cert\.pem$/m);
    file('wechat.json', { ...providers.wechat, serial_no: serial, private_key });
    const right = await fromFolder('--only', 'wechat');
    expect(right.code).toBe(0);
    expect(right.output).not.toMatch(/^note /m);
  });

  it('reads the serial out of it, and holds the key to it', async () => {
    const { wechat } = providers;
    const enter = '';
    const { code, output } = await setup(
      ['--yes', '--only', 'wechat'],
      [
        [/^wechat\.appid: /, wechat.appid],
        [/^wechat\.mchid: /, wechat.mchid],
        [/^wechat\.serial_no: /, file('cert.pem', certificate)],
        [/^wechat\.private_key: /, file('other_key.pem', wechat.private_key)],
        [/^wechat\.apiv3_key: /, wechat.apiv3_key],
        [/^wechat\.public_keys: /, file('pub_key.pem', Object.values(wechat.public_keys)[0])],
        [/its id, PUB_KEY_ID_/, 'PUB_KEY_ID_1'],
        [/path of another/, enter],
        [/^wechat\.callback_keys: /, enter],
        [/^wechat\.apps: /, enter],
        [/^wechat\.appid: /, enter],
        [/^wechat\.mchid: /, enter],
        [/^wechat\.serial_no: /, enter],
        [/^wechat\.private_key: /, file('apiclient_key.pem', private_key)],
        [/^wechat\.apiv3_key: /, enter],
        [/^wechat\.public_keys: /, enter],
        [/^wechat\.callback_keys: /, enter],
        [/^wechat\.apps: /, enter],
      ],
    );
    expect(code).toBe(0);
    expect(output).toContain('wechat: private_key does not belong to apiclient_cert.pem\n');
    expect(await stored('wechat')).toMatchObject({ serial_no: serial, private_key });
  });

  it('takes a serial that is typed in place of the certificate that was the wrong one', async () => {
    file('wechat.json', providers.wechat);
    await fromFolder('--only', 'wechat');
    const enter = '';
    const round = (serial_no: string): [RegExp, string][] => [
      [/^wechat\.appid: /, enter],
      [/^wechat\.mchid: /, enter],
      [/^wechat\.serial_no: /, serial_no],
      [/^wechat\.private_key: /, enter],
      [/^wechat\.apiv3_key: /, enter],
      [/^wechat\.public_keys: /, enter],
      [/^wechat\.callback_keys: /, enter],
      [/^wechat\.apps: /, enter],
    ];
    const { code, output } = await setup(
      ['--yes', '--only', 'wechat'],
      [...round(file('cert.pem', certificate)), ...round(providers.wechat.serial_no)],
    );
    expect(code).toBe(0);
    expect(output).toContain('wechat: private_key does not belong to apiclient_cert.pem\n');
    expect(await stored('wechat')).toEqual(providers.wechat);
  });

  it('says what cannot be checked without it', async () => {
    file('wechat.json', providers.wechat);
    const { output } = await fromFolder('--only', 'wechat');
    expect(output).toMatch(/^note +wechat: whether serial_no is of private_key's certificate/m);
    expect((await setup(['--yes', '--only', 'wechat'])).output).not.toMatch(/^note /m);
  });
});

describe('setup at a terminal', () => {
  const enter = '';
  const stripeAnswers: readonly [RegExp, string][] = [
    [/^stripe\.secret_key: /, String(stripe['secret_key'])],
    [/^stripe\.webhook_secrets: .*\nthe webhook leads to https:\/\/pay\.example\.com\/api/, enter],
    [/^stripe\.success_url: /, 'https://shop.example.com/paid'],
    [/^stripe\.cancel_url: /, 'https://shop.example.com/'],
  ];
  const account = String(stripe['account']);
  beforeEach(() => {
    operator.stacks.set('settle-test', { outputs });
  });

  it('asks whether it is the right account', async () => {
    const { code, errors } = await setup([], [[/^Set up test there\?$/, 'no']]);
    expect({ code, errors }).toEqual({ code: 2, errors: 'setup: nothing was done\n' });
  });

  it('asks nothing of somebody whose answers could not be kept', async () => {
    const others = documentNames.filter((name) => name !== 'wecom');
    await hold({ wecom }, others);
    const { code, errors } = await setup(['--yes'], []);
    expect({ code, errors }).toEqual({ code: 2, errors: expect.stringContaining('not authorized') });
  });

  it('asks for the account of Stripe where Stripe does not say', async () => {
    const { code } = await setup(
      ['--yes', '--only', 'stripe'],
      [...stripeAnswers, [/^stripe\.account: /, 'pk_1'], [/account must be/, account]],
    );
    expect(code).toBe(0);
    expect(await stored('stripe')).toMatchObject({ account });
  });

  it('asks field by field, and again for what is wrong', async () => {
    stripeAccount = account;
    const [first, ...rest] = stripeAnswers;
    const { code, output } = await setup(
      ['--yes', '--only', 'stripe'],
      [
        [/^stripe\.secret_key: /, enter],
        [/^secret_key is needed$/, 'pk_test_4eC39HqLyjWDarjtT1zdp7dc'],
        [/secret_key must be a secret or restricted key/, first?.[1] ?? ''],
        ...rest,
      ],
    );
    expect(code).toBe(0);
    expect(output).toMatch(/^warning +stripe: webhook_secrets is made up/m);
    expect(output).toContain(`stripe.account: ${account}, as stripe says\n`);
    expect(await stored('stripe')).toEqual({
      account,
      secret_key: stripe['secret_key'],
      webhook_secrets: [expect.toSatisfy(isPlaceholder)],
      success_url: 'https://shop.example.com/paid',
      cancel_url: 'https://shop.example.com/',
    });
  });

  it('keeps with Enter what is stored, and asks of nothing that is good', async () => {
    file('stripe.json', { ...stripe, base_url: 'https://stripe.example.com' });
    await fromFolder('--only', 'stripe');
    const { code } = await setup(
      ['--yes', '--only', 'stripe'],
      [
        [/^stripe\.secret_key: .*\n.*Enter keeps what is stored/, enter],
        [/^stripe\.webhook_secrets: /, 'whsec_aaaabbbbccccddddeeeeffff, whsec_111122223333444455556666'],
        [/^stripe\.success_url: /, enter],
        [/^stripe\.cancel_url: /, enter],
        [/^stripe\.account: .*\n.*Enter keeps what is stored/, enter],
      ],
    );
    expect(code).toBe(0);
    expect(await stored('stripe')).toEqual({
      ...stripe,
      base_url: 'https://stripe.example.com',
      webhook_secrets: ['whsec_aaaabbbbccccddddeeeeffff', 'whsec_111122223333444455556666'],
    });
    writeAll();
    await fromFolder();
    expect((await setup(['--yes'], [])).output.match(/^as is /gm)).toHaveLength(6);
  });

  it('asks for an address that nobody is asked for, once it is wrong', async () => {
    await hold({ stripe: { ...stripe, base_url: 'http://127.0.0.1:1' } });
    const { code, output } = await setup(
      ['--yes', '--only', 'stripe'],
      [
        [/^stripe\.secret_key: /, enter],
        [/^stripe\.webhook_secrets: /, enter],
        [/^stripe\.success_url: /, enter],
        [/^stripe\.cancel_url: /, enter],
        [/^stripe\.base_url: .*\n.*- leaves it out/, '-'],
        [/^stripe\.account: /, enter],
      ],
    );
    expect(code).toBe(0);
    expect(output.indexOf('stripe: base_url leads to')).toBeLessThan(output.indexOf('stripe.secret_key: '));
    expect(output).toContain('stripe: base_url leads to');
    expect(await stored('stripe')).toEqual(stripe);
  });

  it('reads keys and certificates from files', async () => {
    const wechat = providers.wechat;
    const [[id, publicKey] = ['', '']] = Object.entries(wechat.public_keys);
    const { code } = await setup(
      ['--yes', '--only', 'wechat'],
      [
        [/^wechat\.appid: /, wechat.appid],
        [/^wechat\.mchid: /, wechat.mchid],
        [/^wechat\.serial_no: /, wechat.serial_no],
        [/^wechat\.private_key: /, join(operator.folder, 'none.pem')],
        [/^private_key must be the path of a file$/, file('apiclient_key.pem', wechat.private_key)],
        [/^wechat\.apiv3_key: /, wechat.apiv3_key],
        [/^wechat\.public_keys: /, file('pub_key.pem', publicKey)],
        [/its id, PUB_KEY_ID_/, id],
        [/path of another/, enter],
        [/^wechat\.callback_keys: /, enter],
        [/^wechat\.apps: /, enter],
      ],
    );
    expect(code).toBe(0);
    expect(await stored('wechat')).toEqual({
      ...wechat,
      callback_keys: [expect.stringMatching(/^[\w-]{43}$/)],
    });
  });

  it('asks for apps and their secrets, which join those that are stored', async () => {
    const [one, other] = ['wx0000000000000001', 'wx0000000000000002'];
    const [secret, next] = ['0123456789abcdef0123456789abcdef', 'fedcba9876543210fedcba9876543210'];
    file('wechat.json', providers.wechat);
    await fromFolder('--only', 'wechat');
    const kept: Answers = [
      'appid',
      'mchid',
      'serial_no',
      'private_key',
      'apiv3_key',
      'public_keys',
      'callback_keys',
    ].map((field) => [new RegExp(`^wechat\\.${field}: `), enter] as const);
    const ask = (...answers: Answers) => setup(['--yes', '--only', 'wechat'], [...kept, ...answers]);
    const first = await ask(
      [/^wechat\.apps: AppID of .*\n\(Enter leaves it out\)$/, 'no appid'],
      [/^apps must name apps by appid$/, one],
      [/^AppSecret of wx0000000000000001 .*\n\(masked; Enter leaves it out\)$/, 'short'],
      [/^apps must be the secret of an app$/, secret],
      [/^AppID of another/, other],
      [/^AppSecret of wx0000000000000002 /, enter],
      [/^AppID of another/, enter],
    );
    expect(first.code).toBe(0);
    expect(first.output).not.toContain(secret);
    expect(await stored('wechat')).toEqual({ ...providers.wechat, apps: { [one]: { secret }, [other]: {} } });
    await ask(
      [/^wechat\.apps: .*\n\(Enter keeps what is stored; - leaves it out\)$/, one],
      [/^AppSecret of wx0000000000000001 .*\n\(masked; Enter keeps what is stored\)$/, enter],
      [/^AppID of another/, other],
      [/^AppSecret of wx0000000000000002 /, next],
      [/^AppID of another/, enter],
    );
    const both = { [one]: { secret }, [other]: { secret: next } };
    expect(await stored('wechat')).toEqual({ ...providers.wechat, apps: both });
    await ask([/^wechat\.apps: /, enter]);
    expect(await stored('wechat')).toEqual({ ...providers.wechat, apps: both });
    await ask([/^wechat\.apps: /, '-']);
    expect(await stored('wechat')).toEqual(providers.wechat);
  });

  it('asks for one source of token keys, and makes a secret when there is none', async () => {
    await setup(
      ['--yes', '--only', 'auth'],
      [
        [/^auth\.issuer: /, 'login'],
        [/^auth\.audience: /, 'settle'],
        [/^auth\.keys: .* jwks_url, jwks, hs256_secret$/, 'hs256_secret'],
        [/^auth\.hs256_secret: /, enter],
      ],
    );
    expect(await stored('auth')).toMatchObject({ hs256_secret: expect.stringMatching(/^[\w-]{43}$/) });
    await setup(
      ['--yes', '--only', 'auth'],
      [
        [/^auth\.issuer: /, enter],
        [/^auth\.audience: /, enter],
        [/^auth\.keys: .* hs256_secret, jwks_url, jwks$/, 'jwks_url'],
        [/^auth\.jwks_url: /, enter],
        [/^jwks_url is needed$/, 'https://login.example.com/jwks.json'],
      ],
    );
    expect(await stored('auth')).toEqual({
      issuer: 'login',
      audience: 'settle',
      jwks_url: 'https://login.example.com/jwks.json',
    });
  });

  it('asks again, with what was answered, when the whole does not fit', async () => {
    const { alipay } = providers;
    const own = createPublicKey(alipay.private_key).export({ type: 'spki', format: 'pem' }).toString();
    const key = file('private.pem', alipay.private_key);
    const { code, output } = await setup(
      ['--yes', '--only', 'alipay'],
      [
        [/^alipay\.app_id: /, alipay.app_id],
        [/^alipay\.seller_id: /, alipay.seller_id],
        [/^alipay\.private_key: /, key],
        [/^alipay\.alipay_public_key: /, file('own.pem', own)],
        [/^alipay\.callback_keys: /, enter],
        [/^alipay\.app_cert: /, enter],
        [/^alipay\.app_id: .*\n.*Enter keeps/, enter],
        [/^alipay\.seller_id: /, enter],
        [/^alipay\.private_key: /, enter],
        [/^alipay\.alipay_public_key: /, file('alipay.pem', alipay.alipay_public_key)],
        [/^alipay\.callback_keys: /, enter],
        [/^alipay\.app_cert: /, enter],
      ],
    );
    expect(code).toBe(0);
    expect(output).toContain("alipay: alipay_public_key is the app's own key: it must be Alipay's\n");
    expect(await stored('alipay')).toMatchObject({ alipay_public_key: alipay.alipay_public_key });
  });
});

describe('setup in China', () => {
  it('says so', async () => {
    const china = await startFakeAws('aws-cn');
    const { ...elsewhere } = process.env;
    Object.assign(process.env, china.environment, { AWS_REGION: 'cn-north-1' });
    writeAll();
    const { code, output } = await fromFolder();
    Object.assign(process.env, elsewhere);
    await china.stop();
    expect(code).toBe(0);
    expect(output).toContain('region cn-north-1 (aws-cn)');
  });
});

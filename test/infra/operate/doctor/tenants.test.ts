import { describe, expect, it } from 'vitest';
import { endpoints } from '../../../../infra/endpoints.ts';
import { formatResult, type Result } from '../../../../infra/operate/doctor/check.ts';
import { checkStageDocuments } from '../../../../infra/operate/doctor/documents.ts';
import { checkRoutes } from '../../../../infra/operate/doctor/routes.ts';
import { checkTenants } from '../../../../infra/operate/doctor/tenants.ts';
import type { Document } from '../../../../infra/operate/documents/stored-document.ts';
import type { PaidTo } from '../../../../lib/config/tenant-document.ts';
import type { Registration } from '../../../../lib/merchants/tenant-register.ts';
import { createStripeParty } from '../../../support/stripe.ts';
import { createWechatParty } from '../../../support/wechat.ts';
import { storedDocuments } from './stored.ts';

const at = { stage: 'dev', now: Date.parse('2026-11-22T06:00:00Z') };
const auth = { issuer: 'login', audience: 'settle', hs256_secret: 'Zk3sN9qLp0vX7tYb2mWc5dRf8hJg1aUe' };
const wechat = createWechatParty({ mchid: '1900000071' }).document;
const otherWechat = createWechatParty({ mchid: '1900000001' }).document;
const stripe = createStripeParty().document;

const shown = (results: readonly Result[]) => results.map(formatResult);
const wrong = (results: readonly Result[]) => shown(results.filter(({ level }) => level !== 'ok'));

const registered = (paid_to: PaidTo, names: readonly string[] = ['1900000071']): Registration => ({
  tenant_id: 7,
  paid_to,
  merchants: names.length > 0 ? { wechat: names } : {},
});
const setup = 'Run npm run setup -- --stage dev --tenant 7';

describe('a tenant', () => {
  it.each<[string, Registration, Document | 'absent' | 'deleted' | 'malformed', readonly string[]]>([
    ['is sound', registered('own'), { paid_to: 'own', wechat }, []],
    [
      'has no document',
      registered('own'),
      'absent',
      [
        `fault    tenant 7: its document is not stored: nobody is paid for it, and its checkouts are refused. ${setup}`,
      ],
    ],
    [
      'has one that somebody deleted',
      registered('own'),
      'deleted',
      [
        expect.stringMatching(
          /^fault +tenant 7: its document is deleted.* Run aws secretsmanager restore-secret --secret-id settle\/dev\/tenants\/7$/,
        ),
      ],
    ],
    ['is paid to the stage and has none', registered('stage', []), 'absent', []],
    [
      'has a document that says otherwise',
      registered('own'),
      { paid_to: 'stage', wechat },
      [`fault    tenant 7: paid_to is own in the register and stage in its document. ${setup}`],
    ],
    [
      'says that it is paid to its own, and is not',
      registered('stage'),
      { paid_to: 'own', wechat },
      [`warning  tenant 7: paid_to is stage in the register and own in its document. ${setup}`],
    ],
    [
      'has a document that says nothing',
      registered('own'),
      { wechat },
      [`fault    tenant 7: paid_to must be one of own, stage. ${setup}`],
    ],
    [
      'has nobody to be paid',
      registered('own', []),
      { paid_to: 'own' },
      [`fault    tenant 7: has no merchant of its own: nobody is paid for it. ${setup}`],
    ],
    [
      'has a part that is not good',
      registered('own'),
      { paid_to: 'own', wechat: { ...wechat, apiv3_key: 'short' } },
      [`fault    tenant 7 wechat: apiv3_key must have at least 32 bytes. ${setup} --only wechat`],
    ],
    [
      'has a merchant that is not listed',
      registered('own', ['1900000070']),
      { paid_to: 'own', wechat },
      [
        `fault    tenant 7 wechat: the register does not list 1900000071: it is refused. ${setup} --only wechat`,
      ],
    ],
    [
      'has a part that is used for nothing',
      registered('stage', []),
      { paid_to: 'stage', wechat },
      ["warning  tenant 7 wechat: is used for nothing: the tenant is paid to the stage's merchants"],
    ],
    ['has a part of before', registered('stage'), { paid_to: 'stage', wechat }, []],
    [
      'has a part of no provider',
      registered('own'),
      { paid_to: 'own', wechat, paypal: {} },
      ["warning  tenant 7: paypal is no part of a tenant's document"],
    ],
  ])('that %s', (_what, registration, document, expected) => {
    const documents = storedDocuments({ 'tenants/7': document });
    expect(wrong(checkTenants([registration], documents, 7, at))).toEqual(expected);
    // Among others, the same is wrong, and no more is said.
    const all = shown(checkTenants([registration], documents, null, at));
    const own = registration.paid_to === 'own' ? 1 : 0;
    const sums = `ok       tenants: 1 registered, ${own} of them paid to merchants of their own`;
    expect(all).toEqual([sums, ...expected]);
  });

  it('that is asked about is told with all that it has', () => {
    const apps = { wx0000000000000002: {} };
    const documents = storedDocuments({
      'tenants/7': { paid_to: 'own', wechat: { ...wechat, apps }, stripe },
    });
    const merchants = { wechat: ['1900000071'], stripe: ['acct_1SettleParty.test'] };
    expect(shown(checkTenants([{ tenant_id: 7, paid_to: 'own', merchants }], documents, 7, at))).toEqual([
      'ok       tenant 7: is paid to merchants of its own',
      'ok       tenant 7 wechat: complete and valid, of merchant 1900000071 in the apps wxd678efh567hg6787, wx0000000000000002',
      'ok       tenant 7 stripe: complete and valid, of merchant acct_1SettleParty.test',
    ]);
  });

  it.each([
    ['fault  ', { paid_to: 'own', wechat }],
    ['warning', { paid_to: 'stage' }],
    ['warning', { paid_to: 'nobody' }],
  ])('that has a document and is not registered is found: %s, %j', (level, document) => {
    const documents = storedDocuments({ 'tenants/7': document });
    const expected = `${level}  tenant 7: has a document and is not registered: it is paid to the stage's merchants. ${setup}`;
    expect(wrong(checkTenants([], documents, null, at))).toEqual([expected]);
    expect(wrong(checkTenants([], documents, 7, at))).toEqual([expected]);
    expect(wrong(checkTenants([], documents, 8, at))).toEqual([]);
  });

  it('is one line among a thousand that are sound', () => {
    const register = Array.from({ length: 1_000 }, (_, index) => ({
      ...registered('stage', []),
      tenant_id: index + 1,
    }));
    expect(shown(checkTenants(register, storedDocuments({}), null, at))).toEqual([
      'ok       tenants: 1000 registered, 0 of them paid to merchants of their own',
    ]);
  });
});

describe('a stage', () => {
  const check = (byName: Parameters<typeof storedDocuments>[0]) =>
    shown(checkStageDocuments(storedDocuments(byName), at));

  it('with one provider hears of no other', () => {
    expect(check({ auth, stripe, wechat: 'absent', alipay: 'absent', wecom: 'absent' })).toEqual([
      'ok       document auth: complete and valid',
      'ok       document stripe: complete and valid, of merchant acct_1SettleParty.test',
      'ok       providers of the stage: stripe',
    ]);
  });

  it('that does without one it had hears no more of it', () => {
    const { mchid } = wechat;
    expect(check({ auth, stripe, wechat: 'deleted', [`merchants/wechat/${mchid}`]: wechat })).toHaveLength(3);
    expect(check({ auth, stripe, wechat: 'deleted' })).toContainEqual(
      expect.stringMatching(/^fault +document wechat: is deleted, .*restore-secret/),
    );
  });

  it('without any is told so', () => {
    expect(check({ auth })[1]).toMatch(/^warning +providers of the stage: none: only tenants/);
  });

  it('without a login is told so', () => {
    expect(check({ stripe })[0]).toMatch(/^fault +document auth: is not stored/);
  });

  it('is told of its apps, where there are several', () => {
    const apps = { wx0000000000000002: { secret: 'f'.repeat(32) } };
    expect(check({ auth, wechat: { ...wechat, apps } })[1]).toBe(
      'ok       document wechat: complete and valid, of merchant 1900000071 in the apps wxd678efh567hg6787, wx0000000000000002',
    );
  });

  it('that shares a key with a tenant is warned, by the names of the fields', () => {
    const { callback_keys } = otherWechat;
    const tenant = { paid_to: 'own', wechat: { ...wechat, callback_keys } };
    const lines = check({ auth, wechat: otherWechat, 'tenants/7': tenant });
    expect(lines.at(-1)).toBe(
      'warning  keys: tenants/7 wechat has in callback_keys.0 the same key as callback_keys.0 of wechat: each needs keys of its own',
    );
    expect(lines.join()).not.toContain(callback_keys[0]);
  });

  it('in which many share a key is told once of each', () => {
    const { callback_keys } = otherWechat;
    const tenants = [6, 7, 8].map((id) => {
      const own = createWechatParty({ mchid: `190000007${id}` }).document;
      return [`tenants/${id}`, { paid_to: 'own', wechat: { ...own, callback_keys } }] as const;
    });
    const lines = check({ auth, wechat: otherWechat, ...Object.fromEntries(tenants) });
    const places = lines.map((line) => /^warning +keys: (\S+)/.exec(line)?.[1]).filter(Boolean);
    expect(places).toEqual(tenants.map(([name]) => name));
  });

  it('that may not list its documents is told that not all were looked at', () => {
    const refusal = Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });
    const [first] = checkStageDocuments(storedDocuments({ auth, stripe }, refusal), at);
    expect(first).toEqual({
      level: 'warning',
      check: 'documents',
      text: 'could not be found out: AccessDeniedException: not authorized',
    });
  });
});

it('looks at no route of what the stage does not have', async () => {
  const asked: string[] = [];
  const answer: typeof fetch = async (input) => {
    asked.push(new URL(String(input)).pathname);
    return new Response('', { status: 401 });
  };
  const results = await checkRoutes({ fetch: answer }, 'https://pay.example.com', {
    providers: ['stripe'],
    webhooks: false,
  });
  expect(asked.filter((path) => /alipay|wechat|notify|webhooks/.test(path))).toEqual([]);
  expect(asked).toContain('/api/pay/callback/stripe');
  const others = endpoints.filter(
    ({ callback = [], stack }) => stack !== undefined || callback.some((form) => /alipay|wechat/.test(form)),
  );
  expect(results).toHaveLength(endpoints.length - others.length + 1);
});

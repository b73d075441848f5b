import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { documentNames } from '../../../../infra/endpoints.ts';
import { chooseNames } from '../../../../infra/operate/setup/choose.ts';
import { readStage } from '../../../../infra/stages.ts';
import { tenantKey } from '../../../../lib/store/keys.ts';
import { readTenantRegister } from '../../../../lib/store/tenant-store.ts';
import { useStore } from '../../../support/store.ts';
import { createStripeParty } from '../../../support/stripe.ts';
import { webhookSecret } from '../../../support/webhook-secret.ts';
import { type Answers, runSetup } from './run-setup.ts';
import { useOperator } from './use-operator.ts';

const store = useStore();
const auth = { issuer: 'login', audience: 'settle', hs256_secret: 'Zk3sN9qLp0vX7tYb2mWc5dRf8hJg1aUe' };
const [inUse, next, last] = [webhookSecret(1), webhookSecret(2), webhookSecret(3)];
const url = 'https://shop.example.com/settle';
const webhooks = { url, secrets: [inUse] };
const stripe = createStripeParty().document;
const made = expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/);
const enter = '';

const operator = useOperator({ auth });
const { hold, file, stored } = operator;

beforeEach(async () => {
  for (const { tenant_id } of await readTenantRegister(store.context)) {
    const { client, tableName: TableName } = store.context;
    await client.send(new DeleteCommand({ TableName, Key: tenantKey(tenant_id) }));
  }
});

const documents = { auth, stripe, webhooks: { secrets: [inUse, next, last] } };
const setup = (words: readonly string[], answers?: Answers) =>
  runSetup(['--yes', ...words], answers, { documents });
const only = (...answers: Answers) => setup(['--only', 'webhooks'], answers);

describe("the stage's document webhooks", () => {
  it('is asked for field by field, and its secret is made', async () => {
    operator.stacks.set('settle-test', { outputs: {} });
    const { code, output } = await only(
      [/^webhooks\.url: address that is told/, 'http://shop.example.com/settle'],
      [/^url must be/, url],
      [/^webhooks\.secrets: .*whsec_…\n\(masked; Enter makes one\)$/, enter],
      [
        /^webhooks\.events: .*order\.paid, .*dispute\.closed; all .*\n\(Enter leaves it out\)$/,
        'order.payed',
      ],
      [/^events\S* must/, 'order.paid, refund.succeeded'],
      [/^webhooks\.tenant_events: .*\n\(yes or no; Enter leaves it out\)$/, 'ja'],
      [/^tenant_events must be yes or no$/, 'yes'],
    );
    expect(code).toBe(0);
    expect(output).toContain('stored   settle/test/webhooks\n');
    expect(output).toMatch(/^ +npm run webhooks -- test --stage test$/m);
    expect(await stored('webhooks')).toEqual({
      url,
      secrets: [made],
      events: ['order.paid', 'refund.succeeded'],
      tenant_events: true,
    });
  });

  const rotate = (...answers: Answers) =>
    only(
      [/^webhooks\.url: /, enter],
      ...answers,
      [/^webhooks\.events: /, enter],
      [/^webhooks\.tenant_events: /, enter],
    );

  it.each<[string, readonly string[], Answers, readonly unknown[]]>([
    ['keeps', [inUse], [[/^webhooks\.secrets: .* keep, make, enter$/, 'keep']], [inUse]],
    ['puts one that it makes first', [inUse], [[/^webhooks\.secrets: /, 'make']], [made, inUse]],
    [
      'puts one that is given first',
      [inUse],
      [
        [/^webhooks\.secrets: /, 'enter'],
        [/^secrets: another\n\(masked\)$/, 'whsec_c2hvcnQ='],
        [/^secrets\S* must/, next],
      ],
      [next, inUse],
    ],
    ['lets go of one of before', [inUse, last], [[/^webhooks\.secrets: /, 'make']], [made, inUse]],
    ['ends a rotation', [inUse, last], [[/^webhooks\.secrets: .* enter, end$/, 'end']], [inUse]],
  ])('%s', async (_what, before, answers, after) => {
    await hold({ auth, webhooks: { url, secrets: before } });
    expect((await rotate(...answers)).code).toBe(0);
    expect(await stored('webhooks')).toEqual({ url, secrets: after });
  });

  it('keeps its secret where a folder gives none', async () => {
    await hold({ auth, webhooks });
    file('webhooks.json', { url: 'https://shop.example.com/new' });
    const { output } = await setup(['--from', operator.folder, '--only', 'webhooks']);
    expect(output).not.toMatch(/made at random/);
    expect(await stored('webhooks')).toEqual({ url: 'https://shop.example.com/new', secrets: [inUse] });
  });

  it.each<[string, object, RegExp]>([
    ['leads here', { ...webhooks, url: 'https://127.0.0.1/settle' }, /^fault +webhooks: url /m],
    [
      'has a secret twice',
      { url, secrets: [inUse, inUse] },
      /^(fault|warning) +webhooks: secrets\S* .*twice/m,
    ],
    [
      'has a field of another name',
      { ...webhooks, event: ['order.paid'] },
      /^(fault|warning) +webhooks: event /m,
    ],
  ])('that %s is not stored as if nothing were', async (_what, document, line) => {
    file('webhooks.json', document);
    expect((await setup(['--from', operator.folder, '--only', 'webhooks'])).output).toMatch(line);
  });

  it('is dropped', async () => {
    await hold({ auth, webhooks });
    const { code, output } = await setup(['--drop', 'webhooks']);
    expect(code).toBe(0);
    expect(output).toContain('deleted  settle/test/webhooks, which can be restored for 30 days\n');
    expect(await stored('webhooks')).toBeNull();
  });

  it('is offered where the stage has the stack, and else to whoever names it', async () => {
    const offered: string[] = [];
    const prompts = {
      isInteractive: true,
      chooseSome: async (_question: string, choices: readonly { value: string }[]) => {
        offered.push(choices.map(({ value }) => value).join(' '));
        return [];
      },
    };
    for (const isOn of [true, false]) {
      const stage = { ...readStage('dev'), webhooks: isOn };
      const options = { only: [], folder: null, tenant_id: null, stage };
      await chooseNames(options, prompts as never, documentNames, (name) => name === 'auth');
    }
    expect(offered).toEqual(['wechat alipay stripe wecom webhooks', 'wechat alipay stripe wecom']);
  });
});

describe("a tenant's webhooks", () => {
  const tenant = (words: readonly string[], answers?: Answers) => setup(['--tenant', '7', ...words], answers);

  it('are a part of its document, and make it known where it is paid to the stage', async () => {
    const { code, output } = await tenant(
      ['--paid-to', 'stage', '--only', 'webhooks'],
      [
        [/^webhooks\.url: /, url],
        [/^webhooks\.secrets: /, next],
        [/^webhooks\.events: /, enter],
      ],
    );
    expect(code).toBe(0);
    expect(output).toContain("registered tenant 7, paid to the stage's merchants\n");
    expect(await stored('tenants/7')).toEqual({ paid_to: 'stage', webhooks: { url, secrets: [next] } });
  });

  it('stay while its merchants change, and go without them', async () => {
    const parts = { stripe, webhooks: { url, secrets: [next] } };
    for (const [name, part] of Object.entries(parts)) file(`${name}.json`, part);
    await tenant(['--paid-to', 'own', '--from', operator.folder]);
    expect(await stored('tenants/7')).toEqual({ paid_to: 'own', ...parts });
    await tenant(['--paid-to', 'stage', '--drop', 'stripe']);
    expect(await stored('tenants/7')).toEqual({ paid_to: 'stage', webhooks: parts.webhooks });
    const { code, output } = await tenant(['--drop', 'webhooks']);
    expect(code).toBe(0);
    expect(output).toContain('deleted  settle/test/tenants/7');
  });

  it('are no merchant to be paid to', async () => {
    file('webhooks.json', webhooks);
    const { code, output } = await tenant(['--paid-to', 'own', '--from', operator.folder]);
    expect(code).toBe(1);
    expect(output).toMatch(/^fault +tenant 7 has no merchant of its own to be paid to$/m);
  });

  it('say nothing of other tenants', async () => {
    file('webhooks.json', { ...webhooks, tenant_events: true });
    const { code, output } = await tenant(['--paid-to', 'stage', '--from', operator.folder]);
    expect(code).toBe(1);
    expect(output).toMatch(/^fault +tenant 7 webhooks: tenant_events /m);
  });

  it.each([
    ['stage', { webhooks: webhooks }],
    ['other tenant', { 'tenants/8': { paid_to: 'stage', webhooks } }],
  ])('are refused where a secret of theirs is that of the %s', async (_whose, others) => {
    await hold({ auth, ...others });
    file('webhooks.json', { url, secrets: [next, inUse] });
    const { code, output } = await tenant(['--paid-to', 'stage', '--from', operator.folder]);
    expect(code).toBe(1);
    expect(output).toMatch(
      /^fault +tenants\/\d webhooks has in secrets\.\d the same key as secrets\.\d of /m,
    );
    expect(await stored('tenants/7')).toBeNull();
  });
});

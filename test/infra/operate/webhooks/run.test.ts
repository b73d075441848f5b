import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { localUser } from '../../../../infra/local/tokens.ts';
import { domainEventData } from '../../../../lib/domain-events/domain-event.ts';
import { createHttpClient } from '../../../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../../../support/local-system.ts';
import {
  type LoopbackServer,
  type ServerAnswer,
  type ServerCall,
  startLoopbackServer,
} from '../../../support/loopback-server.ts';
import { webhookSecret } from '../../../support/webhook-secret.ts';
import { type FakeAws, startFakeAws } from '../setup/fake-aws.ts';

const main = fileURLToPath(new URL('../../../../infra/operate/webhooks/main.ts', import.meta.url));
const secrets = [webhookSecret(1), webhookSecret(2)];
let shop: LoopbackServer;
let aws: FakeAws;
let system: TestSystem;
let answer: ServerAnswer;

beforeAll(async () => {
  shop = await startLoopbackServer(() => answer);
  aws = await startFakeAws();
  system = await startTestSystem({
    documents: {
      webhooks: { url: `${shop.baseUrl}/hooks/stage?key=hush-hush`, secrets },
      tenants: {
        7: { paid_to: 'stage', webhooks: { url: `${shop.baseUrl}/hooks/7`, secrets: [webhookSecret(3)] } },
      },
    },
  });
});
beforeEach(() => {
  answer = { status: 204, body: '' };
  shop.calls.length = 0;
});
afterAll(async () => {
  await system?.stop();
  await aws?.stop();
  await shop?.close();
});

interface Said {
  readonly code: unknown;
  readonly output: string;
  readonly errors: string;
}

/** The command as a person runs it, in the environment that the local system names. */
async function webhooks(words: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<Said> {
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, ...system.operatorEnvironment, ...aws.environment, ...variables };
  const said = await new Promise<Said>((resolve) => {
    execFile(process.execPath, [main, ...words], { env }, (error, output, errors) =>
      resolve({ code: error?.code ?? 0, output, errors }),
    );
  });
  expect(said.output + said.errors).not.toMatch(/whsec_|hush/);
  return said;
}

const verify = (secret: string, { body, headers }: ServerCall) =>
  new Webhook(secret).verify(body, headers as Record<string, string>) as { type: string; data: object };

describe('npm run webhooks -- test', () => {
  const test = (...words: readonly string[]) => webhooks(['test', '--stage', 'local', ...words]);

  it('sends an example that verifies under both secrets, and says that it was taken', async () => {
    const { code, output, errors } = await test();
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output.split('\n')).toEqual([
      `sent     order.paid of mall-0 to ${shop.baseUrl}, signed under both secrets, as during a rotation`,
      expect.stringMatching(/^taken {4}204 after \d+ ms$/),
      '',
    ]);
    const [call] = shop.calls;
    if (!call) throw new Error('nothing was sent');
    expect(call.path).toBe('/hooks/stage');
    for (const secret of secrets) {
      const { type, data } = verify(secret, call);
      expect(type).toBe('order.paid');
      expect(domainEventData['order.paid'].parse(data)).toEqual(data);
    }
  });

  it('sends another each time', async () => {
    await test();
    await test();
    expect(new Set(shop.calls.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
  });

  it('sends it to a tenant, as of an order of its own', async () => {
    expect(await test('--tenant', '7')).toMatchObject({ code: 0 });
    const [call] = shop.calls;
    if (!call) throw new Error('nothing was sent');
    expect(call.path).toBe('/hooks/7');
    const { data } = verify(webhookSecret(3), call);
    expect(data).toMatchObject({ tenant_id: 7, kind: 'tenant' });
    expect(domainEventData['order.paid'].parse(data)).toEqual(data);
  });

  it.each<[number, RegExp]>([
    [500, /^refused {2}500 after \d+ ms: only 2xx counts as taken$/m],
    [410, /^refused {2}410 after \d+ ms: it wants no more/m],
    [302, /^refused {2}302 after \d+ ms: redirects are not followed$/m],
  ])('says that it was not taken: %d', async (status, line) => {
    answer = { status, headers: { location: `${shop.baseUrl}/elsewhere` }, body: '' };
    const { code, output } = await test();
    expect(code).toBe(1);
    expect(output).toMatch(line);
    expect(shop.calls).toHaveLength(1);
  });

  it('sends nothing to this machine unless it may', async () => {
    const { code, errors } = await webhooks(['test', '--stage', 'local'], { WEBHOOK_LOOPBACK: '' });
    expect({ code, errors }).toEqual({ code: 2, errors: expect.stringMatching(/"webhooks": url must be/) });
    expect(shop.calls).toEqual([]);
  });

  it('has nobody to send it to', async () => {
    const { code, errors } = await test('--tenant', '9007');
    expect(code).toBe(2);
    expect(errors).toMatch(/^webhooks: tenant 9007 has no webhooks of its own, or is not registered: /);
  });
});

describe('npm run webhooks -- publish', () => {
  const day = ['--from', '2026-01-01', '--to', '2099-01-01T00:00:00Z'] as const;
  const publish = (...words: readonly string[]) =>
    webhooks(['publish', '--stage', 'local', ...day, ...words]);
  const call = () => createHttpClient(system.url);
  const about = (order_no: string) =>
    shop.calls.filter(({ body }) => JSON.parse(body).data.order_no === order_no);

  /** An order that costs nothing: paid without a provider. */
  async function payWithPoints(id: number): Promise<string> {
    const { admin = '', user = '' } = system.tokens ?? {};
    const body = { user_id: localUser, amount: 0, points: 5, description: '苹果' };
    await call()('PUT', `/v2/orders/mall/${id}`, { token: admin, body });
    await call()('POST', `/v2/orders/mall/${id}/pay`, { token: user });
    await expect.poll(() => about(`mall-${id}`)).toHaveLength(1);
    return `mall-${id}`;
  }

  it('publishes what happened again, which reaches nobody twice who took it', async () => {
    const first = await payWithPoints(101);
    const second = await payWithPoints(102);
    const all = await publish();
    expect({ code: all.code, errors: all.errors }).toEqual({ code: 0, errors: '' });
    expect(all.output).toMatch(/^ +2 order\.paid\nevents published: 2; items read: \d+\n$/);
    const one = await publish('--order', first);
    expect(one.output).toBe('       1 order.paid\nevents published: 1; items read: 0\n');
    // By what comes after them, what was published before would have come.
    await payWithPoints(103);
    expect([about(first).length, about(second).length]).toEqual([1, 1]);
  });

  it('says that the stage has no bus', async () => {
    const { code, errors } = await webhooks(['publish', '--stage', 'local', ...day], { EVENT_BUS_NAME: '' });
    expect(code).toBe(2);
    expect(errors).toBe(
      'webhooks: stage local has no bus in this account and region: nobody is told of events. Set webhooks in infra/stages.ts, and run npx cdk deploy --all -c stage=local\n',
    );
  });

  it('finds the bus by its stack', async () => {
    const EventBusName = system.operatorEnvironment['EVENT_BUS_NAME'] ?? '';
    aws.stacks.set('settle-local-webhooks', { outputs: { EventBusName } });
    const { code } = await webhooks(['publish', '--stage', 'local', ...day], { EVENT_BUS_NAME: '' });
    aws.stacks.clear();
    expect(code).toBe(0);
  });
});

it.each([
  [[], 'say what to do: test or publish'],
  [['send'], 'say what to do: test or publish'],
  [['test', 'it'], "'it' belongs to no option"],
  [['test', '--from', '2026-11-21'], '--from, --to and --order are of publish'],
  [['publish', '--from', '2026-11-21'], '--to must be a time, as 2026-11-21 or 2026-11-21T08:00:00Z'],
  [['publish', '--from', '2026-11-21T08:00', '--to', '2026-11-22'], '--from must be a time'],
  [['publish', '--from', '2026-13-41', '--to', '2026-11-22'], '--from must be a time'],
  [['publish', '--from', '2026-02-01', '--to', '2026-02-30'], '--to must be a time'],
  [['publish', '--from', '2026-02-30T08:00:00Z', '--to', '2026-11-22'], '--from must be a time'],
  [['publish', '--from', '2026-11-22', '--to', '2026-11-21'], '--from must not be after --to'],
  [['publish', '--tenant', '7'], '--tenant is of test'],
  [['test', '--tenant', 'x'], '--tenant must be a whole number from 1'],
])('says how it is called: %j', async (words, message) => {
  const { code, output, errors } = await webhooks(words);
  expect({ code, output }).toEqual({ code: 2, output: '' });
  expect(errors).toContain(`webhooks: ${message}`);
  expect(errors).toContain('npm run webhooks -- --help');
});

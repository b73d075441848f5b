import { afterEach, describe, expect, it, vi } from 'vitest';
import { createQueue } from '../../../../infra/local/queue/queue.ts';
import { startQueueServer } from '../../../../infra/local/queue/server.ts';
import { formatResult, type Result } from '../../../../infra/operate/doctor/check.ts';
import { checkDeliveries } from '../../../../infra/operate/doctor/deliveries.ts';
import { checkEndpoints } from '../../../../infra/operate/doctor/endpoints.ts';
import { checkEventRules } from '../../../../infra/operate/doctor/event-rules.ts';
import { checkWebhooks, type WebhookSubject } from '../../../../infra/operate/doctor/webhooks.ts';
import { heldWebhooks } from '../../../../infra/operate/documents/held-webhooks.ts';
import { isoTime } from '../../../../lib/io.ts';
import type { Delivery, EndpointState, Receiver } from '../../../../lib/webhooks/delivery.ts';
import { createMemoryDeliveries } from '../../../lib/webhooks/memory-deliveries.ts';
import { deliveryOf, START } from '../../../support/deliveries.ts';
import { type LoopbackServer, startLoopbackServer } from '../../../support/loopback-server.ts';
import { webhookSecret } from '../../../support/webhook-secret.ts';
import { storedDocuments } from './stored.ts';

const HOUR_MS = 3_600_000;
const webhooks = { url: 'https://shop.example.com/settle?key=hush', secrets: [webhookSecret(1)] };
const shown = (results: readonly Result[]) => results.map(formatResult);

const nothing: WebhookSubject = {
  ...{ stack: null, busName: null, queueUrl: null, failedBatchesUrl: null, deliveries: null },
  resolve: async () => [{ address: '93.184.216.34', family: 4 }],
};
const known = (isOn: boolean | undefined, document: object | 'absent' = 'absent') => ({
  ...{ stage: 'dev', settings: { webhooks: isOn }, tenant_id: null, now: START },
  documents: storedDocuments({ webhooks: document as never }),
});
const deployed = { name: 'settle-dev-webhooks', status: 'UPDATE_COMPLETE', outputs: {} };

describe('the stack of webhooks', () => {
  const check = async (
    stack: WebhookSubject['stack'],
    ...[isOn, document]: Parameters<typeof known>
  ): Promise<readonly string[]> => {
    const lines = shown(await checkWebhooks({ ...nothing, stack }, known(isOn, document)));
    return lines.filter((line) => !line.includes('endpoint of'));
  };

  it('is missed by nobody whom a stage without it has nothing to tell', async () => {
    expect(await check('absent', false)).toEqual([]);
    expect(await check(null, true)).toEqual([]);
  });

  it.each<[string, WebhookSubject['stack'], boolean, object | 'absent', RegExp]>([
    [
      'that is set and not there',
      'absent',
      true,
      webhooks,
      /^fault .* Run npx cdk deploy --all -c stage=dev$/,
    ],
    [
      'that a document waits for',
      'absent',
      false,
      webhooks,
      /^warning .*: webhooks says who is told .* no settle-dev-webhooks/,
    ],
    ['that is there and not set', deployed, false, webhooks, /^warning .* is not set in infra\/stages\.ts/],
    ['that stands', deployed, true, webhooks, /^ok +webhooks stack: settle-dev-webhooks is UPDATE_COMPLETE$/],
    [
      'that did not hold',
      { ...deployed, status: 'UPDATE_ROLLBACK_COMPLETE' },
      true,
      webhooks,
      /^warning +webhooks stack: settle-dev-webhooks is UPDATE_ROLLBACK_COMPLETE/,
    ],
  ])('%s is told of', async (_what, stack, isOn, document, line) => {
    expect(await check(stack, isOn, document)).toEqual([expect.stringMatching(line)]);
  });

  it('that tells nobody is told of', async () => {
    expect(await check(deployed, true)).toEqual([
      expect.stringMatching(/^ok +webhooks stack/),
      expect.stringMatching(/^warning +endpoints: no document says who is told: .* --only webhooks$/),
    ]);
  });
});

describe('an endpoint', () => {
  const tenants = {
    'tenants/7': { paid_to: 'stage', webhooks },
    'tenants/8': { paid_to: 'stage', webhooks },
  };
  const documents = (own: object) => Object.entries({ webhooks: own, ...tenants });
  const stateOf = (receiver: Receiver, hours: number): EndpointState => ({
    ...{ receiver, failures: 12, paused_until: null, pauses: 0 },
    failing_since: isoTime(START - hours * HOUR_MS),
  });

  async function check(
    own: object = webhooks,
    {
      states = [] as readonly EndpointState[],
      resolve = nothing.resolve,
      tenant_id = null as number | null,
    } = {},
  ) {
    const store = { listEndpoints: async () => states };
    const held = heldWebhooks(documents(own) as never);
    return shown(await checkEndpoints(held, tenant_id, { store, resolve, now: START }));
  }

  it('that is well is told of by its host alone, and those of tenants not at all', async () => {
    expect(await check()).toEqual([
      'ok       endpoint of the stage: https://shop.example.com, and nothing fails',
    ]);
  });

  it('of the tenant that is asked about is told of, and of no other', async () => {
    const lines = await check(webhooks, { tenant_id: 7, states: [stateOf('tenant:8', 30)] });
    expect(lines.map((line) => line.split(': ')[0])).toEqual([
      'ok       endpoint of the stage',
      'ok       endpoint of tenant 7',
    ]);
  });

  it('whose secret is rotated is said to be', async () => {
    const secrets = [webhookSecret(2), webhookSecret(1)];
    expect((await check({ ...webhooks, secrets }))[0]).toMatch(/; it has two secrets, as during a rotation$/);
  });

  it.each([
    [23, 'warning'],
    [24, 'fault'],
  ])('that has taken nothing for %d hours is a %s, whoever it is', async (hours, level) => {
    const states = [stateOf('stage', hours), stateOf('tenant:8', hours)];
    const since = isoTime(START - hours * HOUR_MS);
    const problem = `has taken nothing since ${since}, in 12 attempts. Look at the runbook, "endpoint-failing"`;
    expect(await check(webhooks, { states })).toEqual([
      `${level.padEnd(8)} endpoint of the stage: ${problem}`,
      `${level.padEnd(8)} endpoint of tenant 8: ${problem}`,
    ]);
  });

  it.each<[string, WebhookSubject['resolve'], RegExp]>([
    [
      'leads into a network of its own',
      async () => [
        { address: '93.184.216.34', family: 4 },
        { address: '10.0.0.7', family: 4 },
      ],
      /^fault +endpoint of the stage: shop\.example\.com has an address that is not a public one/,
    ],
    [
      'leads nowhere',
      () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' })),
      /^fault .* shop\.example\.com has no address/,
    ],
    [
      'cannot be looked up from here',
      () => Promise.reject(Object.assign(new Error('x'), { code: 'EAI_AGAIN' })),
      /^unknown .* could not be found out: no word of shop\.example\.com \(EAI_AGAIN\)$/,
    ],
  ])('whose name %s is found', async (_what, resolve, line) => {
    expect((await check(webhooks, { resolve }))[0]).toMatch(line);
  });

  it('of the local system is not looked up', async () => {
    const local = { ...webhooks, url: 'http://127.0.0.1:3001/inbox/stage' };
    const resolve = () => Promise.reject(new Error('asked'));
    expect((await check(local, { resolve }))[0]).toMatch(/^ok .*: http:\/\/127\.0\.0\.1:3001, and nothing/);
  });

  it('whose document is refused is left to the check of its document', async () => {
    expect(await check({ url: 'http://shop.example.com', secrets: [] })).toEqual([]);
  });

  it('of which the table does not tell', async () => {
    const store = {
      listEndpoints: () =>
        Promise.reject(Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' })),
    };
    expect(shown(await checkEndpoints([], null, { store, resolve: nothing.resolve, now: START }))).toEqual([
      'warning  endpoints: could not be found out: AccessDeniedException: not authorized',
    ]);
  });
});

describe('deliveries', () => {
  const failing: EndpointState = {
    ...{ receiver: 'tenant:7', failures: 1, paused_until: null, pauses: 0 },
    failing_since: isoTime(START),
  };

  async function check(deliveries: readonly Delivery[], due: readonly Delivery[] = []) {
    const { store, endpoints } = createMemoryDeliveries(...deliveries);
    endpoints.set('tenant:7', failing);
    const listDue = async (now: string) =>
      due.flatMap((one) =>
        one.due_at !== null && one.due_at <= now ? [{ ...one, due_at: one.due_at }] : [],
      );
    return shown(await checkDeliveries({ ...store, listDue }, START));
  }

  const givenUp = (hours: number, order_no: string) =>
    deliveryOf({
      ...{ receiver: 'tenant:7', state: 'given_up', reason: 'time_over', due_at: null, order_no },
      timestamp: isoTime(START - 80 * HOUR_MS),
      ended_at: isoTime(START - hours * HOUR_MS),
    });

  it('that are well', async () => {
    expect(await check([givenUp(25, 'mall-9'), deliveryOf({ receiver: 'tenant:7' })])).toEqual([
      'ok       overdue deliveries: none',
      'ok       deliveries given up: none in the last day',
    ]);
  });

  it('that were given up in the last day are counted, and the last is named', async () => {
    const [, line] = await check([givenUp(3, 'mall-1'), givenUp(1, 'mall-2'), givenUp(5, 'mall-3')]);
    expect(line).toBe(
      `warning  deliveries given up: 3 in the last day, the last order.paid of mall-2, to tenant 7, at ${isoTime(
        START - HOUR_MS,
      )} (time_over). Look at the runbook, "deliveries-given-up"`,
    );
  });

  it('that nobody attempts are found', async () => {
    const due = (minutes: number) =>
      deliveryOf({ receiver: 'tenant:7', due_at: isoTime(START - minutes * 60_000) });
    expect((await check([], [due(14)]))[0]).toMatch(/^ok /);
    const oldest = due(90);
    expect((await check([], [due(20), oldest]))[0]).toBe(
      `fault    overdue deliveries: ${oldest.event_id}, to tenant 7, since ${oldest.due_at}: nobody attempts it. Look at the logs of release-deliveries and deliver-webhook`,
    );
  });
});

let server: LoopbackServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
  // Other files' tests run in the same process.
  vi.unstubAllEnvs();
});

const credentials = { AWS_REGION: 'local', AWS_ACCESS_KEY_ID: 'operator', AWS_SECRET_ACCESS_KEY: 'test' };

function stubEnvironment(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

describe('the rules of the bus', () => {
  const queueUrl = 'https://sqs.eu-central-1.amazonaws.com/111122223333/settle-dev-webhooks-queue';
  const Arn = 'arn:aws:sqs:eu-central-1:111122223333:settle-dev-webhooks-queue';
  const grouped = { Id: 'queue', Arn, SqsParameters: { MessageGroupId: '$.detail.owner' } };

  interface Bus {
    readonly rules: Readonly<
      Record<string, { readonly State?: string; readonly Targets: readonly object[] }>
    >;
  }

  /** EventBridge with these rules on its one bus, a rule to a page. */
  async function check({ rules }: Bus, busName = 'settle-dev'): Promise<string> {
    server = await startLoopbackServer(({ headers, body }) => {
      const input = JSON.parse(body) as { EventBusName: string; Rule?: string; NextToken?: string };
      if (input.EventBusName !== 'settle-dev') {
        return { status: 400, body: { __type: 'ResourceNotFoundException', message: 'no such bus' } };
      }
      if (headers['x-amz-target'] === 'AWSEvents.ListTargetsByRule') {
        return { body: { Targets: rules[input.Rule ?? '']?.Targets } };
      }
      const page = Number(input.NextToken ?? 0);
      const [Name = '', { State = 'ENABLED' } = {}] = Object.entries(rules)[page] ?? [];
      const NextToken = page + 1 < Object.keys(rules).length ? String(page + 1) : undefined;
      return { body: { Rules: Name === '' ? [] : [{ Name, State }], NextToken } };
    });
    stubEnvironment({ ...credentials, AWS_ENDPOINT_URL_EVENTBRIDGE: server.baseUrl });
    return formatResult(await checkEventRules(busName, queueUrl));
  }

  it('lead to the queue, besides where rules of your own lead', async () => {
    const rules = {
      own: { Targets: [{ Id: 'a', Arn: 'arn:aws:lambda:x:1:function:y' }] },
      ours: { Targets: [grouped] },
    };
    expect(await check({ rules })).toBe(
      'ok       rules of the bus: events go to settle-dev-webhooks-queue, and by 1 of your own elsewhere',
    );
  });

  it.each<[string, Bus['rules'], RegExp]>([
    ['none', {}, /^fault .*: none leads to settle-dev-webhooks-queue: no webhook is sent/],
    ['one without its target', { ours: { Targets: [] } }, /none leads to/],
    [
      'one that is disabled',
      { ours: { State: 'DISABLED', Targets: [grouped] } },
      /^fault .* ours is disabled/,
    ],
    [
      'one that does not tell owners apart',
      { ours: { Targets: [{ Id: 'queue', Arn }] } },
      /^fault .* ours groups no/,
    ],
  ])('of which there is %s are found', async (_what, rules, line) => {
    expect(await check({ rules })).toMatch(line);
  });

  it('of a bus that is not there', async () => {
    expect(await check({ rules: {} }, 'other')).toMatch(/^fault .* there is no bus other: nobody is told/);
  });
});

it('finds what was given up on the way to the bus', async () => {
  const queue = createQueue({ visibilityTimeoutMs: 0, maxReceiveCount: 1 }, Date.now);
  const served = { name: 'failed-batches', queue, allows: () => ['GetQueueAttributes'] as const };
  const sqs = await startQueueServer({ queues: [served], callers: [{ name: 'operator' }] });
  stubEnvironment({ ...credentials, AWS_ENDPOINT_URL_SQS: sqs.url });
  const subject = { ...nothing, failedBatchesUrl: sqs.queueUrl('failed-batches') };
  const look = async () => shown(await checkWebhooks(subject, known(true)));
  expect(await look()).toEqual(['ok       events given up: none was given up']);
  queue.send('{}', 0);
  expect(await look()).toEqual([
    'warning  events given up: 1 given up. Look at the runbook, "events-given-up"',
  ]);
  await sqs.stop();
});

import { createPublicKey, randomUUID } from 'node:crypto';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callbackOutput, type DocumentName, endpoints } from '../../../../infra/endpoints.ts';
import { operator } from '../../../../infra/local/operator.ts';
import { createQueue } from '../../../../infra/local/queue/queue.ts';
import { startQueueServer } from '../../../../infra/local/queue/server.ts';
import { run } from '../../../../infra/operate/doctor/run.ts';
import { isoTime, systemIo } from '../../../../lib/io.ts';
import { exceptionOnce } from '../../../../lib/orders/exception.ts';
import type { Debt } from '../../../../lib/orders/schedule.ts';
import type { Shipping } from '../../../../lib/orders/shipping.ts';
import {
  heartbeatKey,
  merchantDayKey,
  orderKey,
  type WorkKind,
  workShard,
} from '../../../../lib/store/keys.ts';
import { schemaAttribute } from '../../../../lib/store/schema.ts';
import { partitionKey, sortKey, tableIndexes } from '../../../../lib/store/table.ts';
import { appCertificate, rootCertificates } from '../../../support/alipay-certificates.ts';
import { createCertificate } from '../../../support/certificate.ts';
import { itemOf } from '../../../support/items.ts';
import { startTestSystem, type TestSystem } from '../../../support/local-system.ts';
import { type LoopbackServer, startLoopbackServer } from '../../../support/loopback-server.ts';
import { paymentOf, shopOrder } from '../../../support/orders.ts';
import { rsaKeys } from '../../../support/rsa-keys.ts';
import { type FakeAws, startFakeAws } from '../setup/fake-aws.ts';
import { type ApiProxy, startApiProxy } from './api-proxy.ts';

const DAY_MS = 86_400_000;

let system: TestSystem;
let proxy: ApiProxy;
let login: LoopbackServer;
let aws: FakeAws;
let secrets: SecretsManagerClient;
let dynamodb: DynamoDBDocumentClient;

beforeAll(async () => {
  system = await startTestSystem();
  Object.assign(process.env, system.operatorEnvironment);
  proxy = await startApiProxy(system.url);
  login = await startLoopbackServer(() => ({ body: { keys: [] } }));
  secrets = new SecretsManagerClient();
  dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient());
  aws = await startFakeAws();
  Object.assign(process.env, aws.environment);
  await system.sweep();
});
afterAll(async () => {
  await Promise.all([proxy?.stop(), login?.close(), aws?.stop()]);
  await system?.stop();
});
beforeEach(() => proxy.reset());

type Documents = Record<DocumentName, Record<string, unknown>>;

const original = (name: DocumentName) => (system.documents as Documents)[name];

const store = (name: DocumentName, document: unknown) =>
  secrets.send(
    new PutSecretValueCommand({
      SecretId: `settle/local/${name}`,
      SecretString: typeof document === 'string' ? document : JSON.stringify(document),
    }),
  );

/** What the command says, as a person reads it. */
const diagnose = (...words: readonly string[]) => call(process.env, '--url', proxy.url, ...words);

async function call(variables: NodeJS.ProcessEnv, ...words: readonly string[]) {
  let [output, errors] = ['', ''];
  const code = await run(['--stage', 'local', ...words], {
    // Where the database is, the environment says: no other system of this machine is looked for.
    variables: { AWS_ENDPOINT_URL_DYNAMODB: system.dynamodbEndpoint, ...variables },
    io: systemIo,
    output: { write: (text: string) => (output += text) },
    errors: { write: (text: string) => (errors += text) },
  });
  const lines = output.split('\n').slice(0, -2);
  return { code, output, errors, wrong: lines.filter((line) => /^(warning|fault)/.test(line)) };
}

describe('the doctor', () => {
  it('finds nothing in a sound system, and looks at all of it', async () => {
    const { code, wrong, output, errors } = await diagnose();
    expect({ code, wrong, errors }).toEqual({ code: 0, wrong: [], errors: '' });
    expect(output).toMatch(/^ok +route POST \/v2\/payments\/notify: 401/m);
    expect(output).not.toContain('could not be found out');
    const apps = Object.keys(original('wechat')['apps'] ?? {}).length;
    const checks = endpoints.length + 33 + apps;
    const sums = `${checks} checks: ${checks} ok, 0 warnings, 0 faults`;
    expect(output.split('\n').at(-2)).toBe(sums);
  });

  it('tells all of a tenant that is asked about', async () => {
    const { code, output } = await diagnose('--tenant', '9007');
    expect(code).toBe(0);
    expect(output).toMatch(/^ok +tenant 9007: is not registered, and paid to the stage's merchants$/m);
    expect(output).not.toMatch(/^ok +tenants: /m);
    const { errors } = await diagnose('--tenant', 'x');
    expect(errors).toMatch(/^doctor: --tenant must be a whole number from 1\n/);
  });

  it('shows no secret, whatever is wrong', async () => {
    await store('alipay', { ...original('alipay'), callback_keys: ['short-and-secret'] });
    expect((await diagnose()).output).not.toContain('short-and-secret');
    await store('alipay', original('alipay'));
  });

  it.each([
    'http://127.0.0.1/api',
    'https://pay.example.com?stage=dev',
    'https://user:secret@pay.example.com',
    'ftp://pay.example.com',
    'pay.example.com',
  ])('says how it is called: --url %s', async (url) => {
    const { code, errors } = await diagnose('--url', url);
    expect(code).toBe(2);
    expect(errors).toMatch(/^doctor: --url must be .*\nhow it is called: npm run doctor -- --help/);
  });
});

const platform = rsaKeys();

function platformCertificate(from_days: number, until_days: number) {
  const serial = '5157F09EFDC096DE15EBE81A47057A7232F1B8E1';
  const pem = createCertificate({
    publicKey: platform.publicKey,
    issuerKey: platform.privateKey,
    serial,
    validFrom: Date.now() + from_days * DAY_MS,
    validUntil: Date.now() + until_days * DAY_MS,
  });
  return { public_keys: { [serial]: pem } };
}

const ownKey = ({ private_key }: Record<string, unknown>) =>
  createPublicKey(String(private_key)).export({ type: 'spki', format: 'pem' });

/** The one line that is to be said of each fault: how bad it is, of what, and which words name it. */
describe('a document that', () => {
  it.each<[string, DocumentName, (document: Record<string, unknown>) => unknown, RegExp]>([
    ['is no JSON', 'auth', () => '{', /^fault +document auth: is not a JSON object/],
    [
      'lacks a field',
      'stripe',
      ({ webhook_secrets: _, ...rest }) => rest,
      /^fault +document stripe: webhook_secrets must be a list/,
    ],
    [
      'holds a short key',
      'wechat',
      (document) => ({ ...document, apiv3_key: 'a'.repeat(31) }),
      /^fault +document wechat: apiv3_key must have at least 32 bytes/,
    ],
    [
      'holds something else than a key',
      'alipay',
      (document) => ({ ...document, private_key: 'MIIEowIBAAK' }),
      /^fault +document alipay: private_key must be an RSA private key/,
    ],
    [
      "holds the app's own key in place of Alipay's",
      'alipay',
      (document) => ({ ...document, alipay_public_key: ownKey(document) }),
      /^fault +document alipay: alipay_public_key is the app's own key/,
    ],
    [
      'holds a certificate of another key',
      'alipay',
      (document) => ({ ...document, app_cert: appCertificate, alipay_root_cert: rootCertificates }),
      /^fault +document alipay: app_cert does not belong to private_key/,
    ],
    [
      'holds a certificate that has expired',
      'wechat',
      (document) => ({ ...document, ...platformCertificate(-400, -1) }),
      /^fault +document wechat: public_keys\.\w+ holds a certificate that expired on \d{4}-/,
    ],
    [
      'holds a certificate that will expire',
      'wechat',
      (document) => ({ ...document, ...platformCertificate(-400, 20) }),
      /^warning +document wechat: public_keys\.\w+ holds a certificate that expires on \d{4}-/,
    ],
    [
      'leads to an address that is not secure',
      'wecom',
      () => ({ webhook_url: 'http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1' }),
      /^fault +document wecom: webhook_url must be an https address/,
    ],
    [
      'names keys that are not there',
      'auth',
      () => ({ issuer: 'login', audience: 'settle', jwks_url: `${login.baseUrl}/jwks.json` }),
      /^fault +token keys: jwks_url gives no keys/,
    ],
  ])('%s is found', async (_what, name, change, expected) => {
    await store(name, change(original(name)));
    const { code, wrong } = await diagnose();
    await store(name, original(name));
    expect(wrong).toEqual([expect.stringMatching(expected)]);
    expect(code).toBe(wrong[0]?.startsWith('fault') ? 2 : 1);
  });
});

describe('an API that', () => {
  const notify = 'POST /v2/payments/notify';
  const alipay = 'POST /api/pay/callback/alipay';
  const json = { 'content-type': 'application/json' };

  it.each<[string, () => unknown, RegExp]>([
    [
      'lacks a route',
      () => proxy.answerInstead(notify, { status: 404, body: '{"message":"Not Found"}' }),
      /^fault +route POST \/v2\/payments\/notify: answers 404 to WeChat Pay's unsigned message: the route is not/,
    ],
    [
      'takes what nobody signed',
      () => proxy.answerInstead(alipay, { status: 200, body: 'success' }),
      /^fault +route POST \/api\/pay\/callback\/alipay: answers 200 to Alipay's unsigned form: it is not verified/,
    ],
    [
      'fails',
      () => proxy.answerInstead('POST /api/pay/checkout', { status: 500 }),
      /^fault +route POST \/api\/pay\/checkout: answers 500 to no token: its function fails/,
    ],
    [
      'refuses in the words of another family of paths',
      () =>
        proxy.answerInstead('GET /v2/orders/1/1', {
          status: 401,
          headers: json,
          body: '{"code":401,"msg":"用户未认证","data":null}',
        }),
      /^fault +route GET \/v2\/orders\/\{kind\}\/\{id\}: answers 401 to no token, but not in Settle's words/,
    ],
    [
      'redirects',
      () =>
        proxy.answerInstead(notify, {
          status: 301,
          headers: { location: `${system.url}/v2/payments/notify` },
        }),
      /^fault +route POST \/v2\/payments\/notify: answers 301 .*do not follow redirects/,
    ],
    [
      'answers whatever it is asked',
      () => proxy.answerInstead('*', { status: 200 }),
      /^fault +unknown path: answers 200 in place of 404/,
    ],
    [
      'lives in another time',
      () => proxy.setClockAhead(10 * 60_000),
      /^fault +clock: the API's is off by (5[89]\d|6[01]\d) s from that of WeChat Pay/,
    ],
  ])('%s is found', async (_what, plant, expected) => {
    plant();
    const { code, wrong } = await diagnose();
    expect(wrong).toContainEqual(expect.stringMatching(expected));
    if (!expected.source.includes('unknown path')) expect(wrong).toHaveLength(1);
    expect(code).toBe(2);
  });

  it('is not there is found', async () => {
    const { code, wrong } = await diagnose('--url', 'http://127.0.0.1:1');
    expect(wrong).toEqual([
      expect.stringMatching(/^fault +API: does not answer at http:\/\/127\.0\.0\.1:1: /),
    ]);
    expect(code).toBe(2);
  });
});

/** Keys, what is owed and what did not fit, and nothing else. */
async function createTable(): Promise<string> {
  const name = randomUUID();
  const indexes = [tableIndexes.work, tableIndexes.exception];
  const keySchema = (hash: string, range: string) => [
    { AttributeName: hash, KeyType: 'HASH' as const },
    { AttributeName: range, KeyType: 'RANGE' as const },
  ];
  const names = [partitionKey, sortKey, ...indexes.flatMap((index) => [index.partitionKey, index.sortKey])];
  await dynamodb.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keySchema(partitionKey, sortKey),
      AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      GlobalSecondaryIndexes: indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: keySchema(index.partitionKey, index.sortKey),
        Projection: { ProjectionType: 'ALL' },
      })),
    }),
  );
  return name;
}

describe('a table', () => {
  const longAgo = '2026-01-01T00:00:00.000Z';
  const owing = (order_no: string, kind: WorkKind) => ({
    ...orderKey(order_no),
    work: workShard(kind, order_no),
    work_due: longAgo,
  });

  it.each<[string, WorkKind, RegExp]>([
    ['whose payments nobody asks about', 'check', /^fault +overdue checks with providers: mall-1 \(ORDER\)/],
    ['whose exceptions nobody announces', 'alert', /^fault +overdue alerts: mall-1 \(ORDER\)/],
    ['whose payments nobody announces', 'notify', /^fault +overdue announcements: mall-1 \(ORDER\)/],
    ['with work for a person', 'parked', /^warning +announcements set aside: mall-1 \(ORDER\)/],
  ])('%s is found', async (_what, kind, expected) => {
    // The real ones are at work in the system's own table.
    const name = await createTable();
    await dynamodb.send(new PutCommand({ TableName: name, Item: owing('mall-1', kind) }));
    const { wrong } = await diagnose('--table', name);
    expect(wrong).toContainEqual(expect.stringMatching(expected));
  });

  /** A payment of a mall's order, whose goods its provider wants to know of. */
  const sold = paymentOf(shopOrder());
  const { order_no, payment_no, provider, merchant, amount, currency } = sold;
  const sent = { logistics_type: 'pickup', items: '茶', parcels: [] } as const;

  it.each([
    [2, 1],
    [0.5, 0],
  ])('with goods that were sent %d hours ago and that WeChat has not been told of', async (hours, found) => {
    const name = await createTable();
    const record: Shipping = {
      ...{ order_no, payment: sold.n, payment_no, provider, ...sent },
      ...{ state: 'open', version: 1, told: 0, refusal: null, told_at: null },
      requested_at: isoTime(Date.now() - hours * 3_600_000),
    };
    const owes: Debt = { kind: 'check', due: Date.now() + 3_600_000 };
    await dynamodb.send(new PutCommand({ TableName: name, Item: itemOf({ put: 'shipping', record, owes }) }));
    const { wrong } = await diagnose('--table', name);
    const expected =
      /^warning +shipping that WeChat does not take: 1, such as mall-\d+ since .*log of the sweep/;
    expect(wrong.filter((line) => expected.test(line))).toHaveLength(found);
  });

  it('with an order that nobody sent in time is found', async () => {
    const name = await createTable();
    const subject = { kind: 'not_shipped', payment_no, provider, merchant, amount, currency } as const;
    const [exception] = exceptionOnce(
      { order: shopOrder({ order_no }), exceptions: [] },
      subject,
      Date.now(),
    );
    if (!exception) throw new Error('no exception');
    await dynamodb.send(new PutCommand({ TableName: name, Item: itemOf(exception) }));
    const { wrong } = await diagnose('--table', name);
    expect(wrong).toContainEqual(
      expect.stringMatching(/^warning +orders not sent in time: 1, such as mall-\d+ since .*\/shipping$/),
    );
  });

  it('whose sweep has ended is found', async () => {
    const name = await createTable();
    await dynamodb.send(new PutCommand({ TableName: name, Item: { ...heartbeatKey('sweep'), at: longAgo } }));
    const { code, wrong } = await diagnose('--table', name);
    expect(wrong).toContainEqual(expect.stringMatching(/^fault +last sweep: ended well at 2026-01-01T/));
    expect(code).toBe(2);
  });

  /** A day of the merchant's that was finished so many days ago. */
  async function withFinishedDay(days_ago: number): Promise<string> {
    const name = await createTable();
    const day = isoTime(Date.now() - 3 * DAY_MS).slice(0, 10);
    const Item = {
      ...merchantDayKey({ provider: 'wechat', merchant: '1900000001' }, day),
      ...schemaAttribute('day'),
      finished_at: isoTime(Date.now() - days_ago * DAY_MS),
    };
    await dynamodb.send(new PutCommand({ TableName: name, Item }));
    return name;
  }

  it('whose days are not reconciled any more is found', async () => {
    const { wrong } = await diagnose('--table', await withFinishedDay(2.1));
    expect(wrong).toContainEqual(
      expect.stringMatching(/^warning +last reconciliation wechat: no day since 20\d\d-\S+ was finished/),
    );
  });

  it('whose days are reconciled is not blamed, nor is one that is new', async () => {
    const { output } = await diagnose('--table', await withFinishedDay(1.9));
    expect(output).toMatch(/^ok +last reconciliation wechat: a day was finished at /m);
    expect(output).toMatch(/^ok +last reconciliation alipay: none yet, and the table is new/m);
  });

  it('that is not there is found', async () => {
    const { wrong } = await diagnose('--table', 'settle-other');
    expect(wrong).toEqual([expect.stringMatching(/^fault +table: there is none named settle-other/)]);
  });

  it('of another make is found', async () => {
    const { wrong } = await diagnose('--table', await createTable());
    expect(wrong.map((line) => line.replace(/^(\w+) +([^:]+): .*/, '$1 $2'))).toEqual([
      // The table has another register, too.
      'fault tenant 8',
      'fault stream',
      'fault indexes',
      'fault deletion protection',
      'warning time to live',
    ]);
  });
});

describe('a queue', () => {
  it('that has given days up is found', async () => {
    const queue = createQueue({ visibilityTimeoutMs: 0, maxReceiveCount: 1 }, Date.now);
    const days = { name: 'days', queue, maxReceiveCount: 1, allows: () => operator.queue };
    const server = await startQueueServer({ queues: [days], callers: [operator] });
    queue.send('{}', 0);
    queue.receive(1);
    queue.receive(1);
    const { code, wrong } = await diagnoseQueue(server.queueUrl('days'));
    await server.stop();
    expect(wrong).toEqual([expect.stringMatching(/^warning +reconciliation queue: 1 given up\. /)]);
    expect(code).toBe(1);
  });

  it('that is not there is found', async () => {
    const { origin } = new URL(system.operatorEnvironment['QUEUE_URL'] ?? '');
    const { code, wrong } = await diagnoseQueue(`${origin}/000000000000/other`);
    expect(wrong).toEqual([expect.stringMatching(/^fault +reconciliation queue: there is none at .*other/)]);
    expect(code).toBe(2);
  });

  async function diagnoseQueue(queueUrl: string) {
    Object.assign(process.env, { AWS_ENDPOINT_URL_SQS: new URL(queueUrl).origin, WEBHOOK_QUEUE_URL: '' });
    const diagnosis = await diagnose('--queue', queueUrl);
    Object.assign(process.env, system.operatorEnvironment, aws.environment);
    return diagnosis;
  }
});

describe('a stack', () => {
  const sound = () => ({
    ApiUrl: proxy.url,
    TableName: system.tableName,
    QueueUrl: system.operatorEnvironment['QUEUE_URL'] ?? '',
    ...Object.fromEntries(
      endpoints
        .filter(({ callback }) => callback)
        .map((endpoint) => [callbackOutput(endpoint), proxy.url + endpoint.path]),
    ),
  });
  const diagnoseStack = async (outputs: Record<string, string>, status = 'UPDATE_COMPLETE') => {
    aws.stacks.set('settle-local', { status, outputs });
    return call({});
  };

  it('tells where everything is, and has nothing wrong when it is sound', async () => {
    const { code, wrong, output } = await diagnoseStack(sound());
    expect({ code, wrong }).toEqual({ code: 0, wrong: [] });
    expect(output).toMatch(/^account 123456789012, region local \(aws\), as arn:aws:iam::123456789012:user/);
    expect(output).toMatch(/^ok +outputs: all callbacks lead to http:\/\/127\.0\.0\.1:\d+$/m);
  });

  it('of webhooks tells where its parts are, and what is wrong with them', async () => {
    const outputs = {
      EventBusName: system.operatorEnvironment['EVENT_BUS_NAME'] ?? '',
      DeliveriesTableName: system.operatorEnvironment['DELIVERIES_TABLE'] ?? '',
      DeliveryQueueUrl: system.operatorEnvironment['WEBHOOK_QUEUE_URL'] ?? '',
      FailedBatchesUrl: `${system.operatorEnvironment['WEBHOOK_QUEUE_URL']}-of-another-stage`,
    };
    aws.stacks.set('settle-local-webhooks', { outputs });
    const { wrong, output } = await diagnoseStack(sound());
    aws.stacks.delete('settle-local-webhooks');
    for (const check of ['rules of the bus', 'delivery queue', 'overdue deliveries', 'deliveries given up'])
      expect(output).toMatch(new RegExp(`^ok +${check}: `, 'm'));
    expect(output).toMatch(/^ok +route GET \/api\/pay\/webhooks: 401/m);
    expect(wrong).toEqual([
      expect.stringMatching(/^fault +events given up: there is none at .*-of-another-stage/),
    ]);
  });

  it('that is not there is found, and the documents are looked at all the same', async () => {
    aws.stacks.clear();
    const { code, wrong, output } = await call({});
    expect(wrong).toEqual([
      expect.stringMatching(
        /^fault +stack: there is no settle-local .* npx cdk deploy --all -c stage=local --import-existing-resources$/,
      ),
    ]);
    expect(output).toMatch(/^ok +document wecom: /m);
    expect(code).toBe(2);
  });

  it.each([
    ['ROLLBACK_COMPLETE', 'fault', 2],
    ['UPDATE_ROLLBACK_COMPLETE', 'warning', 1],
    ['UPDATE_IN_PROGRESS', 'warning', 1],
  ])('that is %s is found', async (status, level, expected) => {
    const { code, wrong } = await diagnoseStack(sound(), status);
    expect(wrong).toEqual([expect.stringMatching(`^${level} +stack: settle-local is ${status}`)]);
    expect(code).toBe(expected);
  });

  it('that keeps an address to itself is found', async () => {
    const { WechatNotifyUrl: _url, ...outputs } = sound() as Record<string, string>;
    const { wrong } = await diagnoseStack(outputs);
    expect(wrong).toEqual([
      expect.stringMatching(/^fault +outputs: settle-local does not tell WechatNotifyUrl/),
    ]);
  });

  it('whose addresses disagree is found', async () => {
    const StripeCallbackUrl = 'https://old.example.com/api/pay/callback/stripe';
    const { wrong } = await diagnoseStack({ ...sound(), StripeCallbackUrl });
    expect(wrong).toEqual([expect.stringMatching(/^fault +outputs: StripeCallbackUrl lead elsewhere/)]);
  });
});

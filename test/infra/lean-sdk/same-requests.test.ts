import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import * as sdkDynamodb from '@aws-sdk/client-dynamodb';
import * as sdkSecrets from '@aws-sdk/client-secrets-manager';
import * as sdkDocuments from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { awsAddress } from '../../../infra/lean-sdk/aws-json.ts';
import * as leanDynamodb from '../../../infra/lean-sdk/client-dynamodb.ts';
import * as leanSecrets from '../../../infra/lean-sdk/client-secrets-manager.ts';
import * as leanDocuments from '../../../infra/lean-sdk/lib-dynamodb.ts';
import { type HttpServer, readBody, serve } from '../../../infra/local/http.ts';

/** What stands in for the SDK in the bundles is held to what the SDK sends, returns and throws. */

interface Sent {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
type Send = (command: unknown, options?: { abortSignal?: AbortSignal }) => Promise<Record<string, unknown>>;

const sdkCommands = {
  GetCommand: sdkDocuments.GetCommand,
  PutCommand: sdkDocuments.PutCommand,
  UpdateCommand: sdkDocuments.UpdateCommand,
  QueryCommand: sdkDocuments.QueryCommand,
  TransactWriteCommand: sdkDocuments.TransactWriteCommand,
};
type CommandName = keyof typeof sdkCommands;
const leanCommands: Record<CommandName, unknown> = {
  GetCommand: leanDocuments.GetCommand,
  PutCommand: leanDocuments.PutCommand,
  UpdateCommand: leanDocuments.UpdateCommand,
  QueryCommand: leanDocuments.QueryCommand,
  TransactWriteCommand: leanDocuments.TransactWriteCommand,
};
const createCommand = (constructors: Record<CommandName, unknown>, name: CommandName, input: object) =>
  new (constructors[name] as new (input: object) => unknown)(input);

const config = { maxAttempts: 1, requestHandler: { connectionTimeout: 500, requestTimeout: 1_500 } };
const environment = {
  AWS_REGION: 'eu-test-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example-secret',
  AWS_SESSION_TOKEN: 'example-token',
};

let server: HttpServer;
let sent: Sent[] = [];
let answers: { status: number; body: string }[] = [];

beforeAll(async () => {
  server = await serve(async (request, response) => {
    sent.push({ headers: request.headers, body: String(await readBody(request, 1_000_000)) });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer) response.writeHead(answer.status).end(answer.body);
  });
  Object.assign(process.env, environment, {
    AWS_ENDPOINT_URL_DYNAMODB: server.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: server.url,
  });
});
afterAll(() => server.stop());
beforeEach(() => {
  sent = [];
});

const willAnswer = (status: number, body: unknown) => {
  answers = [{ status, body: typeof body === 'string' ? body : JSON.stringify(body) }];
};

/** Sends the same through both. */
async function both(name: CommandName, input: object) {
  const sdk = sdkDocuments.DynamoDBDocumentClient.from(new sdkDynamodb.DynamoDBClient(config));
  const lean = leanDocuments.DynamoDBDocumentClient.from(new leanDynamodb.DynamoDBClient(config));
  const outcome = async (client: { send: unknown }, command: unknown) => {
    const send = (client.send as Send).bind(client);
    return await send(command).then(
      ({ $metadata, ...output }) => ({ output }),
      (error) => ({ error: fieldsOf(error) }),
    );
  };
  const theirs = await outcome(sdk, createCommand(sdkCommands, name, input));
  const ours = await outcome(lean, createCommand(leanCommands, name, input));
  return { theirs, ours };
}

/** What the store looks at of an error. */
const fieldsOf = ({
  name,
  message,
  Item,
  CancellationReasons,
  $metadata,
}: Record<string, unknown> & Partial<Error>) => ({
  name,
  message,
  Item,
  CancellationReasons,
  status: ($metadata as { httpStatusCode?: number } | undefined)?.httpStatusCode,
});

const order = { pk: 'ORDER#1', sk: 'ORDER' };
const attributes = {
  text: '苹果 "x"',
  count: 12,
  none: null,
  yes: true,
  left_out: undefined,
  list: [1, 'a', { b: null }],
  map: { deep: { er: 3 } },
  tags: new Set(['a', 'b']),
};
const put = {
  TableName: 't',
  Item: { ...order, ...attributes },
  ConditionExpression: 'attribute_not_exists(pk)',
};
const update = {
  TableName: 't',
  Key: order,
  UpdateExpression: 'SET #status = :status',
  ConditionExpression: '#status = :pending',
  // Names as they might be, so that none is taken for a member that holds attributes.
  ExpressionAttributeNames: { '#status': 'status', '#Key': 'Key', '#Item': 'Item' },
  ExpressionAttributeValues: { ':status': 'paid', ':pending': 'pending', ':map': attributes.map },
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
};
const requests: [CommandName, object][] = [
  ['GetCommand', { TableName: 't', Key: order, ConsistentRead: true }],
  ['PutCommand', put],
  ['UpdateCommand', update],
  [
    'QueryCommand',
    {
      TableName: 't',
      IndexName: 'work',
      KeyConditionExpression: 'work_kind = :kind',
      ExpressionAttributeValues: { ':kind': 'check#1' },
      ExclusiveStartKey: order,
      Limit: 25,
      ScanIndexForward: false,
    },
  ],
  ['QueryCommand', { TableName: 't', KeyConditionExpression: 'pk = :pk', ExclusiveStartKey: undefined }],
  [
    'TransactWriteCommand',
    { TransactItems: [{ Update: update }, { Put: put }, { Delete: { TableName: 't', Key: order } }] },
  ],
];

describe.each(requests)('%s', (name, input) => {
  it('is the same request, signed for what arrives', async () => {
    willAnswer(200, {});
    await both(name, input);
    const [theirs, ours] = sent as [Sent, Sent];
    expect(withoutToken(ours)).toEqual(withoutToken(theirs));
    for (const header of ['x-amz-target', 'content-type', 'x-amz-security-token', 'host'] as const) {
      expect([header, ours.headers[header]]).toEqual([header, theirs.headers[header]]);
    }
    expect(ours.headers.authorization).toBe(authorizationOf(ours, 'dynamodb'));
  });
});

/** The SDK names each transaction, for retries of its own; the store's conditions tell a repeat without it. */
function withoutToken({ body }: Sent): unknown {
  const { ClientRequestToken, ...members } = JSON.parse(body);
  return members;
}

/** Signature Version 4 from its specification, for a POST to `/` of which every signed header has arrived. */
function authorizationOf({ headers, body }: Sent, service: string): string {
  const [, names = ''] = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '') ?? [];
  const time = String(headers['x-amz-date']);
  const scope = [time.slice(0, 8), environment.AWS_REGION, service, 'aws4_request'];
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const lines = names.split(';').map((name) => `${name}:${headers[name]}\n`);
  const canonical = `POST\n/\n\n${lines.join('')}\n${names}\n${sha256(body)}`;
  const text = ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(canonical)].join('\n');
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${environment.AWS_SECRET_ACCESS_KEY}`);
  const credential = `${environment.AWS_ACCESS_KEY_ID}/${scope.join('/')}`;
  return `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${hmac(key, text).toString('hex')}`;
}

const storedItem = {
  pk: { S: 'ORDER#1' },
  amount: { N: '1234' },
  prepay: { NULL: true },
  list: { L: [{ S: 'a' }, { N: '-1.5' }] },
  map: { M: { yes: { BOOL: true } } },
  tags: { SS: ['a', 'b'] },
};

describe('an answer is the same', () => {
  it.each<[string, CommandName, object]>([
    ['with an item', 'GetCommand', { Item: storedItem }],
    ['without one', 'GetCommand', {}],
    ['with attributes', 'UpdateCommand', { Attributes: storedItem }],
    [
      'with a page',
      'QueryCommand',
      { Items: [storedItem, {}], Count: 2, ScannedCount: 2, LastEvaluatedKey: { pk: { S: '1' } } },
    ],
    ['with an empty page', 'QueryCommand', { Items: [], Count: 0, ScannedCount: 0 }],
  ])('%s', async (_, name, answer) => {
    willAnswer(200, answer);
    const input = requests.find(([candidate]) => candidate === name)?.[1] ?? {};
    const { theirs, ours } = await both(name, input);
    expect(ours).toEqual(theirs);
    expect(ours).toHaveProperty('output');
  });
});

it('a page of a megabyte comes whole, whatever it is cut into on the way', async () => {
  const description = '苹果'.repeat(150_000);
  willAnswer(200, { Items: [{ description: { S: description } }], Count: 1, ScannedCount: 1 });
  const { ours } = await both('QueryCommand', { TableName: 't', KeyConditionExpression: 'pk = :pk' });
  expect(ours).toMatchObject({ output: { Items: [{ description }] } });
});

it('a request is signed with the credentials of its own time', async () => {
  willAnswer(200, {});
  const client = leanDocuments.DynamoDBDocumentClient.from(new leanDynamodb.DynamoDBClient(config));
  const read = () => client.send(new leanDocuments.GetCommand({ TableName: 't', Key: order }));
  await read();
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDREFRESHED');
  vi.stubEnv('AWS_SESSION_TOKEN', 'refreshed-token');
  await read().finally(() => vi.unstubAllEnvs());
  const [before, after] = sent as [Sent, Sent];
  expect(before.headers['x-amz-security-token']).toBe('example-token');
  expect(after.headers['x-amz-security-token']).toBe('refreshed-token');
  expect(after.headers.authorization).toContain('Credential=AKIDREFRESHED/');
});

describe('a refusal is the same', () => {
  const type = (name: string) => `com.amazonaws.dynamodb.v20120810#${name}`;
  it.each<[string, number, object]>([
    [
      'a failed condition',
      400,
      { __type: type('ConditionalCheckFailedException'), message: 'no', Item: storedItem },
    ],
    [
      'a cancelled transaction',
      400,
      {
        __type: type('TransactionCanceledException'),
        message: 'cancelled',
        CancellationReasons: [
          { Code: 'ConditionalCheckFailed', Message: 'no', Item: storedItem },
          { Code: 'None' },
        ],
      },
    ],
    [
      'throttling',
      400,
      { __type: 'com.amazon.coral.availability#ThrottlingException', message: 'slow down' },
    ],
    [
      'too little capacity',
      400,
      { __type: type('ProvisionedThroughputExceededException'), message: 'slow down' },
    ],
    ['no permission', 400, { __type: 'com.amazon.coral.service#AccessDeniedException', message: 'no' }],
    ['an error of the service', 500, { __type: type('InternalServerError'), message: 'oh' }],
  ])('%s', async (_, status, answer) => {
    willAnswer(status, answer);
    const { theirs, ours } = await both('UpdateCommand', update);
    expect(ours).toEqual(theirs);
    expect(ours).toHaveProperty('error');
  });

  it('a page that is no JSON, of which only the status is told', async () => {
    willAnswer(503, '<html>secret</html>');
    const { theirs, ours } = await both('UpdateCommand', update);
    expect(ours).toMatchObject({ error: { status: 503 } });
    expect(theirs).toMatchObject({ error: { status: 503 } });
    expect(JSON.stringify(ours)).not.toContain('secret');
  });
});

describe('a secret', () => {
  const twice = { ...config, maxAttempts: 2 };
  const read = () =>
    new leanSecrets.SecretsManagerClient(twice).send(
      new leanSecrets.GetSecretValueCommand({ SecretId: 'a/b' }),
    );

  it('is asked for and read as by the SDK', async () => {
    willAnswer(200, { SecretString: '{"a":1}', CreatedDate: 1_523_477_145.713 });
    const sdk = new sdkSecrets.SecretsManagerClient(twice);
    const { SecretString } = await sdk.send(new sdkSecrets.GetSecretValueCommand({ SecretId: 'a/b' }));
    expect((await read()).SecretString).toBe(SecretString);
    const [theirs, ours] = sent as [Sent, Sent];
    expect(ours.body).toBe(theirs.body);
    expect(ours.headers['x-amz-target']).toBe(theirs.headers['x-amz-target']);
    expect(ours.headers['content-type']).toBe(theirs.headers['content-type']);
    expect(ours.headers.authorization).toBe(authorizationOf(ours, 'secretsmanager'));
  });

  it.each([
    [500, { __type: 'InternalServiceError' }],
    [400, { __type: 'ThrottlingException' }],
  ])('is asked for again after %i %o', async (status, refusal) => {
    answers = [
      { status, body: JSON.stringify(refusal) },
      { status: 200, body: '{"SecretString":"now"}' },
    ];
    expect((await read()).SecretString).toBe('now');
    expect(sent).toHaveLength(2);
  });

  it('is not asked for again when it is refused for good, nor more often than it may be', async () => {
    willAnswer(400, { __type: 'AccessDeniedException', Message: 'not authorized' });
    await expect(read()).rejects.toMatchObject({ name: 'AccessDeniedException', message: 'not authorized' });
    expect(sent).toHaveLength(1);
    willAnswer(500, {});
    await expect(read()).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
    expect(sent).toHaveLength(3);
  });
});

describe('what does not come in time', () => {
  const dynamodb = (requestTimeout: number) =>
    leanDocuments.DynamoDBDocumentClient.from(
      new leanDynamodb.DynamoDBClient({
        ...config,
        requestHandler: { connectionTimeout: 500, requestTimeout },
      }),
    );

  it('is a TimeoutError', async () => {
    answers = [];
    const command = new leanDocuments.PutCommand(put);
    await expect(dynamodb(50).send(command)).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('can be given up', async () => {
    answers = [];
    const abortSignal = AbortSignal.timeout(50);
    const command = new leanDocuments.PutCommand(put);
    await expect(dynamodb(60_000).send(command, { abortSignal })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});

it.each(['us-east-1', 'ap-southeast-1', 'eu-central-2', 'cn-north-1', 'cn-northwest-1'])(
  'has the addresses of AWS in %s',
  (Region) => {
    const address = (client: { config: { endpointProvider: unknown } }) =>
      (client.config.endpointProvider as (parameters: object) => { url: URL })({ Region }).url.href;
    expect(new URL(awsAddress('dynamodb', Region)).href).toBe(address(new sdkDynamodb.DynamoDBClient({})));
    expect(new URL(awsAddress('secretsmanager', Region)).href).toBe(
      address(new sdkSecrets.SecretsManagerClient({})),
    );
  },
);

it('says that it was told no region', () => {
  vi.stubEnv('AWS_REGION', undefined);
  try {
    expect(() => new leanDynamodb.DynamoDBClient(config)).toThrow('AWS_REGION');
  } finally {
    vi.unstubAllEnvs();
  }
});

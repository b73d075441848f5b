import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DynamodbEngine, startDynamodb } from '../../../../infra/local/dynamodb/engine.ts';
import { ensureTable, streamArnOf } from '../../../../infra/local/dynamodb/table.ts';
import { openStream } from '../../../../infra/local/stream/stream-reader.ts';
import { descendants, running } from '../../../support/processes.ts';

const TableName = 'settle-test';
let directory: string;
let engine: DynamodbEngine | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'settle-test-'));
});
afterEach(async () => {
  await engine?.stop();
  rmSync(directory, { recursive: true });
});

async function start(dataFile?: string) {
  engine = await startDynamodb(dataFile);
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const config = { endpoint: engine.endpoint, region: 'local', credentials };
  const client = new DynamoDBClient(config);
  const put = (pk: string, more = {}) =>
    client.send(new PutItemCommand({ TableName, Item: { pk: { S: pk }, sk: { S: 'S' }, ...more } }));
  const get = async (pk: string) =>
    (await client.send(new GetItemCommand({ TableName, Key: { pk: { S: pk }, sk: { S: 'S' } } }))).Item;
  return { engine, client, streams: new DynamoDBStreamsClient(config), put, get };
}

/** A template with a table of these keys, and of these properties besides. */
function template(keys: readonly [string, string], changes: object = {}) {
  const schema = keys.map((AttributeName, index) => ({ AttributeName, KeyType: index ? 'RANGE' : 'HASH' }));
  const Properties = {
    AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: schema,
    BillingMode: 'PAY_PER_REQUEST',
    StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    ...changes,
  };
  return { Outputs: {}, Resources: { table: { Type: 'AWS::DynamoDB::Table', Properties } } };
}
const definition = template(['pk', 'sk']);
const withoutStream = template(['pk', 'sk'], { StreamSpecification: undefined });

describe('startDynamodb', () => {
  it('keeps the table in the file that is named', async () => {
    const file = join(directory, 'settle.db');
    const first = await start(file);
    await ensureTable(first.client, TableName, definition);
    await first.put('a');
    await first.engine.stop();

    const second = await start(file);
    await ensureTable(second.client, TableName, definition);
    expect(await second.get('a')).toMatchObject({ pk: { S: 'a' } });
  });

  it('leaves no process once it is stopped', async () => {
    const before = descendants(process.pid);
    const { engine: started } = await start();
    const own = descendants(process.pid).filter((pid) => !before.includes(pid));
    expect(own.length).toBeGreaterThan(0);
    await started.stop();
    await expect.poll(() => running(own)).toEqual([]);
  });

  it('tells when it has ended by itself', async () => {
    const before = descendants(process.pid);
    const { engine: started } = await start();
    const [own = 0] = descendants(process.pid).filter((pid) => !before.includes(pid));
    process.kill(own, 'SIGKILL');
    await expect(started.crashed).rejects.toThrow('the embedded DynamoDB ended');
  });
});

describe('ensureTable', () => {
  it('refuses a table that was made from another definition', async () => {
    const { client } = await start();
    await ensureTable(client, TableName, definition);
    await expect(ensureTable(client, TableName, template(['id', 'sk']))).rejects.toThrow(
      'another definition',
    );
  });

  it('makes a table without a stream where the template has none, and refuses one that lacks it', async () => {
    const { client } = await start();
    const table = await ensureTable(client, TableName, withoutStream);
    expect(() => streamArnOf(table)).toThrow('no stream');
    await expect(ensureTable(client, TableName, definition)).rejects.toThrow('another definition');
  });
});

describe('openStream', () => {
  const pksOf = (records: readonly { dynamodb: { NewImage?: unknown } }[]) =>
    records.map(({ dynamodb }) => (dynamodb.NewImage as { pk: { S: string } }).pk.S);

  it('reads from the beginning, no more than asked for at a time, and later from a position', async () => {
    const { client, streams, put } = await start();
    const arn = streamArnOf(await ensureTable(client, TableName, definition));
    for (const pk of ['a', 'b', 'c']) await put(pk);
    const reader = await openStream(streams, arn, {});
    expect(pksOf(await reader.read(2))).toEqual(['a', 'b']);
    const later = await openStream(streams, arn, reader.position());
    expect(pksOf(await later.read(2))).toEqual(['c']);
    expect(await later.read(2)).toEqual([]);
    await put('d');
    expect(pksOf(await later.read(2))).toEqual(['d']);
  });

  it('gives records as Lambda does: times in seconds, binary values in base64', async () => {
    const { client, streams, put } = await start();
    const arn = streamArnOf(await ensureTable(client, TableName, definition));
    await put('a', { bytes: { B: Buffer.from('hi') } });
    const [record] = await (await openStream(streams, arn, {})).read(10);
    expect(record).toMatchObject({
      eventName: 'INSERT',
      eventSource: 'aws:dynamodb',
      eventSourceARN: arn,
      dynamodb: {
        Keys: { pk: { S: 'a' }, sk: { S: 'S' } },
        NewImage: { bytes: { B: 'aGk=' } },
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    });
    const { ApproximateCreationDateTime: created = 0 } = record?.dynamodb ?? {};
    expect(Math.abs(Date.now() / 1_000 - created)).toBeLessThan(60);
  });
});

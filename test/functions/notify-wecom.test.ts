import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Context, DynamoDBRecord } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { streamConsumer } from '../../infra/endpoints.ts';
import { type DynamodbEngine, startDynamodb } from '../../infra/local/dynamodb/engine.ts';
import { type HttpServer, readBody, serve } from '../../infra/local/http.ts';
import { startSecretsManager } from '../../infra/local/secrets-manager.ts';
import { tableIndexes } from '../../lib/store/table.ts';
import { freeOrderItem, type Item, mallPayment } from '../lib/announcements/items.ts';
import { createTable } from '../support/create-table.ts';

const tableName = 'settle-test';
const { work } = tableIndexes;

let engine: DynamodbEngine;
let secrets: HttpServer;
let robot: HttpServer;
let client: DynamoDBDocumentClient;
let errcode = 0;
let messages: string[] = [];

beforeAll(async () => {
  robot = await serve(async (request, response) => {
    const { markdown } = JSON.parse(String(await readBody(request, 65_536)));
    if (errcode === 0) messages.push(markdown.content);
    response.end(JSON.stringify({ errcode, errmsg: '' }));
  });
  const wecom = { webhook_url: `${robot.url}/cgi-bin/webhook/send?key=robot-key` };
  const documents = { auth: {}, wechat: {}, alipay: {}, stripe: {}, wecom };
  secrets = await startSecretsManager({ stage: 'test', documents, functions: [streamConsumer] });
  engine = await startDynamodb();
  Object.assign(process.env, {
    TABLE_NAME: tableName,
    STAGE: 'test',
    PUBLIC_URL: 'http://127.0.0.1',
    AWS_REGION: 'local',
    AWS_ACCESS_KEY_ID: streamConsumer.name,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
  });
  client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  await createTable(client, tableName);
});

afterAll(async () => {
  client?.destroy();
  await Promise.all([engine?.stop(), secrets?.stop(), robot?.stop()]);
});

beforeEach(() => {
  errcode = 0;
  messages = [];
});

const PAID_AT = Date.parse('2020-01-01T00:00:00Z');

const payment = (id: number, changes = {}) =>
  mallPayment(id, PAID_AT, { amount: 1999, work: `notify#${id}`, ...changes });
const freeOrder = (id: number) =>
  freeOrderItem(`mall-${id}`, PAID_AT, { id, points: 5, work: `notify#${id}` });

async function store(...items: Item[]): Promise<void> {
  const RequestItems = { [tableName]: items.map((Item) => ({ PutRequest: { Item } })) };
  await client.send(new BatchWriteCommand({ RequestItems }));
}

/** Calls the function with the records of items that were just written. */
async function announce(...items: Item[]): Promise<unknown> {
  const { handler } = await import('../../functions/notify-wecom.ts');
  const Records = items.map(
    (item) => ({ dynamodb: { SequenceNumber: item.pk, NewImage: marshall(item) } }) as DynamoDBRecord,
  );
  return handler({ Records }, {} as Context);
}

/** What waits in a partition of the `work` index. */
async function waiting(shard: string): Promise<unknown[]> {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: tableName,
      IndexName: work.name,
      KeyConditionExpression: '#work = :shard',
      ExpressionAttributeNames: { '#work': work.partitionKey },
      ExpressionAttributeValues: { ':shard': shard },
    }),
  );
  return Items.map((item) => item['order_no']);
}

describe('notify-wecom', () => {
  it('tells WeCom, and the items owe nothing more', async () => {
    const items = [payment(1), freeOrder(2)];
    await store(...items);
    expect(await announce(...items)).toBeUndefined();
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain('**收款通知** 2 笔 合计 CNY 19.99\n');
    expect(messages[0]).toContain('`mall-2` CNY 0.00 5 积分');
    expect([await waiting('notify#1'), await waiting('notify#2')]).toEqual([[], []]);
  });

  it('leaves what WeCom refuses as it is, and the sweep tells it when it is due', async () => {
    errcode = 45009;
    await store(payment(3));
    expect(await announce(payment(3))).toBeUndefined();
    expect(await waiting('notify#3')).toEqual(['mall-3']);
    errcode = 0;
    const { handler: sweep } = await import('../../functions/sweep.ts');
    await sweep({}, {} as Context);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain('`mall-3`');
    expect(await waiting('notify#3')).toEqual([]);
    await sweep({}, {} as Context);
    expect(messages).toHaveLength(1);
  });

  it('parks an item that cannot be read where it can be found', async () => {
    const { work_due: _workDue, ...poison } = payment(4, { amount: -1 });
    await store(poison, payment(5));
    expect(await announce(poison, payment(5))).toBeUndefined();
    expect(messages.join()).toContain('`mall-5`');
    expect([await waiting('notify#4'), await waiting('parked#4')]).toEqual([[], ['mall-4']]);
  });

  it('does not touch what an item has come to owe since, nor bring back one that is gone', async () => {
    await store(payment(6, { work: 'check#6' }));
    expect(await announce(payment(6), payment(7))).toBeUndefined();
    expect([await waiting('check#6'), await waiting('notify#7')]).toEqual([['mall-6'], []]);
  });
});

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  type ScanCommandOutput,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, describe, expect, it } from 'vitest';
import { deliveryIndexes } from '../../../lib/store/delivery-table.ts';
import { createTable } from '../../support/create-table.ts';
import { useStore } from '../../support/store.ts';
import { loadFunctions } from '../cloud.ts';
import { TABLE_NAME } from '../documents.ts';
import { createRandom } from '../random.ts';
import { installVirtualTimers } from '../virtual-timers.ts';
import { runWorld } from '../world.ts';
import { createMemoryTable } from './memory-table.ts';

const RECORDED_RUNS = 4;
/** The sweep asks the same again and again. */
const WORK_QUERIES = 200;
const store = useStore();
const timers = installVirtualTimers();
afterAll(() => timers.restore());

/** The requests that worlds made, in their order, and then the same in disorder, most of which are refused. */
async function recordedRequests(): Promise<object[]> {
  const requests: object[] = [];
  let workQueries = 0;
  const onRequest = (command: object) => {
    const isWork = command instanceof QueryCommand && command.input.IndexName === 'work';
    if (isWork) workQueries += 1;
    if (!isWork || workQueries <= WORK_QUERIES) requests.push(command);
  };
  const files = await loadFunctions();
  const focus = { shopOrders: 2, tenants: 2, likely: ['refunds', 'races', 'eager_payers'] } as const;
  const bug = { name: 'none', focus };
  for (let seed = 1; seed <= RECORDED_RUNS; seed += 1)
    await runWorld({ seed, files, timers, bug, onRequest });
  // From here on the engine is asked, over a network of this time.
  timers.restore();
  const random = createRandom(7);
  const disorder = Array.from(requests, () => random.pick(requests));
  return [...requests, ...disorder];
}

describe('the table in memory', () => {
  it('answers as the embedded engine does, and holds the same items in the end', async () => {
    const memory = createMemoryTable(
      () => 0,
      () => {},
    );
    const requests = await recordedRequests();
    // It may take the time it needs: what is compared is what it answers.
    const engine = DynamoDBDocumentClient.from(new DynamoDBClient({ maxAttempts: 1 }));
    const kinds = new Set<string>();
    for (const request of requests) {
      const ours = await answerOf(() => memory.execute(request));
      const theirs = await answerOf(() => engine.send(request as GetCommand));
      kinds.add(`${request.constructor.name} ${theirs.outcome}`);
      expect({ request: inputOf(request), ...ours }).toEqual({ request: inputOf(request), ...theirs });
    }
    expect(sorted(await store.items())).toEqual(sorted(memory.items()));
    expect([...kinds].toSorted()).toEqual([
      'BatchGetCommand done',
      'GetCommand done',
      'PutCommand ConditionalCheckFailedException',
      'PutCommand done',
      'QueryCommand done',
      'TransactWriteCommand TransactionCanceledException',
      'TransactWriteCommand done',
      'UpdateCommand ConditionalCheckFailedException',
      'UpdateCommand done',
    ]);
  });

  it('counts, adds, deletes and scans as the engine does, in a table of other indexes', async () => {
    const { memory, engine } = await createTables('settle-test-deliveries');
    const outcomes: string[] = [];
    for (const request of furtherRequests('settle-test-deliveries')) {
      const ours = await answerOf(() => memory.execute(request));
      const theirs = await answerOf(() => engine.send(request as GetCommand));
      expect({ request: inputOf(request), ...ours }).toEqual({ request: inputOf(request), ...theirs });
      if (theirs.outcome !== 'done') outcomes.push(`${request.constructor.name} ${theirs.outcome}`);
    }
    expect(outcomes).toEqual([
      'UpdateCommand ConditionalCheckFailedException',
      'QueryCommand ValidationException',
    ]);
  });

  it('is scanned page by page, each of which costs what it read', async () => {
    const TableName = 'settle-test-large';
    const { memory, engine } = await createTables(TableName);
    for (let n = 0; n < 5; n += 1) {
      const request = new PutCommand({
        TableName,
        Item: { pk: `P#${n}`, sk: 'S', text: 'x'.repeat(350_000) },
      });
      memory.execute(request);
      await engine.send(request);
    }
    const pagesOf = async (ask: (command: ScanCommand) => unknown) => {
      const pages: { readonly names: unknown[]; readonly units: number }[] = [];
      let ExclusiveStartKey: Record<string, unknown> | undefined;
      do {
        const command = new ScanCommand({
          ...{ TableName, ExclusiveStartKey, ReturnConsumedCapacity: 'TOTAL' as const },
          ProjectionExpression: 'pk, sk',
        });
        const answer = (await ask(command)) as ScanCommandOutput;
        const { Items = [], LastEvaluatedKey, ConsumedCapacity } = answer;
        pages.push({
          names: Items.map(({ pk }) => pk),
          units: ConsumedCapacity?.CapacityUnits ?? 0,
        });
        ExclusiveStartKey = LastEvaluatedKey;
      } while (ExclusiveStartKey);
      return pages;
    };
    const ours = await pagesOf((command) => memory.execute(command));
    const theirs = await pagesOf((command) => engine.send(command));
    expect(ours.map(({ names }) => names.length)).toEqual([2, 2, 1]);
    expect(ours.flatMap(({ names }) => names).toSorted()).toEqual(
      theirs.flatMap(({ names }) => names).toSorted(),
    );
    expect(theirs).toEqual(ours);
  });

  it('takes a condition without a write, and tells of each part why it is refused', async () => {
    const memory = createMemoryTable(
      () => 0,
      () => {},
    );
    const item = { pk: 'ORDER#mall-1', sk: 'ORDER', version: 3 };
    memory.execute(new PutCommand({ TableName: TABLE_NAME, Item: item }));
    const transact = (version: number) =>
      new TransactWriteCommand({
        TransactItems: [
          {
            ConditionCheck: {
              TableName: TABLE_NAME,
              Key: { pk: item.pk, sk: item.sk },
              ConditionExpression: 'version = :seen',
              ExpressionAttributeValues: { ':seen': version },
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            },
          },
          { Put: { TableName: TABLE_NAME, Item: { pk: item.pk, sk: 'PAYMENT#1' } } },
        ],
      });
    expect(await answerOf(() => memory.execute(transact(2)))).toEqual({
      outcome: 'TransactionCanceledException',
      value: [
        ['ConditionalCheckFailed', item],
        ['None', undefined],
      ],
    });
    memory.execute(transact(3));
    expect(sorted(memory.items())).toEqual([item, { pk: item.pk, sk: 'PAYMENT#1' }]);
  });

  it('shows an index as it was some writes ago, and the table as it is', () => {
    const memory = createMemoryTable(
      () => 0,
      () => {},
    );
    const item = { pk: 'ORDER#mall-1', sk: 'ORDER', work: 'check#1', work_due: '2026-03-01' };
    memory.execute(new PutCommand({ TableName: TABLE_NAME, Item: item }));
    const table = new QueryCommand({
      TableName: TABLE_NAME,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': item.pk },
    });
    const index = new QueryCommand({
      TableName: TABLE_NAME,
      IndexName: 'work',
      KeyConditionExpression: '#work = :work AND #due <= :now',
      ExpressionAttributeNames: { '#work': 'work', '#due': 'work_due' },
      ExpressionAttributeValues: { ':work': item.work, ':now': item.work_due },
    });
    expect(memory.execute(index)).toEqual({ Items: [item], Count: 1 });
    expect(memory.execute(index, 1)).toEqual({ Items: [], Count: 0 });
    expect(memory.execute(table, 1)).toEqual({ Items: [item], Count: 1 });
  });
});

/** An empty table in memory and one in the engine, with the indexes of webhooks' deliveries. */
async function createTables(name: string) {
  const engine = DynamoDBDocumentClient.from(new DynamoDBClient({ maxAttempts: 1 }));
  const indexes = Object.values(deliveryIndexes);
  await createTable(engine, name, indexes);
  const memory = createMemoryTable(
    () => 0,
    () => {},
    indexes,
  );
  return { memory, engine };
}

/** What no function asks of the table in a world, and the tests of stores do. */
function furtherRequests(TableName: string): object[] {
  const key = (n: number) => ({ pk: `P#${n}`, sk: 'S' });
  const put = (n: number, attributes: object) =>
    new PutCommand({ TableName, Item: { ...key(n), ...attributes } });
  const update = (n: number, UpdateExpression: string, values: object, condition: object = {}) =>
    new UpdateCommand({
      ...{ TableName, Key: key(n), UpdateExpression, ReturnValues: 'ALL_NEW' as const, ...condition },
      ExpressionAttributeNames: { '#due': 'due' },
      ExpressionAttributeValues: { ...values },
    });
  const query = (first: string, last: string, more: object = {}) =>
    new QueryCommand({
      ...{ TableName, IndexName: 'due', ...more },
      KeyConditionExpression: '#due = :due AND #due_at BETWEEN :first AND :last',
      ExpressionAttributeNames: { '#due': 'due', '#due_at': 'due_at' },
      ExpressionAttributeValues: { ':due': 'due#1', ':first': first, ':last': last },
    });
  const remove = (n: number) => new DeleteCommand({ TableName, Key: key(n) });
  return [
    ...[1, 2, 3, 4].map((n) => put(n, { due: 'due#1', due_at: `${n}`, note: 'x', state: 'due' })),
    put(5, { due: 'due#2', due_at: '2' }),
    update(6, 'SET #due = :due, since = if_not_exists(since, :at) ADD failures :one', {
      ...{ ':due': 'due#3', ':at': '6', ':one': 1 },
    }),
    update(6, 'SET #due = :due, since = if_not_exists(since, :at) ADD failures :one, pauses :one', {
      ...{ ':due': 'due#3', ':at': '7', ':one': 1 },
    }),
    update(4, 'SET note = :note REMOVE #due, due_at ADD version :one', { ':note': 'y', ':one': 1 }),
    update(6, 'SET #due = :due', { ':due': 'due#1' }, { ConditionExpression: 'attribute_exists(note)' }),
    query('1', '9'),
    query('2', '3'),
    query('3', '3', { Select: 'COUNT' }),
    query('1', '9', { Select: 'COUNT', Limit: 2 }),
    query('3', '2'),
    remove(2),
    remove(9),
    new GetCommand({ TableName, Key: key(2) }),
    query('1', '9', { Select: 'COUNT' }),
    new ScanCommand({ TableName }),
    new ScanCommand({
      ...{
        TableName,
        FilterExpression: '#due = :due OR failures >= :two',
        ProjectionExpression: 'pk, due_at',
      },
      ExpressionAttributeNames: { '#due': 'due' },
      ExpressionAttributeValues: { ':due': 'due#2', ':two': 2 },
    }),
  ];
}

interface Answer {
  readonly outcome: string;
  readonly value: unknown;
}

const inputOf = (request: object): unknown => (request as TransactWriteCommand).input;

async function answerOf(send: () => unknown): Promise<Answer> {
  try {
    const { Item, Items, Responses, ...told } = (await send()) as {
      Item?: unknown;
      Attributes?: unknown;
      Count?: number;
      LastEvaluatedKey?: unknown;
      Items?: Record<string, unknown>[];
      Responses?: Record<string, Record<string, unknown>[]>;
    };
    const batch = Responses && sorted(Object.values(Responses).flat());
    const { Attributes, Count, LastEvaluatedKey } = told;
    const items = Items && sorted(Items);
    return { outcome: 'done', value: { Item, Items: items, batch, Attributes, Count, LastEvaluatedKey } };
  } catch (error) {
    const { name, Item, CancellationReasons: reasons } = error as Refusal;
    const value = reasons ? reasons.map(({ Code = 'None', Item: item }) => [Code, plain(item)]) : plain(Item);
    return { outcome: name, value };
  }
}

interface Refusal {
  readonly name: string;
  readonly Item?: Parameters<typeof unmarshall>[0];
  readonly CancellationReasons?: {
    readonly Code?: string;
    readonly Item?: Parameters<typeof unmarshall>[0];
  }[];
}

/** An empty item is as good as none. */
const plain = (item: Refusal['Item']) =>
  item && Object.keys(item).length > 0 ? unmarshall(item) : undefined;

const sorted = (items: readonly Readonly<Record<string, unknown>>[]) =>
  items.toSorted((one, other) => (`${one['pk']} ${one['sk']}` < `${other['pk']} ${other['sk']}` ? -1 : 1));

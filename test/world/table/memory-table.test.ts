import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  type GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, describe, expect, it } from 'vitest';
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
    expect(memory.execute(index)).toEqual({ Items: [item] });
    expect(memory.execute(index, 1)).toEqual({ Items: [] });
    expect(memory.execute(table, 1)).toEqual({ Items: [item] });
  });
});

interface Answer {
  readonly outcome: string;
  readonly value: unknown;
}

const inputOf = (request: object): unknown => (request as TransactWriteCommand).input;

async function answerOf(send: () => unknown): Promise<Answer> {
  try {
    const { Item, Items, Responses } = (await send()) as {
      Item?: unknown;
      Items?: Record<string, unknown>[];
      Responses?: Record<string, Record<string, unknown>[]>;
    };
    const batch = Responses && sorted(Object.values(Responses).flat());
    return { outcome: 'done', value: { Item, Items: Items && sorted(Items), batch } };
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

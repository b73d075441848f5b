import { type GetCommand, PutCommand, QueryCommand, type TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import { useStore } from '../support/store.ts';
import { createRandom } from './prng.ts';
import { simulate } from './run.ts';
import { createMemoryTable } from './table/memory-table.ts';
import { TABLE_NAME } from './world.ts';

const RECORDED_RUNS = 7;
const store = useStore();

/** The requests that simulated runs made, in their order, and then the same in disorder, most of which are refused. */
async function recordedRequests(): Promise<object[]> {
  const requests: object[] = [];
  for (let seed = 1; seed <= RECORDED_RUNS; seed++)
    await simulate(seed, null, (request) => requests.push(request));
  const random = createRandom(7);
  const disorder = Array.from(requests, () => requests[random.below(requests.length)] ?? {});
  return [...requests, ...disorder];
}

describe('the table in memory', () => {
  it('answers as the embedded engine does, and holds the same items in the end', {
    timeout: 60_000,
  }, async () => {
    const memory = createMemoryTable(
      () => 0,
      () => {},
    );
    const requests = await recordedRequests();
    const kinds = new Set<string>();
    for (const request of requests) {
      const ours = answerOf(() => memory.execute(request));
      const theirs = await answerOf(() => store.context.client.send(request as GetCommand));
      kinds.add(`${request.constructor.name} ${theirs.outcome}`);
      expect({ request: inputOf(request), ...(await ours) }).toEqual({
        request: inputOf(request),
        ...theirs,
      });
    }
    expect(sorted(await store.items())).toEqual(sorted(memory.items()));
    expect([...kinds].toSorted()).toEqual([
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
    const { Item, Items } = (await send()) as { Item?: unknown; Items?: Record<string, unknown>[] };
    return { outcome: 'done', value: { Item, Items: Items && sorted(Items) } };
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

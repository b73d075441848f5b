import type { DynamoDBDocumentClient, ScanCommand, ScanCommandInput } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { systemIo } from '../../../lib/io.ts';
import { scanTable } from '../../../lib/store/table-scan.ts';

it('reads a table to its end, and pauses between pages for as long as leaves payments their part', async () => {
  const [first, second, third] = ['1', '2', '3'].map((n) => ({ pk: `ORDER#${n}`, sk: 'ORDER' }));
  const answers = [
    { Items: [first], ScannedCount: 40, LastEvaluatedKey: first, ConsumedCapacity: { CapacityUnits: 128 } },
    { Items: [], ScannedCount: 7, LastEvaluatedKey: second },
    { Items: [third], ScannedCount: 1, ConsumedCapacity: { CapacityUnits: 128 } },
  ];
  const asked: ScanCommandInput[] = [];
  const send = async ({ input }: ScanCommand) => {
    asked.push(input);
    return answers[asked.length - 1];
  };
  const pauses: number[] = [];
  const sleep = async (duration_ms: number) => void pauses.push(duration_ms);
  const client = { send } as unknown as DynamoDBDocumentClient;
  const context = { client, tableName: 'scanned', io: { ...systemIo, sleep } };

  const pages = await Array.fromAsync(scanTable(context, { ProjectionExpression: 'pk, sk' }));
  expect(pages).toEqual([
    { items: [first], read: 40 },
    { items: [], read: 7 },
    { items: [third], read: 1 },
  ]);
  const wanted = { TableName: 'scanned', ProjectionExpression: 'pk, sk', ReturnConsumedCapacity: 'TOTAL' };
  expect(asked).toEqual([
    { ...wanted, ExclusiveStartKey: undefined },
    ...[first, second].map((ExclusiveStartKey) => ({ ...wanted, ExclusiveStartKey })),
  ]);
  // 500 of the 3000 units that a partition serves in a second.
  expect(pauses).toEqual([256, 0]);
});

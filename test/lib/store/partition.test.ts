import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, type QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { systemIo } from '../../../lib/io.ts';
import { queryPartition } from '../../../lib/store/partition.ts';

/** A table that gives these answers in turn, and what it was asked. */
function answering(...answers: readonly object[]) {
  const asked: QueryCommandInput[] = [];
  const send = async ({ input }: QueryCommand) => answers[asked.push(input) - 1];
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' }));
  return {
    asked,
    context: { client: Object.assign(client, { send }), tableName: 'settle-test', io: systemIo },
  };
}

it('all of a partition is read, page by page, with what was written just before', async () => {
  const [first, second, third] = ['ORDER', 'PAYMENT#1', 'PAYMENT#2'].map((sk) => ({
    pk: 'ORDER#mall-1',
    sk,
  }));
  const { asked, context } = answering(
    { Items: [first], LastEvaluatedKey: first },
    { Items: [], LastEvaluatedKey: second },
    { Items: [second, third] },
  );
  expect(await queryPartition(context, 'ORDER#mall-1')).toEqual([first, second, third]);
  const wanted = {
    ...{ TableName: 'settle-test', ConsistentRead: true, KeyConditionExpression: 'pk = :pk' },
    ExpressionAttributeValues: { ':pk': 'ORDER#mall-1' },
  };
  expect(asked).toEqual(
    [undefined, first, second].map((ExclusiveStartKey) => ({ ...wanted, ExclusiveStartKey })),
  );
});

it('a partition of which nothing is answered has no items', async () => {
  const { context } = answering({});
  expect(await queryPartition(context, 'ORDER#mall-1')).toEqual([]);
});

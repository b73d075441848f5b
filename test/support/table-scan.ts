import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';

export type TableItem = Readonly<Record<string, unknown>>;

/** Every item of a table. */
export async function scanTable({
  dynamodbEndpoint,
  tableName,
}: {
  readonly dynamodbEndpoint: string;
  readonly tableName: string;
}): Promise<TableItem[]> {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({ endpoint: dynamodbEndpoint, region: 'local', credentials }),
  );
  const items: TableItem[] = [];
  const input = { TableName: tableName, ConsistentRead: true };
  for await (const { Items = [] } of paginateScan({ client }, input)) items.push(...Items);
  client.destroy();
  return items;
}

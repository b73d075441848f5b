import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  type TableDescription,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import type { Template } from '../../stacks/template.ts';
import { resourceOfType } from '../resource.ts';
import { StartError } from '../start-error.ts';

/** What `AWS::DynamoDB::Table` and `CreateTable` spell alike, and the two parts that they do not. */
type TableProperties = Pick<
  CreateTableCommandInput,
  | 'AttributeDefinitions'
  | 'KeySchema'
  | 'BillingMode'
  | 'GlobalSecondaryIndexes'
  | 'DeletionProtectionEnabled'
> & {
  readonly StreamSpecification?: { readonly StreamViewType: 'NEW_AND_OLD_IMAGES' };
  readonly TimeToLiveSpecification?: { readonly AttributeName: string; readonly Enabled: boolean };
};

/**
 * Creates the template's one table unless it is there, and waits until it can be used.
 * @throws StartError when a table of that name has other keys or indexes, or lacks the stream
 */
export async function ensureTable(
  client: DynamoDBClient,
  tableName: string,
  template: Template,
): Promise<TableDescription> {
  const properties = resourceOfType(template, 'AWS::DynamoDB::Table').Properties as TableProperties;
  const input = createTableInput(tableName, properties);
  await createUnlessThere(client, input, properties);
  await waitUntilTableExists(
    { client, maxWaitTime: 10, minDelay: 0.05, maxDelay: 0.5 },
    { TableName: tableName },
  );
  const { Table: table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
  const lacksStream = properties.StreamSpecification && !table?.LatestStreamArn;
  if (!table || lacksStream || keysOf(table) !== keysOf(input)) {
    throw new StartError(
      `table ${tableName} was made from another definition: use another or a new data file`,
    );
  }
  return table;
}

/** @throws Error when the table has no stream */
export function streamArnOf({ LatestStreamArn }: TableDescription): string {
  if (!LatestStreamArn) throw new Error('the table has no stream');
  return LatestStreamArn;
}

function createTableInput(tableName: string, properties: TableProperties): CreateTableCommandInput {
  const { AttributeDefinitions, KeySchema, BillingMode, GlobalSecondaryIndexes, DeletionProtectionEnabled } =
    properties;
  const { StreamViewType } = properties.StreamSpecification ?? {};
  return {
    TableName: tableName,
    AttributeDefinitions,
    KeySchema,
    BillingMode,
    GlobalSecondaryIndexes,
    DeletionProtectionEnabled,
    StreamSpecification: StreamViewType && { StreamEnabled: true, StreamViewType },
  };
}

async function createUnlessThere(
  client: DynamoDBClient,
  input: CreateTableCommandInput,
  { TimeToLiveSpecification }: TableProperties,
): Promise<void> {
  try {
    await client.send(new CreateTableCommand(input));
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceInUseException') return;
    throw error;
  }
  if (TimeToLiveSpecification) {
    await client.send(new UpdateTimeToLiveCommand({ TableName: input.TableName, TimeToLiveSpecification }));
  }
}

function keysOf({ KeySchema, GlobalSecondaryIndexes }: TableDescription | CreateTableCommandInput): string {
  const indexes = (GlobalSecondaryIndexes ?? []).map(
    (index) => `${index.IndexName}:${keyNames(index.KeySchema)}`,
  );
  return [keyNames(KeySchema), ...indexes.sort()].join(' ');
}

function keyNames(schema: TableDescription['KeySchema']): string {
  return (schema ?? []).map((key) => key.AttributeName).join(',');
}

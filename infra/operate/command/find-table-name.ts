import { DescribeTableCommand, DynamoDBClient, ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import { tableName } from '../../stacks/table-name.ts';
import { patience } from './patience.ts';

/**
 * `TABLE_NAME`, else the table of the stage.
 * @throws Error when the stage has none here
 */
export async function findTableName(stage: string, variables: NodeJS.ProcessEnv): Promise<string> {
  const { TABLE_NAME } = variables;
  if (TABLE_NAME) return TABLE_NAME;
  const name = tableName(stage);
  try {
    await new DynamoDBClient(patience).send(new DescribeTableCommand({ TableName: name }));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    throw new Error(`no table ${name} in this account and region`);
  }
  return name;
}

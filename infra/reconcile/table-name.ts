import { DynamoDBClient, paginateListTables } from '@aws-sdk/client-dynamodb';

/**
 * The table of a stage: `TABLE_NAME` (the stack's output of this name), else the one table of that stack.
 * @throws Error when there is none, or one that an earlier stack left behind besides
 */
export async function findTableName(stage: string, variables: NodeJS.ProcessEnv): Promise<string> {
  const { TABLE_NAME } = variables;
  if (TABLE_NAME) return TABLE_NAME;
  // As CloudFormation names it: stack, logical id, a random part.
  const pattern = new RegExp(`^settle-${stage}-table[0-9A-F]{8}-[0-9A-Z]+$`);
  const found: string[] = [];
  for await (const { TableNames = [] } of paginateListTables({ client: new DynamoDBClient() }, {})) {
    found.push(...TableNames.filter((name) => pattern.test(name)));
  }
  const [name, ...others] = found;
  if (name === undefined) throw new Error(`no table of stage ${stage} in this account and region`);
  if (others.length > 0) throw new Error(`stage ${stage} has more than one table: set TABLE_NAME to yours`);
  return name;
}

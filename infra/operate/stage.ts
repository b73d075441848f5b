import { DescribeTableCommand, DynamoDBClient, ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import { type CommandOption, UsageError } from '../command/command.ts';
import { tableName } from '../stacks/table-name.ts';
import { readStage, type Stage } from '../stages.ts';
import { patience } from './aws.ts';
import { deployCommand, readDataStack } from './stack.ts';

export const stageOption = {
  type: 'string',
  value: '<name>',
  default: 'dev',
  description: 'the stage; local for the system that npm start runs',
} as const satisfies CommandOption;

export const tenantOption = {
  type: 'string',
  value: '<number>',
  description: 'a tenant',
} as const satisfies CommandOption;

/** What `--tenant` names; null without it. @throws UsageError */
export function readTenantOption(number: string | undefined): number | null {
  if (number === undefined) return null;
  const tenant_id = /^[1-9][0-9]{0,15}$/.test(number) ? Number(number) : Number.NaN;
  if (!Number.isSafeInteger(tenant_id)) throw new UsageError('--tenant must be a whole number from 1');
  return tenant_id;
}

/** What `--stage` names. @throws UsageError */
export function readStageOption(name: string): Stage {
  try {
    return readStage(name);
  } catch (error) {
    // It begins with the name of the option.
    throw new UsageError(`--${error instanceof Error ? error.message : error}`);
  }
}

/**
 * `TABLE_NAME`, else the table of the stage.
 * @throws Error when the stage has none here
 */
export async function findTableName(stage: string, variables: NodeJS.ProcessEnv): Promise<string> {
  const { TABLE_NAME } = variables;
  if (TABLE_NAME) return TABLE_NAME;
  const name = tableName(stage);
  if (await isTable(name)) return name;
  throw new Error(`no table ${name} in this account and region`);
}

async function isTable(name: string): Promise<boolean> {
  try {
    await new DynamoDBClient(patience).send(new DescribeTableCommand({ TableName: name }));
    return true;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return false;
    throw error;
  }
}

/** What deploys a stage that has no stack: a table that was left by one of before is taken on again. */
export async function firstDeployCommand(stage: string): Promise<string> {
  const isLeft = async () => (await readDataStack(stage)) === null && (await isTable(tableName(stage)));
  // Whoever may not ask is told what is right for nearly everybody.
  const isTakenOn = await isLeft().catch(() => false);
  return `${deployCommand(stage)}${isTakenOn ? ' --import-existing-resources' : ''}`;
}

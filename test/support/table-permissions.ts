import type { TableRequest } from './dynamodb-proxy.ts';

const partActions = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
} as const;

type PartName = keyof typeof partActions;

/**
 * What IAM asks of whoever sends this request: for a transaction, the action of each of its parts, and for an index or
 * the table of deliveries its name (Service Authorization Reference, DynamoDB).
 */
export function permissionsOf({ action, body }: Pick<TableRequest, 'action' | 'body'>): string[] {
  const { IndexName, TransactItems, TableName } = JSON.parse(body.toString());
  if (action === 'TransactWriteItems') {
    return (TransactItems as object[])
      .flatMap((part) => Object.keys(part))
      .map((name) => partActions[name as PartName] ?? name);
  }
  if (action === 'TransactGetItems') return ['GetItem'];
  const where = [
    ...(IndexName === undefined ? [] : [` on the index ${IndexName}`]),
    ...(String(TableName).endsWith('-deliveries') ? [' of deliveries'] : []),
  ];
  return [action + where.join('')];
}

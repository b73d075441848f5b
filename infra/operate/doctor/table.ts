import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  type KeySchemaElement,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import {
  type IndexDefinition,
  partitionKey,
  sortKey,
  tableIndexes,
  timeToLiveAttribute,
} from '../../../lib/store/table.ts';
import { patience } from '../aws.ts';
import { fault, ok, type Result, unknown, unreadable, warning } from './check.ts';

/** What DynamoDB tells about a table; of each, why not when it does not. */
export interface TableFacts {
  readonly name: string;
  readonly description: TableDescription | Error;
  /** The attribute, when it is on. */
  readonly timeToLive: string | null | Error;
  readonly hasPointInTimeRecovery: boolean | Error;
}

const deployAgain = 'Deploy the stage again';
/** A deployment sees no change where a hand or a restore has switched something off. */
const switchOn = 'Switch it on as the runbook says in "What a restore leaves out"';

export async function readTable(name: string): Promise<TableFacts> {
  const client = new DynamoDBClient(patience);
  const input = { TableName: name };
  const orError = <T>(reading: Promise<T>): Promise<T | Error> => reading.catch((error: Error) => error);
  const [description, timeToLive, hasPointInTimeRecovery] = await Promise.all([
    orError(client.send(new DescribeTableCommand(input)).then(({ Table = {} }) => Table)),
    orError(
      client.send(new DescribeTimeToLiveCommand(input)).then(({ TimeToLiveDescription: ttl }) => {
        const isOn = ttl?.TimeToLiveStatus === 'ENABLED' || ttl?.TimeToLiveStatus === 'ENABLING';
        return isOn ? (ttl.AttributeName ?? null) : null;
      }),
    ),
    orError(
      client
        .send(new DescribeContinuousBackupsCommand(input))
        .then(({ ContinuousBackupsDescription: backups }) => {
          return backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === 'ENABLED';
        }),
    ),
  ]);
  client.destroy();
  return { name, description, timeToLive, hasPointInTimeRecovery };
}

export const isMissing = ({ description }: TableFacts): boolean =>
  description instanceof Error && description.name === 'ResourceNotFoundException';

/** Whether the table is made and kept as the stack makes and keeps it. */
export function checkTable(facts: TableFacts): readonly Result[] {
  const { name, description, timeToLive, hasPointInTimeRecovery } = facts;
  if (isMissing(facts)) {
    return [fault('table', `there is none named ${name}. ${deployAgain}, or name the right one`)];
  }
  return [
    judge('table', description, checkKeys),
    judge('stream', description, checkStream),
    judge('indexes', description, checkIndexes),
    judge('deletion protection', description, checkDeletionProtection),
    judge('time to live', timeToLive, checkTimeToLive),
    judge('point-in-time recovery', hasPointInTimeRecovery, checkPointInTimeRecovery),
  ];
}

function judge<T>(check: string, fact: T | Error, decide: (fact: T) => Result): Result {
  return fact instanceof Error ? unreadable(check, fact) : decide(fact);
}

function checkKeys({ TableName, TableStatus, KeySchema }: TableDescription): Result {
  if (keyNames(KeySchema) !== `${partitionKey},${sortKey}`) {
    return fault('table', `${TableName} has other keys than Settle's. Name the right one`);
  }
  if (TableStatus === 'ACTIVE' || TableStatus === 'UPDATING') return ok('table', `${TableName} is there`);
  return fault('table', `${TableName} is ${TableStatus}. Look at it in the console`);
}

function checkStream({ StreamSpecification, LatestStreamArn }: TableDescription): Result {
  const { StreamEnabled, StreamViewType } = StreamSpecification ?? {};
  if (StreamEnabled && LatestStreamArn && StreamViewType === 'NEW_AND_OLD_IMAGES') {
    return ok('stream', 'new and old images');
  }
  return fault('stream', `is off or has other images: the group is told late. ${switchOn}`);
}

function checkIndexes({ GlobalSecondaryIndexes = [] }: TableDescription): Result {
  const missing = Object.values(tableIndexes).filter(
    (index) => !GlobalSecondaryIndexes.some((other) => isIndex(other, index)),
  );
  if (missing.length === 0) return ok('indexes', Object.keys(tableIndexes).join(', '));
  const names = missing.map(({ name }) => name).join(', ');
  return fault('indexes', `${names} missing, not ready or of other keys. ${deployAgain}`);
}

function isIndex(
  { IndexName, KeySchema, IndexStatus }: NonNullable<TableDescription['GlobalSecondaryIndexes']>[number],
  index: IndexDefinition,
): boolean {
  const isReady = IndexStatus === 'ACTIVE' || IndexStatus === 'UPDATING';
  const keys = `${index.partitionKey},${index.sortKey}`;
  return IndexName === index.name && isReady && keyNames(KeySchema) === keys;
}

const keyNames = (schema: readonly KeySchemaElement[] = []): string =>
  schema.map(({ AttributeName }) => AttributeName).join(',');

function checkDeletionProtection({ DeletionProtectionEnabled: isOn }: TableDescription): Result {
  const check = 'deletion protection';
  if (isOn === undefined) return unknown(check, 'could not be found out: DynamoDB does not say');
  return isOn ? ok(check, 'on') : fault(check, `is off: one command deletes the table. ${switchOn}`);
}

function checkTimeToLive(attribute: string | null): Result {
  const check = 'time to live';
  if (attribute === timeToLiveAttribute) return ok(check, `on ${timeToLiveAttribute}`);
  return warning(check, `is not on ${timeToLiveAttribute}: old keys stay for good. ${switchOn}`);
}

function checkPointInTimeRecovery(isOn: boolean): Result {
  const check = 'point-in-time recovery';
  return isOn ? ok(check, 'on') : fault(check, `is off: what is lost stays lost. ${switchOn}`);
}

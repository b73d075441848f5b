import { type DynamoDBDocumentClient, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { type Instance, passage } from '../instance.ts';
import type { Surroundings } from '../surroundings.ts';
import { type CancellationReason, storeError, transactionCancelled } from './errors.ts';
import { type MemoryTable, type Write, writesOf } from './memory-table.ts';

/** The SDK's own limit for a request, as the functions set it. */
const REQUEST_TIMEOUT_MS = 1_500;

const passingCodes = ['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'] as const;
const strangeCodes = ['ItemCollectionSizeLimitExceeded', 'ValidationError', 'SomethingNew'] as const;
const throttlings = [
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'TransactionInProgressException',
] as const;

/** Where a planted bug changes what is asked of the table, or what it answers. */
export interface TableBug {
  /** The request as it goes through; null when it is swallowed, as if it were done. */
  readonly request?: (command: object, instance: Instance) => object | null;
  readonly answer?: (answer: object, command: object, instance: Instance) => object;
  /** What a failure is taken for: another one or, where it is null, success. */
  readonly error?: (error: Error, command: object, instance: Instance) => Error | null;
  /** Whether a transaction is made in several requests, one for each of its parts. */
  readonly splits?: (command: object) => boolean;
}

export interface TableParts {
  readonly world: Surroundings;
  readonly table: MemoryTable;
  readonly deadlineOf: (signal: AbortSignal | undefined) => number;
  readonly bug: TableBug | null;
}

type Send = (command: object, options?: { abortSignal?: AbortSignal | undefined }) => Promise<object>;

/** A document client whose requests travel to the table in memory, where faults befall them on the way. */
export function createTableClient(parts: TableParts, instance: Instance): DynamoDBDocumentClient {
  const { world, table, bug } = parts;
  const { clock, random, faults } = world;
  const latency = () => (random.chance(0.05) ? random.between(50, 400) : random.between(1, 12));
  const fail = (error: Error, command: object): object => {
    const left = bug?.error ? bug.error(error, command, instance) : error;
    if (left) throw left;
    return {};
  };
  const hang = async (signal: AbortSignal | undefined, command: object) => {
    const given_up = Math.min(parts.deadlineOf(signal), clock.now() + REQUEST_TIMEOUT_MS);
    await passage(world, instance, given_up - clock.now());
    return fail(storeError('TimeoutError', null), command);
  };
  const send: Send = async (command, { abortSignal } = {}) => {
    const isSplit = command instanceof TransactWriteCommand && (command.input.TransactItems ?? []).length > 1;
    if (isSplit && bug?.splits?.(command)) {
      for (const part of command.input.TransactItems ?? []) {
        await send(new TransactWriteCommand({ TransactItems: [part] }), { abortSignal });
      }
      return {};
    }
    instance.requests += 1;
    await passage(world, instance, latency());
    const told = bug?.request ? bug.request(command, instance) : command;
    if (told === null) return {};
    if (faults.happens('db_request_lost') || faults.happens('db_hang')) return hang(abortSignal, told);
    const refusal = refuse(world, table, told);
    if (refusal) {
      await passage(world, instance, latency());
      return fail(refusal, told);
    }
    const answer = execute(world, table, told);
    if (faults.happens('db_reply_lost')) {
      world.tell(`${instance.name}: ${describe(told)} loses its reply`);
      return hang(abortSignal, told);
    }
    await passage(world, instance, latency());
    if (answer instanceof Error) return fail(answer, told);
    if (!('Items' in answer) && !('Responses' in answer)) world.tell(`${instance.name}: ${describe(told)}`);
    return bug?.answer ? bug.answer(answer, told, instance) : answer;
  };
  return { send } as unknown as DynamoDBDocumentClient;
}

function execute({ faults, random }: Surroundings, table: MemoryTable, command: object): object {
  const stale = faults.happens('index_behind') ? random.between(1, 4) : 0;
  try {
    return table.execute(command, stale);
  } catch (error) {
    if (!(error instanceof Error) || !('$metadata' in error)) throw error;
    return error;
  }
}

/** What befalls a request before it has any effect; null when nothing does. */
function refuse(world: Surroundings, table: MemoryTable, command: object): Error | null {
  const { faults, random } = world;
  if (faults.happens('db_server_error')) return storeError('InternalServerError', 500);
  if (faults.happens('db_throttled')) return storeError(random.pick(throttlings), 400);
  if (command instanceof TransactWriteCommand) return cancel(world, table, command);
  const isWrite = !['BatchGetCommand', 'GetCommand', 'QueryCommand'].includes(command.constructor.name);
  return isWrite && faults.happens('db_conflict') ? storeError('TransactionConflictException', 400) : null;
}

/** Cancels a transaction for reasons that have nothing to do with its conditions, alone or beside those. */
function cancel(
  { faults, random }: Surroundings,
  table: MemoryTable,
  command: TransactWriteCommand,
): Error | null {
  const parts = writesOf(command);
  const hit = random.below(parts.length);
  const alone = (Code: string): CancellationReason[] =>
    parts.map((_, index) => ({ Code: index === hit ? Code : 'None' }));
  if (faults.happens('db_conflict')) return transactionCancelled(alone('TransactionConflict'));
  if (faults.happens('db_cancelled_strangely')) return transactionCancelled(alone(random.pick(strangeCodes)));
  if (!faults.happens('db_cancelled_mixed')) return null;
  const Code = random.pick(passingCodes);
  const reasons = table.cancellationReasons(command);
  return transactionCancelled(reasons.map((reason, index) => (index === hit ? { Code } : reason)));
}

/** A request in a few words. */
function describe(command: object): string {
  const kind = command.constructor.name.replace('Command', '');
  const { input } = command as { input: Write & { IndexName?: string; ExpressionAttributeValues?: object } };
  const parts: Write[] = command instanceof TransactWriteCommand ? writesOf(command) : [input];
  const names = parts
    .map(({ Item, Key }) => Item ?? Key)
    .map((key) =>
      key
        ? `${key['pk']}/${key['sk']}`
        : (input.IndexName ?? String(Object.values(input.ExpressionAttributeValues ?? {})[0])),
    );
  return `${kind} ${names.join(' + ')}`;
}

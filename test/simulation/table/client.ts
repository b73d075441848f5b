import { type DynamoDBDocumentClient, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { Invocation, World } from '../world.ts';
import { storeError, transactionCancelled } from './errors.ts';
import { writesOf } from './memory-table.ts';
import { rewriteRequest } from './rewrite.ts';

/** What a request is told before it reaches the table. */
const HANG_MS = 1_500;
const passingCodes = ['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'] as const;
const throttlings = [
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'TransactionInProgressException',
] as const;

/** A document client of one invocation: its requests travel to the table, and faults befall them on the way. */
export function createMemoryClient(
  world: World,
  invocation: Omit<Invocation, 'context'>,
): DynamoDBDocumentClient {
  const { task } = invocation;
  let hasLostReply = false;
  const fail = (error: Error): object => {
    const altered = world.bug?.alterError ? world.bug.alterError(error, task, hasLostReply) : error;
    if (altered) throw altered;
    return {};
  };
  const send = async (command: object): Promise<object> => {
    invocation.requests.count += 1;
    await world.travel(task);
    const request = world.bug ? rewriteRequest(world.bug, command) : command;
    const told = describe(request);
    const log = (text: string) =>
      world.log(orderOf(told) || task.order, `${task.name}: ${told.name} ${text}`);
    const refusal = refuse(world, request);
    if (refusal) {
      log(`meets ${refusal.message}`);
      if (refusal.message === 'hang') await invocation.io.sleep(HANG_MS);
      return fail(refusal);
    }
    const answer = execute(world, request, log);
    const isDone = !(answer instanceof Error);
    if (told.isWrite && isDone) invocation.written.push(...told.keys.map(({ sk }) => sk));
    await world.travel(task);
    if (world.faults.happens('reply_lost')) {
      log('loses its reply');
      hasLostReply ||= isDone;
      throw storeError('TimeoutError', null);
    }
    return isDone ? answer : fail(answer);
  };
  return { send } as unknown as DynamoDBDocumentClient;
}

function execute(world: World, request: object, log: (text: string) => void): object {
  const { table, faults, random, plugs } = world;
  plugs.onRequest(request);
  const stale = faults.happens('index_behind') ? random.between(1, 4) : 0;
  try {
    const answer = table.execute(request, stale);
    log('is done');
    return answer;
  } catch (error) {
    if (!(error instanceof Error) || !('$metadata' in error)) throw error;
    log(`is refused: ${error.name}`);
    return error;
  }
}

/** What befalls a request before it has any effect; null when nothing does. */
function refuse(world: World, request: object): Error | null {
  const { faults, random } = world;
  if (faults.happens('request_lost')) return named(storeError('TimeoutError', null), 'request_lost');
  if (faults.happens('hang')) return named(storeError('TimeoutError', null), 'hang');
  if (faults.happens('server_error')) return named(storeError('InternalServerError', 500), 'server_error');
  if (faults.happens('throttled')) return named(storeError(random.pick(throttlings), 400), 'throttled');
  return request instanceof TransactWriteCommand
    ? cancel(world, request)
    : faults.happens('transaction_conflict')
      ? named(storeError('TransactionConflictException', 400), 'transaction_conflict')
      : null;
}

/** Cancels a transaction for reasons that have nothing to do with its conditions, alone or beside those. */
function cancel({ faults, random, table }: World, request: TransactWriteCommand): Error | null {
  const writes = writesOf(request);
  const hit = random.below(writes.length);
  const none = { Code: 'None' };
  if (faults.happens('transaction_conflict')) {
    const reasons = writes.map((_, index) => (index === hit ? { Code: 'TransactionConflict' } : none));
    return named(transactionCancelled(reasons), 'transaction_conflict');
  }
  if (faults.happens('cancellation_mixed')) {
    const code = random.pick(passingCodes);
    const true_reasons = table.cancellationReasons(request);
    const reasons = true_reasons.map((reason, index) => (index === hit ? { Code: code } : reason));
    return named(transactionCancelled(reasons), 'cancellation_mixed');
  }
  if (faults.happens('cancellation_unknown')) {
    const code = random.pick(['ItemCollectionSizeLimitExceeded', 'ValidationError', 'SomethingNew']);
    const reasons = writes.map((_, index) => (index === hit ? { Code: code } : none));
    return named(transactionCancelled(reasons), 'cancellation_unknown');
  }
  return null;
}

const named = (error: Error, message: string): Error => Object.assign(error, { message });

interface Described {
  readonly name: string;
  readonly keys: readonly { readonly pk: string; readonly sk: string }[];
  readonly isWrite: boolean;
}

type Keyed = { readonly Item?: Record<string, unknown>; readonly Key?: Record<string, unknown> };

/** A request in a few words. */
export function describe(command: object): Described {
  const kind = command.constructor.name.replace('Command', '');
  const { input } = command as { input: Keyed & { IndexName?: string; ExpressionAttributeValues?: object } };
  const parts: Keyed[] = command instanceof TransactWriteCommand ? (writesOf(command) as Keyed[]) : [input];
  const keys = parts
    .map(({ Item, Key }) => Item ?? Key)
    .filter((key) => key !== undefined)
    .map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) }));
  const subject = keys.map(({ sk }) => sk).join(' + ') || `index ${input.IndexName ?? 'none'}`;
  return { name: `${kind} ${subject}`, keys, isWrite: kind !== 'Get' && kind !== 'Query' };
}

/** The order that a request is about; empty when it is about none. */
function orderOf({ keys }: Described): string {
  const pk = keys.find((key) => key.pk.startsWith('ORDER#'))?.pk ?? '';
  return pk.slice('ORDER#'.length);
}

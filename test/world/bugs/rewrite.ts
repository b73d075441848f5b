import { PutCommand, QueryCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Instance } from '../instance.ts';
import type { Write } from '../table/memory-table.ts';

/** How planted bugs change what the functions ask of the table. */

export interface Part {
  readonly kind: 'Put' | 'Update' | 'ConditionCheck';
  readonly pk: string;
  readonly sk: string;
  readonly write: Write;
  /** What an update sets, by field: the placeholder's value, or undefined where it is no plain value. */
  readonly sets: Readonly<Record<string, unknown>>;
}

/** The part as it goes through, or null where it is left out. */
export type ChangePart = (part: Part, all: readonly Part[], instance: Instance) => Write | null;

/** A command with its parts changed; null where nothing is left, as if it were done. */
export const changeParts =
  (change: ChangePart) =>
  (command: object, instance: Instance): object | null => {
    const parts = partsOf(command);
    if (!parts) return command;
    const left = parts.flatMap((part) => {
      const write = change(part, parts, instance);
      return write ? [{ ...part, write }] : [];
    });
    return commandOf(command, left);
  };

export function partsOf(command: object): Part[] | null {
  if (command instanceof TransactWriteCommand) {
    return (command.input.TransactItems ?? []).flatMap(({ Put, Update, ConditionCheck }) => {
      if (Put) return [toPart('Put', Put)];
      if (Update) return [toPart('Update', Update)];
      return ConditionCheck ? [toPart('ConditionCheck', ConditionCheck)] : [];
    });
  }
  if (command instanceof PutCommand) return [toPart('Put', command.input)];
  return command instanceof UpdateCommand ? [toPart('Update', command.input)] : null;
}

function toPart(kind: Part['kind'], write: Write): Part {
  const { pk, sk } = write.Item ?? write.Key ?? {};
  return {
    kind,
    pk: String(pk),
    sk: String(sk),
    write,
    sets: kind === 'Put' ? (write.Item ?? {}) : setsOf(write),
  };
}

function setsOf({
  UpdateExpression = '',
  ExpressionAttributeNames: names = {},
  ExpressionAttributeValues: values = {},
}: Write) {
  const pairs = [...UpdateExpression.matchAll(/(#?\w+) = (:\w+)(?=,|$| REMOVE)/g)];
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [names[name] ?? name, values[value]]));
}

function commandOf(command: object, parts: readonly Part[]): object | null {
  if (parts.length === 0) return null;
  if (command instanceof TransactWriteCommand) {
    const TransactItems = parts.map(({ kind, write }) => ({ [kind]: write }));
    return new TransactWriteCommand({ TransactItems } as unknown as TransactWriteCommand['input']);
  }
  const [part] = parts;
  return command instanceof PutCommand
    ? new PutCommand(part?.write as PutCommand['input'])
    : new UpdateCommand(part?.write as UpdateCommand['input']);
}

/** The write without those of its conditions that are about these fields. */
export function withoutConditions(write: Write, ...fields: readonly string[]): Write {
  const { ConditionExpression = '', ExpressionAttributeNames: names = {} } = write;
  const kept = ConditionExpression.split(' AND ').filter((condition) => {
    const [subject = ''] = condition.split(' ');
    return !fields.includes(names[subject] ?? subject);
  });
  return { ...write, ConditionExpression: kept.length > 0 ? kept.join(' AND ') : 'attribute_exists(pk)' };
}

/** The update without what it sets these fields to. */
export function withoutSetting(write: Write, ...fields: readonly string[]): Write {
  const { UpdateExpression = '', ExpressionAttributeNames: names = {} } = write;
  const named = (token: string) => fields.includes(names[token] ?? token);
  const kept = UpdateExpression.replace(
    /(#?\w+) = (?:if_not_exists\([^)]*\) \+ :\w+|[:#\w]+)(?:, )?/g,
    (assignment, token: string) => (named(token) ? '' : assignment),
  );
  return { ...write, UpdateExpression: kept.replace(/, (?= REMOVE|$)/, '') };
}

/** The write with other values for its placeholders. */
export function withValues(write: Write, change: (value: unknown) => unknown): Write {
  const { ExpressionAttributeValues: values = {} } = write;
  return {
    ...write,
    ExpressionAttributeValues: Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, change(value)]),
    ),
  };
}

type Item = Record<string, unknown>;

/** The items that a query answers with, changed or left out. */
export const changeItems =
  (change: (item: Item, instance: Instance) => Item | null) =>
  (answer: object, command: object, instance: Instance): object => {
    const { Items } = answer as { Items?: Item[] };
    if (!(command instanceof QueryCommand) || !Items) return answer;
    return { ...answer, Items: Items.flatMap((item) => change(item, instance) ?? []) };
  };

export const isQueryOf = (command: object, index: string): boolean =>
  command instanceof QueryCommand && command.input.IndexName === index;

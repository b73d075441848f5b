import { PutCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Bug } from '../bugs.ts';
import type { Write } from './memory-table.ts';

/** The request as the bug lets it through. */
export function rewriteRequest({ rewrite }: Bug, command: object): object {
  if (!rewrite) return command;
  const skOf = ({ Item, Key }: Write) => String((Item ?? Key)?.['sk']);
  if (command instanceof TransactWriteCommand) {
    const parts = command.input.TransactItems ?? [];
    const keys = parts.map(({ Put, Update }) => skOf((Put ?? Update) as Write));
    const kept = parts.flatMap(({ Put, Update }) => {
      const write = rewrite((Put ?? Update) as Write, skOf((Put ?? Update) as Write), keys);
      return write ? [Put ? { Put: write } : { Update: write }] : [];
    });
    return new TransactWriteCommand({ TransactItems: kept } as unknown as TransactWriteCommand['input']);
  }
  if (!(command instanceof PutCommand || command instanceof UpdateCommand)) return command;
  const write = rewrite(command.input, skOf(command.input), [skOf(command.input)]);
  if (!write) return new TransactWriteCommand({ TransactItems: [] });
  return command instanceof PutCommand
    ? new PutCommand(write as PutCommand['input'])
    : new UpdateCommand(write as UpdateCommand['input']);
}

import type { Ended } from '../world.ts';
import { checkExceptions } from './exceptions.ts';
import { checkHistory } from './history.ts';
import { checkAnnounced, checkOver, checkPoison, checkWatched } from './liveness.ts';
import { checkBookings, checkDiscounts, checkTransactions } from './money.ts';
import { checkMovements } from './movements.ts';
import { checkPayees } from './payees.ts';
import { checkRefunds } from './refunds.ts';
import { checkAsked, checkKeys, checkReplies, checkSecrets, checkStoredReplies } from './sent.ts';
import { checkContacts, checkShipping } from './shipping.ts';
import { readStored } from './stored.ts';
import { checkTold } from './told.ts';

/** What is wrong with a world at its end: nothing, if all goes well. */
export function judge({ town, table, bus, published, replies, lines, error }: Ended): string[] {
  if (error)
    return [
      `the run itself fails: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    ];
  const stored = readStored(table, town.notes.poison);
  return [
    ...town.notes.violations,
    ...checkTransactions(town, stored),
    ...checkBookings(town, stored),
    ...checkRefunds(town, stored),
    ...checkMovements(town, stored),
    ...checkPayees(town, stored),
    ...checkWatched(town, table),
    ...checkOver(town, stored),
    ...checkAnnounced(town, table, stored),
    ...checkPoison(town, table),
    ...checkHistory(table),
    ...checkExceptions(town, stored),
    ...checkShipping(town, stored),
    ...checkContacts(town, table.items()),
    ...checkDiscounts(town, stored),
    ...checkTold(table, bus, published),
    ...checkReplies(town, replies),
    ...checkAsked(town, stored),
    ...checkSecrets(town, lines),
    ...checkKeys(town),
    ...checkStoredReplies(town, stored),
    ...checkUnderstood(lines),
    ...checkReadable(lines),
  ];
}

/** Nothing that the functions ask of the world may be beyond it. */
const checkUnderstood = (lines: readonly string[]): string[] =>
  lines
    .filter((line) => line.includes('not understood'))
    .map((line) => `beyond this world: ${line.slice(0, 300)}`);

/** No item is marked of which nothing can be told. */
const checkReadable = (lines: readonly string[]): string[] =>
  lines.filter((line) => line.includes('"outcome":"unreadable"')).map((line) => `cannot be told of: ${line}`);

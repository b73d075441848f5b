import type { Findings } from '../figure.ts';
import type { Contest } from './contest.ts';
import { measureHandling } from './handling.ts';
import { measureReceiving } from './receiving.ts';

/**
 * What a callback costs in a function that is warm. One provider a process, as on Lambda: code that has met the
 * messages of several is slower for each.
 */
export async function measureCallback(contest: Contest): Promise<Findings> {
  const found = [await measureReceiving(contest), await measureHandling(contest)];
  return {
    figures: found.flatMap(({ figures }) => figures),
    tables: found.flatMap(({ tables = [] }) => tables),
  };
}

import { isoTime } from '../../../lib/io.ts';
import type { StoreContext } from '../../../lib/store/client.ts';
import { readHeartbeat } from '../../../lib/store/heartbeat.ts';
import { fault, ok, type Result, unreadable } from './check.ts';

/** It begins every minute and takes up to one. */
const LONGEST_SILENCE_MS = 5 * 60_000;

const advice = 'Look at the log of the function sweep, and at its schedule';

/** @param created when the table was made, in milliseconds since 1970; null when that is not known */
export async function checkLastSweep(store: StoreContext, created: number | null): Promise<Result> {
  const check = 'last sweep';
  try {
    return judge(check, await readHeartbeat(store, 'sweep'), store.io.now(), created);
  } catch (error) {
    return unreadable(check, error);
  }
}

function judge(check: string, ended: number | null, now: number, created: number | null): Result {
  if (ended !== null && now - ended <= LONGEST_SILENCE_MS)
    return ok(check, `ended well at ${isoTime(ended)}`);
  if (ended !== null) {
    return fault(check, `ended well at ${isoTime(ended)} and not since: lost callbacks stay lost. ${advice}`);
  }
  if (created !== null && now - created <= LONGEST_SILENCE_MS) {
    return ok(check, 'none has ended yet, and the table is new');
  }
  return fault(check, `none has ever ended well: lost callbacks stay lost. ${advice}`);
}

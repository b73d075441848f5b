import { isoTime } from '../../../lib/io.ts';
import type { StoreContext } from '../../../lib/store/client.ts';
import type { StoredItem } from '../../../lib/store/conditional-write.ts';
import { orderNumberOf, type WorkKind } from '../../../lib/store/keys.ts';
import { createWorkStore } from '../../../lib/store/work-store.ts';
import { fault, ok, type Result, unreadable, warning } from './check.ts';

/** The sweep takes up to 1,600 checks a minute: what waits longer is more than it manages, or is not taken. */
const LONGEST_WAIT_MS = 15 * 60_000;

const LATEST = '9999-12-31T23:59:59.999Z';

const NOBODY_TELLS =
  'neither the stream consumer nor the sweep announces it. Look at the logs of notify-wecom and sweep';

interface WorkCheck {
  readonly kind: WorkKind;
  readonly check: string;
  /** What is overdue by then is found; all that there is without it. */
  readonly overdue_ms: number | null;
  readonly level: typeof fault;
  readonly problem: string;
}

const checks: readonly WorkCheck[] = [
  {
    kind: 'check',
    check: 'overdue checks with providers',
    overdue_ms: LONGEST_WAIT_MS,
    level: fault,
    problem: 'the sweep does not keep up or does not run. Look at its log',
  },
  {
    kind: 'alert',
    check: 'overdue alerts',
    overdue_ms: LONGEST_WAIT_MS,
    level: fault,
    problem: NOBODY_TELLS,
  },
  {
    kind: 'notify',
    check: 'overdue announcements',
    overdue_ms: LONGEST_WAIT_MS,
    level: fault,
    problem: NOBODY_TELLS,
  },
  {
    kind: 'parked',
    check: 'announcements set aside',
    overdue_ms: null,
    level: warning,
    problem: 'it could not be read and waits for a person. Look at the item, and tell your group',
  },
];

/** Whether the `work` index holds what should have been done long ago, or what only a person can do. */
export const workChecks = (store: StoreContext): (() => Promise<Result>)[] =>
  checks.map((work) => () => checkWork(store, work));

async function checkWork(
  store: StoreContext,
  { kind, check, overdue_ms, level, problem }: WorkCheck,
): Promise<Result> {
  const until = overdue_ms === null ? LATEST : isoTime(store.io.now() - overdue_ms);
  try {
    const [first] = await createWorkStore(store).listDue(kind, until, 1);
    return first ? level(check, `${describe(first)}: ${problem}`) : ok(check, 'none');
  } catch (error) {
    return unreadable(check, error);
  }
}

function describe(item: StoredItem): string {
  const key = { pk: String(item['pk']), sk: String(item['sk']) };
  return `${orderNumberOf(key)} (${key.sk.split('#')[0]}) since ${item['work_due']}`;
}

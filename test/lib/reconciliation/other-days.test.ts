import { describe, expect, it } from 'vitest';
import type { ProviderEntry } from '../../../lib/reconciliation/books.ts';
import { providerDay } from '../../../lib/reconciliation/day.ts';
import type { DayResult, DayState } from '../../../lib/reconciliation/day-result.ts';
import { placeAmongDays } from '../../../lib/reconciliation/other-days.ts';
import { emptyTally } from '../../../lib/reconciliation/tally.ts';
import { entry, merchant, times } from './books.ts';

const names = ['refund mall-1-r1', 'return mall-1 R1'] as const;
const others = (count: number) => Array.from({ length: count }, (_, index) => `refund mall-2-r${index}`);

interface Kept {
  readonly state?: DayState;
  readonly absent?: string[];
  readonly unbooked?: string[];
  readonly started_at?: string;
  readonly finished_at?: string;
}

/** Asked for on the 20th at 23:58 in Beijing, booked on the 21st at 00:02, and not in the bill of the 21st. */
const nightly = { begun_at: '2026-11-20T15:58:00.000Z', booked_at: '2026-11-20T16:02:00.000Z' };

async function place(
  days: Record<string, Kept>,
  { begun_at, ...booked }: { begun_at: string } & Partial<ProviderEntry> = nightly,
) {
  const boundsOf = (date: string) => providerDay(times, date);
  const resultOf = async (date: string): Promise<DayResult | null> => {
    const kept = days[date];
    if (!kept) return null;
    const { absent = [], unbooked = [], ...changes } = kept;
    const morning = new Date(Date.parse(`${date}T02:00:00Z`) + 86_400_000).toISOString();
    return {
      ...{ ...merchant, ...emptyTally(), day: date, state: 'agreed', version: 1, runs: 1, position: null },
      ...{ started_at: morning, finished_at: morning, names: { absent, unbooked } },
      ...changes,
    };
  };
  const comparison = { boundsOf, bounds: boundsOf('2026-11-21'), day: '2026-11-21', resultOf };
  const refund = entry({ order_no: 'mall-1', kind: 'refund', payment: null, refund: 1, ...booked });
  return placeAmongDays(comparison, refund, { payment_no: 'mall-1', begun_at }, names);
}

describe('what is booked around midnight', () => {
  it('is in the bill of the other day, which looked for it and has not kept its name', async () => {
    expect(await place({ '2026-11-20': {} })).toBe('listed');
    expect(await place({ '2026-11-20': { absent: others(3) } })).toBe('listed');
  });

  it('is missing where the other day did not find it either', async () => {
    expect(await place({ '2026-11-20': { absent: [names[0]] } })).toBe('missing');
    expect(await place({ '2026-11-20': { state: 'differs', absent: [names[0]] } })).toBe('missing');
  });

  it('stays undecided while the other day is not done, or kept not all names', async () => {
    expect(await place({})).toBe('undecided');
    expect(await place({ '2026-11-20': { state: 'running', absent: [names[0]] } })).toBe('undecided');
    expect(await place({ '2026-11-20': { state: 'late' } })).toBe('undecided');
    expect(await place({ '2026-11-20': { absent: others(500) } })).toBe('undecided');
  });

  it('stays undecided where the other day had begun before it was booked, or looked for nothing so late', async () => {
    const begun = { started_at: nightly.booked_at, finished_at: '2026-11-21T02:00:00.000Z' };
    expect(await place({ '2026-11-20': begun })).toBe('undecided');
    const late = { ...nightly, booked_at: '2026-11-20T22:00:00.000Z' };
    expect(await place({ '2026-11-20': {} }, late)).toBe('undecided');
    const ended = { started_at: '2026-11-20T16:01:00.000Z', finished_at: nightly.booked_at };
    expect(await place({ '2026-11-20': ended })).toBe('undecided');
    const early = { ...nightly, paid_at: '2026-11-21T16:00:00.000Z', booked_at: '2026-11-21T15:58:59.000Z' };
    const after = { '2026-11-20': { absent: [names[0]] }, '2026-11-22': {} };
    expect(await place(after, early)).toBe('undecided');
    expect(await place(after, { ...early, booked_at: '2026-11-21T15:59:00.000Z' })).toBe('listed');
  });
});

describe('what took days to be booked', () => {
  const slow = { begun_at: '2026-11-18T04:00:00.000Z', booked_at: '2026-11-21T04:00:00.000Z' };
  const days = { '2026-11-18': {}, '2026-11-19': {}, '2026-11-20': {} };

  it('is in the bill in which it was under way', async () => {
    expect(await place({ ...days, '2026-11-18': { unbooked: [...others(2), names[0]] } }, slow)).toBe(
      'listed',
    );
  });

  it('is in it by any of its names', async () => {
    expect(await place({ ...days, '2026-11-19': { unbooked: [names[1]] } }, slow)).toBe('listed');
  });

  it('is missing where it was under way in none', async () => {
    expect(await place({ ...days, '2026-11-19': { unbooked: others(2) } }, slow)).toBe('missing');
  });

  it('stays undecided where not all names of what was under way were kept, or a day is not known', async () => {
    expect(await place({ ...days, '2026-11-19': { unbooked: others(500) } }, slow)).toBe('undecided');
    expect(await place({ '2026-11-18': {}, '2026-11-20': {} }, slow)).toBe('undecided');
    expect(await place({ '2026-11-20': { unbooked: [names[0]] } }, slow)).toBe('listed');
  });
});

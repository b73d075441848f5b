import { describe, expect, it } from 'vitest';
import { countDigest, type Digest, daysOfDigest, renderDigest } from '../../../lib/announcements/digest.ts';
import { MAX_CONTENT_BYTES } from '../../../lib/announcements/message.ts';
import { type ExceptionRecord, merchantException } from '../../../lib/orders/exception.ts';
import { exceptionKinds } from '../../../lib/orders/kinds.ts';
import type { DayResult } from '../../../lib/reconciliation/day-result.ts';
import { emptyTally } from '../../../lib/reconciliation/tally.ts';

const now = Date.parse('2026-11-22T04:00:00.000Z');
const HOUR = 3_600_000;
const merchant = { provider: 'wechat', merchant: '1900000001' } as const;

const day = (changes: Partial<DayResult> = {}): DayResult => ({
  ...{
    ...merchant,
    day: '2026-11-21',
    ...emptyTally(),
    state: 'agreed',
    version: 1,
    runs: 1,
    position: null,
  },
  started_at: '2026-11-22T02:00:00.000Z',
  finished_at: '2026-11-22T02:00:01.000Z',
  ...changes,
});
const exception = (changes: Partial<ExceptionRecord>, hours = 1): ExceptionRecord => ({
  ...merchantException(merchant, { kind: 'missing_here' }, now - hours * HOUR),
  ...changes,
});
const digest = (changes: Partial<Digest>): Digest => ({
  ...{ exceptions: [], isCut: false, reconciled: [], unfinished: [] },
  ...changes,
});

describe('renderDigest', () => {
  it('says nothing where nothing is open and nothing was reconciled', () => {
    expect(renderDigest(digest({}), now)).toBeNull();
  });

  it('has one line for days that all agree', () => {
    expect(renderDigest(digest({ reconciled: [day(), day({ day: '2026-11-20' })] }), now)).toBe(
      ['**每日摘要**', '> 没有未结的异常', '**对账** 2 天，全部一致'].join('\n'),
    );
  });

  it('tells open exceptions by kind, each with the age of its oldest', () => {
    const exceptions = [exception({}, 3), exception({}, 50), exception({ kind: 'disputed' }, 1)];
    expect(
      renderDigest(digest({ exceptions, isCut: true }), now)
        ?.split('\n')
        .slice(1),
    ).toEqual([
      '**<font color="warning">未结异常</font>** 3 以上 笔',
      '> 付款争议 1 笔，最早 1 小时前',
      '> 账单有账本无 2 笔，最早 2 天前',
    ]);
  });

  it('is one message whatever there is', () => {
    const exceptions = Array.from({ length: 9_000 }, (_, index) =>
      exception({
        kind: exceptionKinds[index % exceptionKinds.length] ?? 'mismatch',
        order_no: 'zzp01HXTESTQ000000000007ABCDE',
        due_by: '2026-11-30T00:00:00.000Z',
      }),
    );
    const differences = { missing_here: 1e6, missing_there: 1e6, other_amount: 1e6, unknown_row: 1e6 };
    const differing = day({ merchant: 'm'.repeat(130), state: 'differs', differences });
    const days = Array.from({ length: 500 }, () => differing);
    const message = renderDigest(digest({ exceptions, reconciled: days, unfinished: days }), now) ?? '';
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(MAX_CONTENT_BYTES);
    expect(message).toContain('另有 495 项');
  });
});

describe('countDigest', () => {
  it('counts what is older than its kind allows: days for most, months for a dispute', () => {
    const days = (count: number) => count * 24;
    const exceptions = [
      exception({ kind: 'paid_twice' }, days(3)),
      exception({ kind: 'paid_twice' }, days(3) + 1),
      exception({ kind: 'disputed' }, days(119)),
      exception({ kind: 'disputed' }, days(121)),
    ];
    expect(countDigest(digest({ exceptions }), now).overdue).toBe(2);
  });

  it('counts days that differ, and those that have been waited for for more than three', () => {
    const late = (hours: number) =>
      day({ state: 'late', finished_at: null, started_at: new Date(now - hours * HOUR).toISOString() });
    const reconciled = [day(), day({ state: 'differs' })];
    expect(countDigest(digest({ reconciled, unfinished: [late(71), late(73)] }), now)).toEqual({
      overdue: 0,
      differing: 1,
      late: 1,
    });
  });
});

it('is about what was finished since the last, and all that is not', () => {
  const finished = Date.parse('2026-11-22T02:00:01.000Z');
  const days = [day(), day({ state: 'running', finished_at: null })];
  expect(daysOfDigest(days, finished - 1)).toEqual({ reconciled: [days[0]], unfinished: [days[1]] });
  expect(daysOfDigest(days, finished).reconciled).toEqual([]);
  expect(daysOfDigest(days, null).reconciled).toEqual([days[0]]);
});

import { describe, expect, it } from 'vitest';
import {
  dayBounds,
  daysAgo,
  daysSince,
  formatAge,
  formatAmount,
  formatTime,
  isNothing,
  providerDaysAgo,
} from '../../../../lib/console/page/format.ts';

describe('amounts', () => {
  it.each([
    ['8.80', 'CNY', '¥8.80'],
    ['1234567.80', 'CNY', '¥1,234,567.80'],
    ['100', 'JPY', 'JPY\u00a0100'],
    ['1000', 'JPY', 'JPY\u00a01,000'],
    ['-1234.5678', 'EUR', '−EUR\u00a01,234.5678'],
    ['9007199254740993.01', 'CNY', '¥9,007,199,254,740,993.01'],
  ])('%s %s is %s', (amount, currency, text) => {
    expect(formatAmount(amount, currency)).toBe(text);
  });

  it.each([
    ['0', true],
    ['0.00', true],
    ['0.01', false],
    ['100', false],
  ])('%s is nothing: %s', (amount, nothing) => {
    expect(isNothing(amount)).toBe(nothing);
  });
});

describe('times', () => {
  it('are shown where the browser is, and not at all where they are none', () => {
    const local = new Date(2026, 10, 22, 9, 5, 7);
    expect(formatTime(local.toISOString())).toBe('2026-11-22 09:05:07');
    expect(formatTime('yesterday')).toBe('');
  });

  it('are days from one midnight to the next, whatever month or summer time does', () => {
    const bounds = dayBounds('2026-10-31');
    expect(bounds).toEqual({
      from: new Date(2026, 9, 31).toISOString(),
      to: new Date(2026, 10, 1).toISOString(),
    });
    expect(dayBounds('2026-1-1')).toBeUndefined();
    expect(dayBounds(undefined)).toBeUndefined();
    expect(daysAgo(1, new Date(2026, 2, 1, 0, 30))).toBe('2026-02-28');
  });

  it('of the providers begin when they do in China', () => {
    const evening = Date.parse('2026-02-28T16:00:00.000Z');
    expect([providerDaysAgo(0, evening - 1), providerDaysAgo(0, evening)]).toEqual([
      '2026-02-28',
      '2026-03-01',
    ]);
    expect(providerDaysAgo(1, evening)).toBe('2026-02-28');
  });

  it('are days from then to today, as far as can be asked for at once', () => {
    const since = (month: number, day: number) =>
      daysSince(new Date(2026, month, day, 23, 30).toISOString(), new Date(2026, 10, 26, 12));
    expect(since(10, 25)).toEqual({ from: '2026-11-25', to: '2026-11-26' });
    expect(since(7, 31)).toEqual({ from: '2026-08-31', to: '2026-09-30' });
  });

  it('are so long ago', () => {
    const now = Date.parse('2026-11-22T12:00:00.000Z');
    expect(formatAge('2026-11-22T08:30:00.000Z', now, 'en')).toBe('3 hours ago');
    expect(formatAge('2026-11-20T08:30:00.000Z', now, 'zh')).toBe('前天');
    expect(formatAge('2026-11-25T12:00:00.000Z', now, 'en')).toBe('in 3 days');
  });
});

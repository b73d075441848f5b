import { describe, expect, it } from 'vitest';
import { type Provider, providers } from '../../../lib/orders/kinds.ts';
import { billFacts } from '../../../lib/providers/facts.ts';
import type { DayResult, MerchantDay } from '../../../lib/reconciliation/day-result.ts';
import { parseDayMessage, startDays } from '../../../lib/reconciliation/start-days.ts';
import { emptyTally } from '../../../lib/reconciliation/tally.ts';

// Past every provider's hour.
const now = () => Date.parse('2026-11-22T08:00:00.000Z');
const week = ['15', '16', '17', '18', '19', '20', '21'].map((day) => `2026-11-${day}`);

const finished = (day: MerchantDay): DayResult => ({
  ...{ ...day, ...emptyTally() },
  ...{ state: 'agreed', version: 1, runs: 1, position: null },
  ...{ started_at: '2026-11-22T07:00:00.000Z', finished_at: '2026-11-22T07:00:01.000Z' },
});

/** Merchants at each provider, or why they cannot be listed; `isDone` days are finished. */
function arrange(
  merchants: Readonly<Partial<Record<Provider, readonly string[] | Error>>>,
  isDone: (day: MerchantDay) => boolean = () => false,
) {
  const reads: number[] = [];
  const sent: MerchantDay[] = [];
  const failures: Provider[] = [];
  const start = () =>
    startDays(
      {
        listMerchants: async (provider) => {
          const listed = merchants[provider] ?? [];
          if (listed instanceof Error) throw listed;
          return listed;
        },
        readDays: async (days) => {
          reads.push(days.length);
          return days.map((day) => (isDone(day) ? finished(day) : undefined));
        },
        send: async (day) => void sent.push(day),
        onFailure: (provider) => failures.push(provider),
        now,
      },
      billFacts,
    );
  return { start, reads, sent, failures };
}

describe('starting the days', () => {
  it('asks for each day of each merchant that is not done, in reads of 100 days at most', async () => {
    const names = Array.from({ length: 1_000 }, (_, n) => `merchant-${n}`);
    const isDone = ({ merchant, day }: MerchantDay) => merchant.endsWith('7') || day === '2026-11-18';
    const { start, reads, sent } = arrange({ wechat: names, stripe: ['acct_1.live'] }, isDone);
    const wanted = [
      ...names.flatMap((merchant) => week.map((day) => ({ provider: 'wechat', merchant, day }) as const)),
      ...week.map((day) => ({ provider: 'stripe', merchant: 'acct_1.live', day }) as const),
    ].filter((day) => !isDone(day));
    expect(await start()).toBe(wanted.length);
    expect(sent).toEqual(wanted);
    expect(Math.max(...reads)).toBeLessThanOrEqual(100);
    expect(reads.reduce((sum, count) => sum + count)).toBe(7 * 1_001);
    expect(reads).toHaveLength(71);
  });

  it('asks for none where nobody is paid, and reads none', async () => {
    const { start, reads, sent } = arrange({});
    expect(await start()).toBe(0);
    expect([reads, sent]).toEqual([[], []]);
  });

  it('is not held up by a provider that fails, and fails in the end', async () => {
    const { start, sent, failures } = arrange({
      wechat: new Error('the document is refused'),
      stripe: ['acct_1.live'],
    });
    await expect(start()).rejects.toThrow('the document is refused');
    expect(failures).toEqual(['wechat']);
    expect(sent.map(({ day }) => day)).toEqual(week);
  });
});

describe('a message that asks for a day', () => {
  it.each(providers)('is read: of %s', (provider) => {
    const day = { provider, merchant: '2021.2088', day: '2026-11-21' };
    expect(parseDayMessage(JSON.stringify({ ...day, more: 1 }))).toEqual(day);
  });

  it.each([
    { provider: 'paypal' },
    { merchant: '' },
    { merchant: '../auth' },
    { merchant: 'A/B' },
    { merchant: 7 },
    { day: '2026-02-30' },
    { day: undefined },
  ])('is none of ours with %j', (change) => {
    const day = { provider: 'wechat', merchant: '1', day: '2026-11-21', ...change };
    expect(parseDayMessage(JSON.stringify(day))).toBeNull();
  });

  it.each(['', '{', 'null', '7', '[]'])('is none of ours: %j', (text) => {
    expect(parseDayMessage(text)).toBeNull();
  });
});

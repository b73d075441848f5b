import { describe, expect, it } from 'vitest';
import type { EntryKind } from '../../../lib/orders/kinds.ts';
import { billFacts } from '../../../lib/providers/facts.ts';
import {
  bookingPeriod,
  daysWithBill,
  isDate,
  placeInDay,
  possibleDates,
  providerDay,
} from '../../../lib/reconciliation/day.ts';

const beijing = providerDay(billFacts.wechat, '2026-11-21');
const at = (time: string) => `2026-11-${time}.000Z`;

describe('providerDay', () => {
  it('is that of Beijing for Chinese providers, and of UTC for Stripe', () => {
    const shown = (day: { start: number; end: number }) =>
      [day.start, day.end].map((time) => new Date(time).toISOString());
    expect(shown(beijing)).toEqual([at('20T16:00:00'), at('21T16:00:00')]);
    expect(providerDay(billFacts.alipay, '2026-11-21')).toEqual(beijing);
    expect(shown(providerDay(billFacts.stripe, '2026-11-21'))).toEqual([
      at('21T00:00:00'),
      at('22T00:00:00'),
    ]);
  });
});

describe('bookingPeriod', () => {
  it('goes on for six hours after the day', () => {
    expect(bookingPeriod(beijing)).toEqual({ from: at('20T15:59:00'), to: at('21T22:00:00') });
  });
});

describe('placeInDay', () => {
  const place = (
    booked_at: string,
    begun_at: string,
    paid_at: string | null = null,
    kind: EntryKind = 'payment',
  ) =>
    placeInDay(
      beijing,
      { kind, booked_at: at(booked_at), paid_at: paid_at && at(paid_at) },
      { begun_at: at(begun_at) },
    );

  it.each([
    ['21T16:30:00', '21T15:59:30', 'undecided'],
    ['21T16:30:00', '21T15:59:00', 'undecided'],
    ['21T16:30:00', '21T15:58:59', 'inside'],
    ['20T16:00:30', '20T15:59:00', 'undecided'],
    ['21T16:30:00', '21T16:01:00', 'outside'],
    ['20T16:00:30', '20T15:58:59', 'outside'],
    ['20T16:00:30', '20T16:01:00', 'inside'],
  ])(
    'trusts the time that the provider names, but for a minute: booked %s, paid %s',
    (booked, paid, where) => {
      expect(place(booked, '01T00:00:00', paid)).toBe(where);
    },
  );

  it.each([
    ['21T10:00:00', '21T09:00:00', 'inside'],
    ['20T17:00:00', '20T15:00:00', 'undecided'],
    ['21T16:00:00', '21T15:00:00', 'undecided'],
    ['20T15:00:00', '20T14:00:00', 'outside'],
    ['21T17:00:00', '21T16:01:00', 'outside'],
  ])('takes what has no such time to lie between beginning and booking: booked %s, begun %s', (...times) => {
    const [booked, begun, where] = times;
    expect(place(booked, begun)).toBe(where);
    expect(place(booked, begun, booked)).toBe(where);
  });

  it('takes it to be booked within six hours, save a refund', () => {
    expect(place('20T22:01:01', '01T00:00:00')).toBe('inside');
    expect(place('20T22:00:00', '01T00:00:00')).toBe('undecided');
    expect(place('20T22:01:01', '01T00:00:00', null, 'refund')).toBe('undecided');
    expect(place('20T22:01:01', '20T17:00:00', null, 'refund')).toBe('inside');
    expect(place('20T22:01:01', '01T00:00:00', null, 'suspense')).toBe('inside');
  });

  it('takes what is listed before it succeeds to lie between its beginning and that, whatever is said', () => {
    const utc = providerDay(billFacts.stripe, '2026-11-21');
    const placeListed = (begun_at: string, paid_at: string, booked_at: string, kind: EntryKind = 'payment') =>
      placeInDay(utc, { kind, booked_at: at(booked_at), paid_at: at(paid_at) }, { begun_at: at(begun_at) });
    expect(placeListed('18T10:00:00', '21T10:00:00', '21T10:00:05')).toBe('undecided');
    expect(placeListed('18T10:00:00', '21T10:00:00', '21T10:00:05', 'suspense')).toBe('undecided');
    expect(placeListed('18T10:00:00', '21T10:00:00', '21T10:00:00')).toBe('undecided');
    expect(placeListed('21T09:00:00', '21T10:00:00', '21T10:00:05')).toBe('inside');
    expect(placeListed('21T09:00:00', '22T10:00:00', '22T10:00:05')).toBe('undecided');
    expect(placeListed('18T10:00:00', '20T10:00:00', '20T10:00:05')).toBe('outside');
  });

  it('works without the payment', () => {
    const placeAlone = (booked_at: string, kind: EntryKind = 'payment') =>
      placeInDay(beijing, { kind, booked_at: at(booked_at), paid_at: null }, undefined);
    expect(placeAlone('21T10:00:00')).toBe('inside');
    expect(placeAlone('20T17:00:00')).toBe('undecided');
    // When it was taken on, nobody can say.
    expect(placeAlone('21T10:00:00', 'dispute')).toBe('undecided');
    expect(placeAlone('20T15:00:00', 'dispute')).toBe('outside');
  });
});

describe('possibleDates', () => {
  const dates = (begun_at: string | null, booked_at: string, kind: EntryKind = 'refund') =>
    possibleDates(
      beijing,
      '2026-11-21',
      { kind, booked_at: at(booked_at), paid_at: null },
      begun_at === null ? undefined : { begun_at: at(begun_at) },
    );

  it.each([
    ['20T16:01:00', '21T15:58:59', ['2026-11-21']],
    ['20T16:00:59', '21T15:58:59', ['2026-11-20', '2026-11-21']],
    ['20T16:01:00', '21T15:59:00', ['2026-11-21', '2026-11-22']],
    ['18T16:01:00', '22T16:00:00', ['2026-11-19', '2026-11-20', '2026-11-21', '2026-11-22', '2026-11-23']],
  ])(
    'goes from a minute before the beginning, %s, to one after the booking, %s',
    (begun, booked, expected) => {
      expect(dates(begun, booked)).toEqual(expected);
    },
  );

  it('are not counted where the first is not known, or more than a month lies between', () => {
    expect(dates(null, '21T10:00:00')).toBeNull();
    expect(dates(null, '20T17:00:00', 'payment')).toEqual(['2026-11-20', '2026-11-21']);
    const month = (begun_at: string) =>
      possibleDates(
        beijing,
        '2026-11-21',
        { kind: 'refund', booked_at: at('21T10:00:00'), paid_at: null },
        { begun_at },
      );
    expect(month('2026-10-21T16:01:00.000Z')).toHaveLength(31);
    expect(month('2026-10-21T16:00:59.000Z')).toBeNull();
  });
});

describe('daysWithBill', () => {
  it.each([
    ['wechat', '2026-11-22T01:59:59Z', ['2026-11-19', '2026-11-20']],
    ['wechat', '2026-11-22T02:00:00Z', ['2026-11-20', '2026-11-21']],
    ['alipay', '2026-11-22T01:00:00Z', ['2026-11-20', '2026-11-21']],
    ['stripe', '2026-11-22T05:59:59Z', ['2026-11-19', '2026-11-20']],
    ['stripe', '2026-11-22T06:00:00Z', ['2026-11-20', '2026-11-21']],
  ] as const)('of %s at %s', (provider, now, days) => {
    expect(daysWithBill(billFacts[provider], Date.parse(now), 2)).toEqual(days);
  });
});

describe('isDate', () => {
  it.each([
    ['2026-02-28', true],
    ['2026-02-30', false],
    ['2026-2-1', false],
    ['2026-02-28T00:00', false],
    ['', false],
  ])('%s', (text, expected) => expect(isDate(text)).toBe(expected));
});

import { describe, expect, it } from 'vitest';
import {
  afterAttempt,
  isFailing,
  isPauseOver,
  isTimeOver,
  leaseUntil,
  notWanted,
  pauseAfterFailure,
  sentAgain,
} from '../../../lib/webhooks/attempt-schedule.ts';
import type { Attempt, EndpointState } from '../../../lib/webhooks/delivery.ts';
import { deliveryOf, START } from '../../support/deliveries.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const iso = (after_ms = 0) => new Date(START + after_ms).toISOString();
const answered = (status: number): Attempt => ({ at: iso(), status, error: null, duration_ms: 30 });
const unanswered: Attempt = { at: iso(), status: null, error: 'timeout', duration_ms: 5_000 };

describe('a delivery', () => {
  it.each([200, 201, 202, 204, 299])('is over when it is answered with %i', (status) => {
    const delivery = deliveryOf();
    expect(afterAttempt(delivery, answered(status), START + 5)).toEqual({
      ...{ ...delivery, state: 'delivered', version: 2, due_at: null, tries: 1 },
      ...{ attempts: [answered(status)], ended_at: iso(5) },
    });
  });

  it.each([
    answered(199),
    answered(300),
    answered(302),
    answered(400),
    answered(409),
    answered(500),
    unanswered,
  ])('is due again when it is answered otherwise: $status', (attempt) => {
    const delivery = deliveryOf();
    expect(afterAttempt(delivery, attempt, START + 5)).toEqual({
      ...{ ...delivery, version: 2, tries: 1, attempts: [attempt], due_at: iso(5) },
    });
  });

  it('is given up at once when it is gone', () => {
    expect(afterAttempt(deliveryOf(), answered(410), START)).toMatchObject({
      ...{ state: 'given_up', reason: 'gone', due_at: null, ended_at: iso() },
    });
  });

  it('is attempted at growing pauses, for three days, and then given up', () => {
    let delivery = deliveryOf();
    let now = START;
    const pauses: number[] = [];
    while (delivery.state === 'due') {
      delivery = afterAttempt(delivery, unanswered, now);
      if (delivery.due_at === null) break;
      const due = Date.parse(delivery.due_at);
      pauses.push((due - now) / MINUTE);
      now = due;
    }
    // What is due is looked for each minute: the first comes within one.
    expect(pauses).toEqual([0, 2, 10, 30, 60, 120, 240, 480, 720, 1080, 1440]);
    expect(delivery).toMatchObject({
      state: 'given_up',
      reason: 'time_over',
      tries: 12,
      ended_at: iso(now - START),
    });
    expect(now - START).toBeGreaterThan(69 * HOUR);
    expect(now - START).toBeLessThan(72 * HOUR);
  });

  it('keeps the latest twenty attempts', () => {
    let delivery = deliveryOf();
    for (let n = 0; n < 25; n += 1) {
      delivery = afterAttempt(
        sentAgain(delivery, 'admin-1', START, false),
        { ...unanswered, duration_ms: n },
        START,
      );
    }
    expect(delivery.attempts.map(({ duration_ms }) => duration_ms)).toEqual(
      Array.from({ length: 20 }, (_, n) => n + 5),
    );
  });

  it('does not wait any more once it was attempted', () => {
    const delivery = afterAttempt(deliveryOf({ waits: true }), unanswered, START);
    expect(delivery).toMatchObject({ waits: false, state: 'due' });
  });

  it('is over when nobody wants it', () => {
    expect(notWanted(deliveryOf(), START)).toMatchObject({
      ...{ state: 'given_up', reason: 'not_wanted', due_at: null, version: 2, attempts: [] },
    });
  });

  it('is sent again from the beginning, by somebody', () => {
    const ended = afterAttempt(deliveryOf(), answered(410), START);
    const again = sentAgain(ended, 'admin-1', START + HOUR, false);
    expect(again).toEqual({
      ...{ ...ended, state: 'due', reason: null, ended_at: null, version: 3, tries: 0, since: iso(HOUR) },
      ...{ due_at: leaseUntil(START + HOUR), waits: false, redelivered: { by: 'admin-1', at: iso(HOUR) } },
    });
    expect(afterAttempt(again, unanswered, START + HOUR)).toMatchObject({ state: 'due', tries: 1 });
  });

  it('is sent again in its turn, as one of many', () => {
    const again = sentAgain(deliveryOf(), 'admin-1', START + HOUR, true);
    expect(again).toMatchObject({ waits: true, due_at: iso(HOUR), since: iso(HOUR) });
  });

  it('is given up when it has been due for three days', () => {
    expect(isTimeOver(iso(), START + 72 * HOUR - 1)).toBe(false);
    expect(isTimeOver(iso(), START + 72 * HOUR)).toBe(true);
  });

  it('is not put off beyond that, however few its attempts were', () => {
    const tried = deliveryOf({ tries: 4 });
    expect(afterAttempt(tried, unanswered, START + 71 * HOUR - 1)).toMatchObject({
      ...{ state: 'due', tries: 5, due_at: iso(72 * HOUR - 1) },
    });
    expect(afterAttempt(tried, unanswered, START + 71 * HOUR)).toMatchObject({
      ...{ state: 'given_up', reason: 'time_over', tries: 5, attempts: [unanswered], due_at: null },
    });
  });
});

describe('an endpoint', () => {
  const state = (changes: Partial<EndpointState>): EndpointState => ({
    ...{ receiver: 'stage', failing_since: iso(), failures: 10, paused_until: null, pauses: 0 },
    ...changes,
  });

  it('is paused after ten failures over ten seconds, and not before', () => {
    expect(pauseAfterFailure(state({}), START + 10_000)).toBe(iso(10_000 + MINUTE));
    expect(pauseAfterFailure(state({ failures: 9 }), START + HOUR)).toBeNull();
    expect(pauseAfterFailure(state({ failures: 500 }), START + 9_999)).toBeNull();
    expect(pauseAfterFailure(state({ failing_since: null }), START + HOUR)).toBeNull();
  });

  it('is paused again for longer, up to a quarter of an hour, each time that it is tried in vain', () => {
    const minutes = [1, 2, 3, 4, 5, 100].map((pauses) => {
      const until = pauseAfterFailure(state({ paused_until: iso(MINUTE), pauses }), START + MINUTE);
      return (Date.parse(until ?? '') - START - MINUTE) / MINUTE;
    });
    expect(minutes).toEqual([2, 5, 10, 15, 15, 15]);
  });

  it('is not paused again by what was under way when it was paused', () => {
    expect(pauseAfterFailure(state({ paused_until: iso(MINUTE), pauses: 1 }), START + MINUTE - 1)).toBeNull();
  });

  it('is tried when its pause is over', () => {
    expect(isPauseOver(state({ paused_until: iso(1) }), START)).toBe(false);
    expect(isPauseOver(state({ paused_until: iso(1) }), START + 1)).toBe(true);
    expect(isPauseOver(state({}), START + HOUR)).toBe(false);
  });

  it('is failing after a day without a success', () => {
    expect(isFailing(state({}), START + 24 * HOUR - 1)).toBe(false);
    expect(isFailing(state({}), START + 24 * HOUR)).toBe(true);
    expect(isFailing(state({ failing_since: null }), START + 99 * HOUR)).toBe(false);
  });
});

import { isoTime } from '../io.ts';
import type { Attempt, Delivery, EndpointState, GivenUpReason } from './delivery.ts';

/** When what of a delivery is due. All in milliseconds; times since 1970. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * After each failed attempt, how long until the next: three days in all. What is due is looked for every minute, so that
 * the first comes within one.
 */
const pauses_ms: readonly number[] = [
  ...[0, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE],
  ...[1, 2, 4, 8, 12, 18, 24].map((hours) => hours * HOUR),
];

/**
 * What has been due for so long is given up, however often it was tried: it may have waited for its endpoint, and of an
 * attempt that died nobody knows.
 */
const LONGEST_DUE_MS = 72 * HOUR;

/**
 * Whoever takes a delivery has so long for its attempt: if nothing comes of it by then, it is due again. Messages have
 * their time in the queue, and a function's run, within it.
 */
const LEASE_MS = 5 * MINUTE;

/** How long those who failed to answer are left alone, each time that they were tried in vain. */
const endpointPauses_ms: readonly number[] = [1, 2, 5, 10, 15].map((minutes) => minutes * MINUTE);

/** So many failures without a success, over at least so long, and an endpoint is paused. */
const FAILURES_BEFORE_PAUSE = 10;
const FAILING_BEFORE_PAUSE_MS = 10 * SECOND;

/** An endpoint without a success for so long is failing: somebody is to look. */
const FAILING_MS = 24 * HOUR;

/** Until when an attempt that begins now is somebody's. */
export const leaseUntil = (now: number): string => isoTime(now + LEASE_MS);

/** Whether somebody may have a delivery, to attempt it: it looks the same as one that is due as soon by itself. */
export const mayBeUnderWay = ({ due_at }: Delivery, now: number): boolean =>
  due_at !== null && due_at > isoTime(now) && due_at <= leaseUntil(now);

/** Whether what has been due since then is given up. */
export const isTimeOver = (since: string, now: number): boolean => Date.parse(since) <= now - LONGEST_DUE_MS;

export const isFailing = ({ failing_since }: Pick<EndpointState, 'failing_since'>, now: number): boolean =>
  failing_since !== null && Date.parse(failing_since) <= now - FAILING_MS;

/** Whether new events wait for the endpoint. */
export const isPaused = (state: Pick<EndpointState, 'paused_until'> | null): boolean =>
  state !== null && state.paused_until !== null;

/** Whether one of the events that wait for an endpoint that is paused is tried. */
export const isPauseOver = ({ paused_until }: Pick<EndpointState, 'paused_until'>, now: number): boolean =>
  paused_until !== null && Date.parse(paused_until) <= now;

/** Until when an endpoint that has just failed is left alone; null where it is not yet, or is so already. */
export function pauseAfterFailure(state: EndpointState, now: number): string | null {
  const { failing_since, failures, paused_until, pauses } = state;
  if (failing_since === null) return null;
  const isDead =
    failures >= FAILURES_BEFORE_PAUSE && Date.parse(failing_since) <= now - FAILING_BEFORE_PAUSE_MS;
  if (paused_until === null ? !isDead : !isPauseOver(state, now)) return null;
  return isoTime(now + (endpointPauses_ms[Math.min(pauses, endpointPauses_ms.length - 1)] ?? 0));
}

/** Whether an endpoint has taken what it was sent: only 2xx says so; a redirect is not followed (Standard Webhooks). */
export const isSuccess = ({ status }: Pick<Attempt, 'status'>): boolean =>
  status !== null && status >= 200 && status < 300;

/** It wants no more of it, now or later (Standard Webhooks). */
const GONE = 410;

/** Whether an endpoint has decided about what it was sent: it works, though it may not want it. */
export const isFinal = (attempt: Pick<Attempt, 'status'>): boolean =>
  isSuccess(attempt) || attempt.status === GONE;

/** More than a round has; of one that was sent again and again, the latest. */
const KEPT_ATTEMPTS = 20;

/** The delivery after an attempt that ended now. */
export function afterAttempt(delivery: Delivery, attempt: Attempt, now: number): Delivery {
  const tries = delivery.tries + 1;
  const attempts = [...delivery.attempts, attempt].slice(-KEPT_ATTEMPTS);
  const tried = { ...delivery, tries, attempts };
  if (isSuccess(attempt)) return ended(tried, 'delivered', null, now);
  if (attempt.status === GONE) return ended(tried, 'given_up', 'gone', now);
  const pause_ms = pauses_ms[tries - 1];
  if (pause_ms === undefined || isTimeOver(delivery.since, now + pause_ms)) return timeOver(tried, now);
  return { ...tried, version: delivery.version + 1, due_at: isoTime(now + pause_ms), waits: false };
}

/** The delivery is over, as nothing came of it in its time. */
export const timeOver = (delivery: Delivery, now: number): Delivery =>
  ended(delivery, 'given_up', 'time_over', now);

/** The delivery is over, since nobody wants it. */
export const notWanted = (delivery: Delivery, now: number): Delivery =>
  ended(delivery, 'given_up', 'not_wanted', now);

const ended = (
  delivery: Delivery,
  state: 'delivered' | 'given_up',
  reason: GivenUpReason | null,
  now: number,
): Delivery => ({
  ...delivery,
  ...{ state, reason, version: delivery.version + 1, due_at: null, waits: false, ended_at: isoTime(now) },
});

/**
 * The delivery as it is to be sent again, whatever became of it before.
 * @param by the `sub` of who asks
 * @param waits whether it takes its turn after others, as one of many, or is somebody's to attempt at once
 */
export function sentAgain(delivery: Delivery, by: string, now: number, waits: boolean): Delivery {
  const at = isoTime(now);
  return {
    ...delivery,
    ...{ state: 'due', version: delivery.version + 1, since: at, tries: 0, ended_at: null, reason: null },
    ...{ due_at: waits ? at : leaseUntil(now), waits, redelivered: { by, at } },
  };
}

import { expect, it } from 'vitest';
import type { ExceptionKind } from '../../../lib/orders/kinds.ts';
import { isOverdue } from '../../../lib/orders/overdue.ts';

const DAY_MS = 86_400_000;
const recorded_at = '2026-11-22T08:00:00.000Z';

it.each<readonly [ExceptionKind, number]>([
  ['paid_twice', 3],
  ['unknown_refund', 7],
  ['disputed', 120],
])('a %s is overdue once it has been open for more than %i days', (kind, days) => {
  const limit = Date.parse(recorded_at) + days * DAY_MS;
  expect(isOverdue({ kind, recorded_at }, limit)).toBe(false);
  expect(isOverdue({ kind, recorded_at }, limit + 1)).toBe(true);
});

import { expect, it } from 'vitest';
import { groupOf, outcomeTones } from '../../../../../infra/local/console/page/outcomes.ts';
import { callbackOutcomes } from '../../../../../infra/local/console/rows.ts';
import { exceptionKinds, isOneOf } from '../../../../../lib/orders/kinds.ts';

it('shows what needs a person as no success', () => {
  const toneOf = (outcome: string) => outcomeTones[groupOf(outcome) ?? 'outcome_refused'];
  const raised = callbackOutcomes.filter((outcome) => isOneOf(exceptionKinds, outcome));
  expect(raised).toContain('paid_after_close');
  expect(new Set(raised.map(toneOf))).toEqual(new Set(['warning']));
  expect(toneOf('settled')).toBe('good');
  expect(toneOf('already_settled')).toBe('neutral');
  expect(toneOf('not_found')).toBe('bad');
});

it('knows no outcome that is none', () => {
  expect(groupOf('toString')).toBeNull();
});

import { isOneOf } from '../../../../lib/orders/kinds.ts';
import { type CallbackOutcome, callbackOutcomes } from '../rows.ts';

/** What an outcome means to whoever looks for trouble: money moved, nothing new, a person is needed, or it was not taken. */
export const outcomeGroups = [
  'outcome_settled',
  'outcome_repeated',
  'outcome_exception',
  'outcome_refused',
] as const;
export type OutcomeGroup = (typeof outcomeGroups)[number];

const GROUPS: Readonly<Record<CallbackOutcome, OutcomeGroup>> = {
  settled: 'outcome_settled',
  refunded: 'outcome_settled',
  closed: 'outcome_settled',
  refund_failed: 'outcome_exception',
  refund_abnormal: 'outcome_exception',
  already_settled: 'outcome_repeated',
  already_refunded: 'outcome_repeated',
  unnamed_refund: 'outcome_repeated',
  unchanged: 'outcome_repeated',
  no_action: 'outcome_repeated',
  mismatch: 'outcome_exception',
  number_spent: 'outcome_exception',
  paid_after_close: 'outcome_exception',
  paid_twice: 'outcome_exception',
  paid_superseded: 'outcome_exception',
  unknown_refund: 'outcome_exception',
  disputed: 'outcome_exception',
  dispute_updated: 'outcome_settled',
  dispute_known: 'outcome_repeated',
  refused: 'outcome_refused',
  malformed: 'outcome_refused',
  not_found: 'outcome_refused',
  not_settled: 'outcome_refused',
  failed: 'outcome_refused',
};

/** The name of the group's colour in the style sheet. */
export const outcomeTones: Readonly<Record<OutcomeGroup, 'good' | 'neutral' | 'warning' | 'bad'>> = {
  outcome_settled: 'good',
  outcome_repeated: 'neutral',
  outcome_exception: 'warning',
  outcome_refused: 'bad',
};

/** Null for an outcome that is not known. */
export const groupOf = (outcome: string): OutcomeGroup | null =>
  isOneOf(callbackOutcomes, outcome) ? GROUPS[outcome] : null;

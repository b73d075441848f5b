import { afterAll, describe, expect, it } from 'vitest';
import { lesser, scenarios } from './scenarios.ts';
import { search } from './search.ts';

/** What processes come to somewhere in the scenarios: a search that never gets there would prove nothing of it. */
const expectedEnds = [
  ...['created', 'updated', 'unchanged', 'not_pending'],
  ...['issued', 'paid', 'already_paid', 'not_payable', 'being_paid', 'too_late'],
  ...[
    'closed',
    'not_closed',
    'swept',
    'accepted',
    'nothing_left',
    'too_much',
    'no_such_transaction',
    'not_paid',
  ],
  ...[
    'settled',
    'already_settled',
    'failed',
    'mismatch',
    'paid_after_close',
    'paid_twice',
    'paid_superseded',
  ],
  ...['refunded', 'refund_failed', 'already_refunded', 'unknown_refund', 'ProviderDown: no answer'],
  ...['disputed', 'dispute_updated', 'dispute_known'],
  ...['shipped', 'corrected_before'],
];

describe('in every order of what can happen to one order, nothing that must not be comes about', () => {
  const ends = new Set<string>();

  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', async (_name, scenario) => {
    const found = await search(lesser(scenario));
    for (const end of found.ends.keys()) ends.add(end);
    expect(found.violation && [found.violation.error.message, ...found.violation.trace]).toBeNull();
    expect(found.isWhole).toBe(true);
    expect(found.rests).toBeGreaterThan(0);
  });

  afterAll(() => {
    expect([...ends]).toEqual(expect.arrayContaining(expectedEnds));
  });
});

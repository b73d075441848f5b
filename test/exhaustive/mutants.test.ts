import { describe, expect, it } from 'vitest';
import { mutants } from './mutants.ts';
import { lesser, scenarios } from './scenarios.ts';
import { search } from './search.ts';

describe('a rule that is undone is missed by the search', () => {
  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))('%s', async (_name, mutant) => {
    const scenario = scenarios.find(({ name }) => name === mutant.scenario);
    if (!scenario) throw new Error(`there is no scenario ${mutant.scenario}`);
    const { violation } = await search(lesser(scenario), mutant.undone);
    expect(violation?.error.invariant).toBe(mutant.finds);
    expect(violation?.trace.length).toBeGreaterThan(1);
  });
});

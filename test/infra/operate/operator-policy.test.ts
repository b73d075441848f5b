import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import policy from '../../../docs/reference/operator-policy.json' with { type: 'json' };

const operations = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');

const allowed = policy.Statement.flatMap(({ Action }) => Action);

/** In the table of what each command needs: `service:Action`, and the further actions of a service that follow one. */
function neededActions(): readonly string[] {
  const rows = operations
    .split('\n')
    .filter((line) => /^\| `(setup|doctor|reconcile|erase|webhooks|token|smoke)` \|/.test(line));
  return rows.flatMap((row) => {
    let service = '';
    return Array.from(row.matchAll(/`(?:([a-z]+):)?([A-Z][A-Za-z]+)`/g), ([, named, action]) => {
      service = named ?? service;
      return `${service}:${action}`;
    });
  });
}

it('lets an operator do what the commands need, and is about nothing but one stage', () => {
  const needed = neededActions();
  expect(needed.length).toBeGreaterThan(30);
  expect(needed.filter((action) => !allowed.includes(action))).toEqual([]);
  for (const { Resource, Sid } of policy.Statement.filter(({ Sid }) => Sid !== 'WhoAndWhere')) {
    for (const resource of [Resource].flat()) expect(resource, Sid).toMatch(/<stage>|role\/cdk-|:key\//);
  }
});

it('allows nothing that no command needs', () => {
  const deploying = ['sts:AssumeRole'];
  const unneeded = allowed.filter((action) => !neededActions().includes(action));
  expect(unneeded).toEqual(deploying);
});

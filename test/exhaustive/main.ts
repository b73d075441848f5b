import { scenarios } from './scenarios.ts';
import { type Found, search } from './search.ts';

/**
 * Visits every state of every scenario, or of those whose name holds the first argument: `npm run search`, or
 * `npm run search -- deadline`. Ends with 1 when something that must not be was reached, and shows the shortest way.
 */
const [wanted = ''] = process.argv.slice(2);
const ends = new Map<string, number>();
let states = 0;
let transitions = 0;
for (const scenario of scenarios) {
  if (!scenario.name.includes(wanted)) continue;
  const start = performance.now();
  const found = await search(scenario);
  states += found.states;
  transitions += found.transitions;
  for (const [end, count] of found.ends) ends.set(end, (ends.get(end) ?? 0) + count);
  report(scenario.title, found, performance.now() - start);
}
console.log(`\n${number(states)} states, ${number(transitions)} transitions`);
console.log([...ends].map(([end, count]) => `${end} ${number(count)}`).join(', '));

function report(title: string, found: Found, duration_ms: number): void {
  const { scenario, violation, beyond } = found;
  const figures = [
    `${number(found.states)} states`,
    `${number(found.transitions)} transitions`,
    `${number(found.rests)} at rest`,
    `functions run ${number(found.runs)} times`,
    ...(beyond > 0 ? [`${number(beyond)} with more payments, not looked into`] : []),
    `${(duration_ms / 1_000).toFixed(1)} s`,
  ];
  console.log(`${scenario}: ${title}\n  ${figures.join(', ')}`);
  if (!violation) return;
  console.log([violation.error.message, ...violation.trace].map((line) => `    ${line}`).join('\n'));
  process.exitCode = 1;
}

function number(count: number): string {
  return count.toLocaleString('en');
}

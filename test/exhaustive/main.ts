import { type Command, UsageError } from '../../infra/command/command.ts';
import { runAsProcess, runCommand } from '../../infra/command/run-command.ts';
import { scenarios } from './scenarios.ts';
import { type Found, search } from './search.ts';

const command: Command<Record<never, never>> = {
  name: 'search',
  summary: 'Visits every state of small scenarios, and shows the shortest way to what must not be.',
  options: {},
  word: { value: 'part', description: 'only scenarios whose name holds this' },
  tellsStack: true,
  exitCodes: {
    0: 'nothing that must not be was reached',
    1: 'something was',
    2: 'it was called wrongly, or could not run',
  },
  example: '-- deadline',
};

/** @throws UsageError */
async function searchAll(part: string): Promise<0 | 1> {
  const wanted = scenarios.filter(({ name }) => name.includes(part));
  if (wanted.length === 0) {
    throw new UsageError(
      `no scenario's name holds '${part}': ${[...new Set(scenarios.map(({ name }) => name))].join(', ')}`,
    );
  }
  const ends = new Map<string, number>();
  let states = 0;
  let transitions = 0;
  let isViolated = false;
  for (const scenario of wanted) {
    const start = performance.now();
    const found = await search(scenario);
    states += found.states;
    transitions += found.transitions;
    isViolated ||= Boolean(found.violation);
    for (const [end, count] of found.ends) ends.set(end, (ends.get(end) ?? 0) + count);
    report(scenario.title, found, performance.now() - start);
  }
  console.log(`\n${number(states)} states, ${number(transitions)} transitions`);
  console.log([...ends].map(([end, count]) => `${end} ${number(count)}`).join(', '));
  return isViolated ? 1 : 0;
}

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
  if (violation)
    console.log([violation.error.message, ...violation.trace].map((line) => `    ${line}`).join('\n'));
}

function number(count: number): string {
  return count.toLocaleString('en');
}

/** `npm run search` */
await runAsProcess((words, streams) =>
  runCommand(command, words, streams, (_values, part = '') => searchAll(part)),
);

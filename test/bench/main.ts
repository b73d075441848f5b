import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Command, type CommandOptions, UsageError } from '../../infra/command/command.ts';
import { runAsProcess, runCommand } from '../../infra/command/run-command.ts';
import type { Findings } from './figure.ts';
import { parts } from './parts.ts';
import { toMarkdown } from './report/markdown.ts';
import type { Results } from './report/results.ts';
import { toSvg } from './report/svg.ts';

const options = {
  only: {
    type: 'string',
    value: '<part>',
    multiple: true,
    description: `of ${Object.keys(parts).join(', ')}; without it all, which also writes test/bench/RESULTS.md`,
  },
  json: { type: 'string', value: '<file>', description: 'writes the figures there as well' },
} as const satisfies CommandOptions;

const command: Command<typeof options> = {
  name: 'bench',
  summary: 'Measures what the system costs, against what else there is.',
  options,
  tellsStack: true,
  exitCodes: { 0: 'it is measured', 2: 'it was called wrongly, or could not measure' },
  example: '-- --only bundles --only cost',
};

async function measure(only: readonly string[] | undefined, json: string | undefined): Promise<0> {
  const unknown = only?.find((name) => !Object.hasOwn(parts, name));
  if (unknown !== undefined) throw new UsageError(`--only: there is no part ${unknown}`);
  const results: Results = {
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    ...(await runParts(only ?? Object.keys(parts))),
  };
  const markdown = toMarkdown(results);
  console.log(markdown);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
  if (only === undefined) {
    writeFileSync(new URL('./RESULTS.md', import.meta.url), markdown);
    writeFileSync(new URL('./results.svg', import.meta.url), toSvg(results));
  }
  return 0;
}

/** One after the other, as what runs at the same time disturbs what is measured. */
async function runParts(names: readonly string[]): Promise<Required<Findings>> {
  const found: Findings[] = [];
  for (const name of names) {
    console.error(`measuring: ${name}`);
    found.push(await runPart(name));
  }
  return {
    figures: found.flatMap(({ figures }) => figures),
    tables: found.flatMap(({ tables = [] }) => tables),
  };
}

/** In a process of its own, so that no part meets code that another has warmed up. @throws Error when it fails */
async function runPart(name: string): Promise<Findings> {
  const child = fork(fileURLToPath(new URL('./run-part.ts', import.meta.url)), [name], {
    serialization: 'advanced',
  });
  let findings: Findings | undefined;
  child.on('message', (message) => {
    findings = message as Findings;
  });
  const [code] = await once(child, 'exit');
  if (code !== 0 || !findings) throw new Error(`part ${name} failed`);
  return findings;
}

/** `npm run bench` */
await runAsProcess((words, streams) =>
  runCommand(command, words, streams, ({ only, json }) => measure(only, json)),
);

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Findings } from './figure.ts';
import { parts } from './parts.ts';
import { toMarkdown } from './report/markdown.ts';
import type { Results } from './report/results.ts';
import { toSvg } from './report/svg.ts';

const usage = `npm run bench -- [--only PART]... [--json FILE]
Writes test/bench/RESULTS.md and results.svg when all parts are run.
PART is one of: ${Object.keys(parts).join(', ')}`;

const { only, json } = readOptions();
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

function readOptions() {
  try {
    const { values } = parseArgs({
      options: { only: { type: 'string', multiple: true }, json: { type: 'string' } },
    });
    const unknown = values.only?.find((name) => !Object.hasOwn(parts, name));
    if (unknown !== undefined) throw new Error(`--only: there is no part ${unknown}`);
    return values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    process.exit(2);
  }
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

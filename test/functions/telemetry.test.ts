import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { consoleServer, functions } from '../../infra/endpoints.ts';

/** What serves the console has no part in the runtime of the others, and names itself in another way. */
const started = functions.filter(({ name }) => name !== consoleServer.name);

it.each(started)('$name names itself in its log lines', ({ name }) => {
  const source = readFileSync(new URL(`../../functions/${name}.ts`, import.meta.url), 'utf8');
  expect(source).toContain(`start('${name}', create)`);
});

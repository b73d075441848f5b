import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { functions } from '../../infra/endpoints.ts';

it.each(functions)('$name names itself in its log lines', ({ name }) => {
  const source = readFileSync(new URL(`../../functions/${name}.ts`, import.meta.url), 'utf8');
  expect(source).toContain(`start('${name}', create)`);
});

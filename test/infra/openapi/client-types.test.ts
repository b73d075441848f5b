import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { routes } from '../../../infra/client/back-end-operations.ts';
import { createClientTypes } from '../../../infra/openapi/client-types.ts';
import { createOpenapiDocument } from '../../../infra/openapi/document.ts';
import { operations } from './conformance.ts';

const file = 'infra/client/back-end-operations.ts';

describe('the types of the client for back ends', () => {
  it('are as `npm run openapi` writes them', async () => {
    const written = await createClientTypes(createOpenapiDocument());
    const formatted = execFileSync('node_modules/.bin/biome', ['format', `--stdin-file-path=${file}`], {
      input: written,
      encoding: 'utf8',
    });
    expect(readFileSync(file, 'utf8')).toBe(formatted);
  });

  it('are of all that an administrator or a viewer may do, and of nothing else', () => {
    const ofBackEnds = operations.filter(({ security }) =>
      security.some(({ token }) => ['admin', 'viewer'].includes(token[0] ?? '')),
    );
    expect(Object.keys(routes).toSorted()).toEqual(
      ofBackEnds.map(({ operationId }) => operationId).toSorted(),
    );
    expect(routes).not.toHaveProperty('payMallOrder');
    expect(routes).not.toHaveProperty('stripeCallback');
  });
});

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { createTemporaryDirectory } from '../support/temporary-directory.ts';

const app = fileURLToPath(new URL('../../infra/app.ts', import.meta.url));
const directory = createTemporaryDirectory('settle-app-');
afterAll(() => directory.remove());

/** What the app says when `cdk` runs it for a command that wants the code of these stacks. */
async function saidFor(bundlingStacks: readonly string[]): Promise<string> {
  const context = { stage: 'dev', 'aws:cdk:bundling-stacks': bundlingStacks };
  const env = { ...process.env, CDK_OUTDIR: directory.path, CDK_CONTEXT_JSON: JSON.stringify(context) };
  const { stderr } = await promisify(execFile)(process.execPath, [app], { env });
  return stderr;
}

it('whoever destroys a stage without a domain is told that its address goes with it', async () => {
  expect(await saidFor([])).toContain('settle-dev has no domain of its own: once it is destroyed');
});

it('nobody else is', async () => {
  expect(await saidFor(['none'])).not.toContain('domain of its own');
});

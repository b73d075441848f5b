import { expect, it } from 'vitest';
import { runCommand } from '../../../../infra/operate/command/run-command.ts';
import { UsageError } from '../../../../infra/operate/command/usage-error.ts';

/** A command whose work ends so. */
async function end(work: () => Promise<0 | 1>) {
  let errors = '';
  const command = { name: 'look', usage: 'npm run look' };
  const code = await runCommand(command, { write: (text: string) => (errors += text) }, work);
  return { code, errors };
}

const fails = (error: unknown) => end(() => Promise.reject(error));

it("ends with the work's own code", async () => {
  expect(await end(async () => 1)).toEqual({ code: 1, errors: '' });
});

it.each([
  [new Error('no table'), 'look: no table\n'],
  [Object.assign(new Error(''), { name: 'ECONNREFUSED' }), 'look: ECONNREFUSED\n'],
  [new UsageError('--all is unknown'), 'look: --all is unknown\nusage: npm run look\n'],
  [
    new Error('Region is missing'),
    'look: no AWS region: set AWS_REGION, or a region for the profile or the stage\n',
  ],
  [
    Object.assign(new Error('Token is expired'), { name: 'CredentialsProviderError' }),
    'look: no AWS credentials: log in, or set AWS_PROFILE (Token is expired)\n',
  ],
])('says why it could not be done: %s', async (error, errors) => {
  expect(await fails(error)).toEqual({ code: 2, errors });
});

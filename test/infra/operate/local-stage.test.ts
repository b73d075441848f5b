import { expect, it } from 'vitest';
import { localVariables, reachStage } from '../../../infra/operate/local-stage.ts';
import { readStage } from '../../../infra/stages.ts';

const local = readStage('local');
const environment = Object.fromEntries(localVariables.map((name) => [name, `of ${name}`]));

/** Replies with this at an address, and counts who asks where. */
function replying(body: unknown) {
  const asked: string[] = [];
  const fetch = async (url: string | URL | Request) => {
    asked.push(String(url));
    return new Response(JSON.stringify(body));
  };
  return { fetch, asked };
}

const unreachable = {
  fetch: async () => {
    throw new TypeError('fetch failed');
  },
};

it('the local stage is reached as the running system says, at its usual port', async () => {
  const variables = {};
  const system = replying(environment);
  await reachStage(local, variables, system);
  expect(variables).toEqual(environment);
  expect(system.asked).toEqual(['http://127.0.0.1:3001/operator/environment']);
});

it('or at the port that CONSOLE_PORT names', async () => {
  const system = replying(environment);
  await reachStage(local, { CONSOLE_PORT: '4711' }, system);
  expect(system.asked).toEqual(['http://127.0.0.1:4711/operator/environment']);
});

it('where the environment says it already, nobody is asked', async () => {
  const variables = { AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:5000' };
  await reachStage(local, variables, unreachable);
  expect(variables).toEqual({ AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:5000' });
});

it.each([
  ['does not run', unreachable],
  ['is something else', replying({ ...environment, NODE_OPTIONS: '--require=evil' })],
  ['says nothing', replying(null)],
])('a system that %s is named with the port, and changes nothing', async (_what, system) => {
  const variables = { CONSOLE_PORT: '4711' };
  await expect(reachStage(local, variables, system)).rejects.toThrow(
    '--stage local: npm start does not run at http://127.0.0.1:4711; CONSOLE_PORT says where it does',
  );
  expect(variables).toEqual({ CONSOLE_PORT: '4711' });
});

it('any other stage is where its region is, and nobody is asked', async () => {
  const variables = { AWS_REGION: 'us-east-1' };
  await reachStage({ ...readStage('prod'), region: 'cn-north-1' }, variables, unreachable);
  expect(variables).toEqual({ AWS_REGION: 'cn-north-1' });
});

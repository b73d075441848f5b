import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { readDocuments, storedOf } from '../../../../infra/operate/doctor/documents.ts';

// Other files' tests run in the same process.
afterEach(() => vi.unstubAllEnvs());

it('reads the documents of hundreds of tenants a few at a time', async () => {
  let [underWay, most] = [0, 0];
  const server = createServer(async (request, response) => {
    underWay += 1;
    most = Math.max(most, underWay);
    await Array.fromAsync(request);
    // Whoever else is to come at once has come by then.
    for (let turns = 0; turns < 20; turns += 1) await setImmediate();
    underWay -= 1;
    const isList = request.headers['x-amz-target'] === 'secretsmanager.ListSecrets';
    const body = isList ? { SecretList: [] } : { SecretString: '{"paid_to":"own"}' };
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', `http://127.0.0.1:${port}`);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'operator');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  const names = Array.from({ length: 200 }, (_, index) => `tenants/${index + 1}`);
  const documents = await readDocuments('dev', names);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(storedOf(documents, 'tenants/200')).toEqual({ state: 'stored', document: { paid_to: 'own' } });
  expect(most).toBeGreaterThan(4);
  expect(most).toBeLessThanOrEqual(16);
});

import { expect, it } from 'vitest';
import { serve } from '../../../infra/local/http.ts';

it('a request that its server fails at ends that request, and nothing else', async () => {
  const server = await serve(async ({ url }, response) => {
    await Promise.resolve();
    if (url === '/fails') throw new Error('it fails');
    response.end('well');
  });
  await expect(fetch(`${server.url}/fails`)).rejects.toThrow('fetch failed');
  expect(await (await fetch(server.url)).text()).toBe('well');
  await server.stop();
});

import { describe, expect, it } from 'vitest';
import { holdPort, serve } from '../../../infra/local/http.ts';

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

describe('a port that is held', () => {
  it('is nobody else’s, and answers what was asked before once it is served', async () => {
    await using held = new AsyncDisposableStack();
    const server = held.adopt(await holdPort(), (one) => one.stop());
    const { port } = new URL(server.url);
    await expect(holdPort(Number(port))).rejects.toThrow(`port ${port} is in use`);
    const asked = fetch(server.url);
    server.serve((_request, response) => void response.end('served'));
    expect(await (await asked).text()).toBe('served');
  });

  it('ends what is asked of it when it is never served', async () => {
    const server = await holdPort();
    const asked = fetch(server.url);
    asked.catch(() => {});
    await server.stop();
    await expect(asked).rejects.toThrow('fetch failed');
  });
});

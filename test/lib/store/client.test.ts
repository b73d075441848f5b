import { afterEach, expect, it, vi } from 'vitest';
import { systemIo } from '../../../lib/io.ts';
import { createDocumentClient, createStoreContext, withDeadline } from '../../../lib/store/client.ts';
import { NOW } from '../../support/orders.ts';

afterEach(() => vi.unstubAllEnvs());

const io = { ...systemIo, now: () => NOW };

it('a store has its table, its time, and a client of its own', () => {
  const context = createStoreContext('settle-test', io);
  expect(context).toEqual({ tableName: 'settle-test', io, client: context.client });
  expect(context.client).toHaveProperty('send');
});

it('all that is asked from now on is over in four seconds, and by then', () => {
  const context = createStoreContext('settle-test', io);
  expect(withDeadline(context)).toEqual({ ...context, io: { ...io, deadline: NOW + 4_000 } });
});

it('its client speaks to the address that is named, once, and looks for no other', async () => {
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', 'http://127.0.0.1:1');
  vi.stubEnv('AWS_ENABLE_ENDPOINT_DISCOVERY', 'true');
  const { config } = createDocumentClient();
  expect(await config.endpoint?.()).toMatchObject({ hostname: '127.0.0.1', port: 1 });
  expect(await config.maxAttempts()).toBe(1);
  expect(await config.endpointDiscoveryEnabled?.()).toBe(false);
});

it('its client keeps nothing of what it says and is answered', () => {
  expect(createDocumentClient().middlewareStack.identify().join()).not.toContain('logger');
});

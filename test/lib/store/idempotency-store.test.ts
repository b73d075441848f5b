import { expect, it } from 'vitest';
import { idempotencyPut } from '../../../lib/orders/idempotency.ts';
import { createIdempotencyStore } from '../../../lib/store/idempotency-store.ts';
import { NOW } from '../../support/orders.ts';
import { useStore } from '../../support/store.ts';

const store = useStore();

it('what was first asked for with a key is found for its caller, and for nobody else', async () => {
  const caller = { operation: 'refund', subject: 'admin-1', key: 'key-1' } as const;
  const { findIdempotencyRecord } = createIdempotencyStore(store.context);
  expect(await findIdempotencyRecord(caller)).toBeNull();
  const { put, record } = idempotencyPut(caller, 'mall-1-r1', '{}', NOW + 1);
  await store.put({ put, record });
  const { result, request, expires_at } = record;
  expect(await findIdempotencyRecord(caller)).toEqual({ result, request, expires_at });
  expect(await findIdempotencyRecord({ ...caller, subject: 'admin-2' })).toBeNull();
});

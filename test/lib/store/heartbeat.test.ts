import { expect, it } from 'vitest';
import { readHeartbeat, writeHeartbeat } from '../../../lib/store/heartbeat.ts';
import { useStore } from '../../support/store.ts';

const store = useStore();

it('keeps when the sweep ended last, in one item', async () => {
  const endAt = (at: number) => writeHeartbeat(store.context, 'sweep', at);
  expect(await readHeartbeat(store.context, 'sweep')).toBeNull();
  await endAt(Date.parse('2026-11-22T06:00:00Z'));
  await endAt(Date.parse('2026-11-22T06:01:00.250Z'));
  expect(await readHeartbeat(store.context, 'sweep')).toBe(Date.parse('2026-11-22T06:01:00.250Z'));
  expect(await store.items()).toHaveLength(1);
});

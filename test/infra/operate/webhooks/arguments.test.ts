import { expect, it } from 'vitest';
import { readArguments } from '../../../../infra/operate/webhooks/arguments.ts';

it.each([
  ['2026-11-21', '2026-11-21', '2026-11-21T00:00:00.000Z', '2026-11-21T23:59:59.999Z'],
  [
    '2026-11-20T08:00:00+08:00',
    '2026-11-21T08:00:00Z',
    '2026-11-20T00:00:00.000Z',
    '2026-11-21T08:00:00.000Z',
  ],
])('a period from %s to %s has both ends in it', (from, to, first, last) => {
  const stage = 'dev';
  const read = readArguments({ stage, from, to }, 'publish');
  expect(read).toMatchObject({ task: 'publish', from: first, to: last, order_no: null });
});

import { expect, it } from 'vitest';
import { createRecorder } from '../../../../infra/local/simulators/recorder.ts';

it('keeps the latest and forgets the oldest', () => {
  const recorder = createRecorder(() => 0);
  const call = {
    type: 'call',
    to: 'wecom',
    method: 'POST',
    path: '/',
    body: '',
    answer: '',
    started_at: '',
  } as const;
  for (let status = 1; status <= 2_001; status += 1) recorder.record({ ...call, status });
  expect(recorder.recorded()).toHaveLength(2_000);
  expect(recorder.recorded()[0]).toEqual({ ...call, status: 2, at: '1970-01-01T00:00:00.000Z' });
});

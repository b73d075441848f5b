import { expect, it } from 'vitest';
import { serve } from '../../../../infra/local/http.ts';
import { createCourier, shorten } from '../../../../infra/local/simulators/delivery.ts';
import { createRecorder } from '../../../../infra/local/simulators/recorder.ts';

const job = {
  provider: 'wechat',
  payment_no: 'mall-1',
  url: 'http://127.0.0.1/notify',
  message: () => ({ headers: {}, body: '{}' }),
  acknowledged: (status: number) => status === 200,
  retryAfterSeconds: [15],
  times: 1,
  concurrency: 1,
} as const;

function courierThatFails() {
  let attempts = 0;
  const post = async () => {
    attempts += 1;
    throw new TypeError('connection refused');
  };
  return { courier: createCourier(post, createRecorder(Date.now)), attempts: () => attempts };
}

it('tells that nothing answered, and tries again', async () => {
  const { courier, attempts } = courierThatFails();
  expect(await courier.deliver(job)).toMatchObject([{ attempt: 1, status: null, answer: '' }]);
  await expect.poll(attempts).toBe(2);
});

it('tries no more once it is stopped', async () => {
  const [stopped, other] = [courierThatFails(), courierThatFails()];
  await stopped.courier.deliver(job);
  stopped.courier.stop();
  await other.courier.deliver(job);
  await expect.poll(other.attempts).toBe(2);
  expect(stopped.attempts()).toBe(1);
});

it('follows no redirect, which could lead to another machine', async () => {
  const paths: unknown[] = [];
  const merchant = await serve((request, response) => {
    paths.push(request.url);
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  const courier = createCourier(fetch, createRecorder(Date.now));
  const url = `${merchant.url}/notify`;
  const deliveries = await courier.deliver({ ...job, url, retryAfterSeconds: [] });
  await merchant.stop();
  expect(deliveries).toMatchObject([{ status: 302 }]);
  expect(paths).toEqual(['/notify']);
});

it('shortens a day of waiting to seconds', () => {
  expect([15, 180, 600, 21_600].map(shorten)).toEqual([100, 300, 1_000, 2_000]);
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../../../infra/local/trigger/run.ts';
import { type TroubleName, troubleNames } from '../../../infra/local/trouble-steps.ts';
import { createHttpClient } from '../../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../../support/local-system.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem();
});
afterAll(() => system?.stop());

async function trigger(...words: readonly string[]) {
  let [output, errors] = ['', ''];
  const code = await run(words, {
    variables: { CONSOLE_PORT: new URL(system.consoleUrl).port },
    fetch,
    output: { write: (text: string) => (output += text) },
    errors: { write: (text: string) => (errors += text) },
  });
  return { code, output, errors };
}

/** A tenant's order, begun at Stripe, where everything can happen. */
async function checkOut(): Promise<string> {
  const { body } = await createHttpClient(system.url)('POST', '/api/pay/checkout', {
    token: system.tokens?.admin ?? '',
    body: { tenant_id: 7, amount: 8.8, provider: 'stripe' },
  });
  return (body as { data: { order_no: string } }).data.order_no;
}

const onlyAtWechat: readonly TroubleName[] = ['probe-signature'];
const afterDispute: readonly TroubleName[] = ['dispute-won', 'dispute-lost'];
const afterPayment: readonly TroubleName[] = [
  ...(['console-refund', 'console-refund-part', 'console-refund-untold', 'dispute'] as const),
  ...afterDispute,
];

it.each(troubleNames.filter((name) => !onlyAtWechat.includes(name)))('%s happens', async (name) => {
  const order_no = await checkOut();
  if (afterPayment.includes(name)) await trigger('twice', '--order', order_no);
  if (afterDispute.includes(name)) await trigger('dispute', '--order', order_no);
  expect(await trigger(name, '--order', order_no)).toMatchObject({ code: 0, errors: '' });
});

it('says what the messages were answered', async () => {
  const order_no = await checkOut();
  const { output } = await trigger('paid-twice', '--order', order_no);
  expect(output.split('\n')).toEqual([
    expect.stringMatching(/^answered 200 \{"code":0/),
    expect.stringMatching(/^answered 200 \{"code":0/),
    '',
  ]);
  const { body } = await createHttpClient(system.url)('GET', `/api/pay/exceptions?kind=paid_twice`, {
    token: system.tokens?.admin ?? '',
  });
  expect(JSON.stringify(body)).toContain(order_no);
  expect((await trigger('broken-signature', '--order', order_no)).output).toMatch(/^answered 401 /);
});

it('says what the simulators do not take, and why', async () => {
  const order_no = await checkOut();
  const { code, output } = await trigger('console-refund', '--order', order_no);
  expect(code).toBe(1);
  expect(output).toMatch(/^not taken: \S/);
});

it.each([
  [['paid-twice'], '--order must name the order'],
  [['paid-thrice', '--order', 'mall-1'], 'what is to happen must be one of twice, '],
  [['--order', 'mall-1'], 'what is to happen must be one of twice, '],
  [['twice', '--order', 'mall-404'], 'no provider knows of a payment of mall-404'],
])('refuses %j and says why', async (words, problem) => {
  const { code, errors } = await trigger(...words);
  expect(code).toBe(2);
  expect(errors).toContain(`trigger: ${problem}`);
});

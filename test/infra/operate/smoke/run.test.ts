import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../../infra/operate/smoke/run.ts';
import { run as runToken } from '../../../../infra/operate/token/run.ts';
import { systemIo } from '../../../../lib/io.ts';
import { createHttpClient } from '../../../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../../../support/local-system.ts';
import { scanTable } from '../../../support/table-scan.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem();
  // The SDK's clients read them here.
  Object.assign(process.env, system.operatorEnvironment);
});
afterAll(() => system?.stop());

async function called(
  command: typeof run | typeof runToken,
  words: readonly string[],
  variables: Record<string, string> = {},
) {
  let [output, errors] = ['', ''];
  const code = await command(words, {
    variables: { ...system.operatorEnvironment, ...variables },
    io: systemIo,
    output: { write: (text: string) => (output += text) },
    errors: { write: (text: string) => (errors += text) },
  });
  return { code, output, errors };
}

const orders = async () =>
  (await scanTable(system)).filter(({ pk }) => String(pk).startsWith('ORDER#')).map(({ pk }) => pk);

describe('npm run smoke', () => {
  it('tries every route and one order, tells the group, and leaves no order behind', async () => {
    const { code, output, errors } = await called(run, ['--stage', 'local']);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output).toMatch(/^ok +route POST \/v2\/payments\/notify: 401/m);
    expect(output).toMatch(/^ok +hand-over of an order: 201 for mall-90\d+$/m);
    expect(output).toMatch(/^ok +its payment: 200 for mall-90/m);
    expect(output).toMatch(/^ok +its state: paid$/m);
    expect(output).toMatch(/^ok +announcement: the group was told after \d+ ms$/m);
    expect(output).toMatch(/^ok +clean-up: mall-90\d+ is out of the table$/m);
    const told = await createHttpClient(system.consoleUrl)('GET', '/simulator/wecom/messages');
    expect(JSON.stringify(told.body)).toMatch(/mall-90\d+/);
    expect(await orders()).toEqual([]);
  });

  it('takes the order away where a step of it fails, and says which', async () => {
    const { admin = '' } = system.tokens ?? {};
    const { code, output } = await called(run, ['--stage', 'local'], {
      ADMIN_TOKEN: admin,
      USER_TOKEN: `${admin.split('.').slice(0, 2).join('.')}.forged`,
    });
    expect(code).toBe(2);
    expect(output).toMatch(/^ok +hand-over of an order: 201/m);
    expect(output).toMatch(/^fault +its payment: answers 401 in place of 200$/m);
    expect(output).not.toMatch(/its state/);
    expect(output).toMatch(/^ok +clean-up/m);
    expect(await orders()).toEqual([]);
  });

  it('says that a token is none, without it', async () => {
    const { code, errors } = await called(run, ['--stage', 'local'], {
      ADMIN_TOKEN: 'a',
      USER_TOKEN: 'secret',
    });
    expect(code).toBe(2);
    expect(errors).toMatch(/^smoke: USER_TOKEN must be a JWT with a sub\n/);
  });
});

describe('npm run token', () => {
  it('prints a token that the API takes, and nothing else', async () => {
    const { code, output, errors } = await called(runToken, ['--stage', 'local', '--role', 'viewer']);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    const call = createHttpClient(system.url);
    expect(await call('GET', '/api/pay/exceptions', { token: output.trim() })).toMatchObject({ status: 200 });
    const body = { order_no: 'mall-1', reason: 'x' };
    expect(await call('POST', '/api/pay/refund', { token: output.trim(), body })).toMatchObject({
      status: 403,
    });
  });

  it('of a tenant reaches that tenant alone', async () => {
    const { output } = await called(runToken, ['--stage', 'local', '--tenant', '7']);
    const call = createHttpClient(system.url);
    const checkout = (tenant_id: number) =>
      call('POST', '/api/pay/checkout', {
        token: output.trim(),
        body: { tenant_id, amount: 1, provider: 'wechat' },
      });
    expect([(await checkout(7)).status, (await checkout(8)).status]).toEqual([201, 403]);
  });

  it.each([
    [['--role', 'root'], '--role must be one of admin, viewer, user'],
    [['--minutes', '0'], '--minutes must be a whole number from 1 to 720'],
    [['--minutes', '721'], '--minutes must be a whole number from 1 to 720'],
    [['--sub', ''], '--sub must be 1 to 256 characters'],
    [['--tenant', 'x'], '--tenant must be a whole number from 1'],
  ])('refuses %j', async (words, problem) => {
    const { code, errors } = await called(runToken, ['--stage', 'local', ...words]);
    expect(code).toBe(2);
    expect(errors).toContain(`token: ${problem}`);
  });
});

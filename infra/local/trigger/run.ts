import * as z from 'zod/mini';
import { isOneOf, providers } from '../../../lib/orders/kinds.ts';
import { type Command, type CommandOptions, UsageError } from '../../command/command.ts';
import { type CommandStreams, runCommand } from '../../command/run-command.ts';
import { usualConsolePort } from '../../operate/local-stage.ts';
import { stepsOf, type TroubledPayment, troubleNames } from '../trouble-steps.ts';

const options = {
  order: { type: 'string', value: '<order_no>', description: 'whose payment it happens to; needed' },
} as const satisfies CommandOptions;

const command: Command<typeof options> = {
  name: 'trigger',
  summary: 'Makes something go wrong with a payment of the system that npm start runs.',
  options,
  word: { value: '<trouble>', description: `${troubleNames.join(', ')}; needed` },
  variables: { CONSOLE_PORT: 'where the simulators are (default: 3001)' },
  exitCodes: {
    0: 'it happened, and what was answered is printed',
    1: 'the simulators did not take it',
    2: 'it could not be asked for',
  },
  example: '-- paid-twice --order mall-1',
};

export interface TriggerSurroundings extends CommandStreams {
  readonly variables: NodeJS.ProcessEnv;
  readonly fetch: typeof fetch;
}

/** @returns the exit code */
export const run = (words: readonly string[], surroundings: TriggerSurroundings): Promise<0 | 1 | 2> =>
  runCommand(command, words, surroundings, async ({ order }, trouble = '') => {
    if (!isOneOf(troubleNames, trouble)) {
      throw new UsageError(`what is to happen must be one of ${troubleNames.join(', ')}`);
    }
    if (!order) throw new UsageError('--order must name the order whose payment it happens to');
    const payment = await findPayment(order, surroundings);
    for (const step of stepsOf(trouble, payment)) {
      const { ok, body } = await ask(surroundings, step.path, step.body);
      surroundings.output.write(`${describe(ok, body)}\n`);
      if (!ok) return 1;
    }
    return 0;
  });

const known = z.object({
  payments: z.array(z.object({ provider: z.enum(providers), payment_no: z.string(), amount: z.number() })),
});

/** The newest of the order's. @throws Error when its providers know of none */
async function findPayment(order_no: string, surroundings: TriggerSurroundings): Promise<TroubledPayment> {
  const { body } = await ask(surroundings, '/payments');
  const { payments } = known.parse(body);
  const payment = payments.findLast(
    ({ payment_no }) => payment_no.replace(/-\d{1,2}$/, '') === order_no || payment_no === order_no,
  );
  if (payment) return payment;
  throw new Error(`no provider knows of a payment of ${order_no}: begin one, or open its page, first`);
}

async function ask(
  { variables, fetch }: TriggerSurroundings,
  path: string,
  body?: object,
): Promise<{ readonly ok: boolean; readonly body: unknown }> {
  const address = `http://127.0.0.1:${variables['CONSOLE_PORT'] || usualConsolePort}`;
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  try {
    const response = await fetch(`${address}/simulator${path}`, init);
    return { ok: response.ok, body: await response.json() };
  } catch (cause) {
    throw new Error(`npm start does not run at ${address}; CONSOLE_PORT says where it does`, { cause });
  }
}

const outcome = z.object({
  error: z.optional(z.string()),
  status: z.optional(z.nullable(z.number())),
  body: z.optional(z.string()),
  deliveries: z.optional(z.array(z.object({ status: z.nullable(z.number()), body: z.string() }))),
});

/** What the provider's messages were answered. */
function describe(isTaken: boolean, body: unknown): string {
  const { error, status, body: answer = '', deliveries = [] } = outcome.parse(body);
  if (!isTaken) return `not taken: ${error ?? 'no reason'}`;
  const answers = [...deliveries, ...(status === undefined ? [] : [{ status, body: answer }])];
  if (answers.length === 0) return 'done; no message is sent about it now';
  return answers
    .map((delivery) => `answered ${delivery.status ?? 'nothing'} ${delivery.body.trim()}`.trim())
    .join('\n');
}

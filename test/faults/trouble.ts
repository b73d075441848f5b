import { setTimeout as sleep } from 'node:timers/promises';
import { functions } from '../../infra/endpoints.ts';
import type { Random } from '../simulation/prng.ts';
import type { DynamodbProxy } from '../support/dynamodb-proxy.ts';
import type { createHttpClient } from '../support/http-client.ts';
import type { TestSystem } from '../support/local-system.ts';

export interface Troubled {
  readonly system: Pick<TestSystem, 'crash' | 'sweep'>;
  readonly proxy: DynamodbProxy;
  readonly simulate: ReturnType<typeof createHttpClient>;
  readonly isOver: () => boolean;
  /** Takes the name of each fault. */
  readonly onFault: (kind: string) => void;
}

const names = functions.map(({ name }) => name) as [string, ...string[]];

/** Makes trouble everywhere, a fault at a time, until it is over; then all is well again. */
export async function makeTrouble(troubled: Troubled, random: Random): Promise<void> {
  while (!troubled.isOver()) {
    const make = random.pick([loseRequest, loseRequest, loseRequest, crash, failProvider, failWecom]);
    await make(troubled, random);
    await sleep(random.between(10, 150));
  }
  await heal(troubled);
}

/** Runs the sweep again and again, also while it is crashed. */
export async function keepSweeping({ system, isOver }: Troubled, random: Random): Promise<void> {
  while (!isOver()) {
    await system.sweep().catch(() => {});
    await sleep(random.between(100, 1_000));
  }
}

/** Has DynamoDB refuse all settlements for longer than a function goes on trying, at once and now and then. */
export async function refuseSettlements({ proxy, onFault, isOver }: Troubled, random: Random): Promise<void> {
  while (!isOver()) {
    onFault('dynamodb outage');
    proxy.fault('TransactWriteItems', random.pick(['error', 'throttle', 'conflict']), 100_000);
    await sleep(4_500);
    proxy.heal();
    const next = Date.now() + random.between(5_000, 20_000);
    while (!isOver() && Date.now() < next) await sleep(100);
  }
}

async function loseRequest({ proxy, onFault }: Troubled, random: Random): Promise<void> {
  const action = random.pick([
    'TransactWriteItems',
    'TransactWriteItems',
    'TransactGetItems',
    'UpdateItem',
    'PutItem',
    'GetItem',
    'Query',
  ]);
  const fault = random.pick(['drop_reply', 'drop_request', 'error', 'throttle', 'conflict', 'hang'] as const);
  proxy.fault(action, fault, random.between(1, 3));
  onFault(`dynamodb ${fault}`);
}

async function crash({ system, onFault }: Troubled, random: Random): Promise<void> {
  onFault('function crashed');
  await system.crash(random.pick(names));
}

async function failProvider({ simulate, onFault }: Troubled, random: Random): Promise<void> {
  const provider = random.pick(['wechat', 'alipay', 'stripe']);
  const fault = random.pick(['http', 'hang', 'lose_answers', 'drop_callbacks']);
  onFault(`provider ${fault}`);
  await simulate('POST', '/simulator/faults', { body: { provider, fault } });
  await sleep(random.between(50, 500));
  await simulate('POST', '/simulator/faults', { body: { provider, fault: null } });
}

async function failWecom({ simulate, onFault }: Troubled, random: Random): Promise<void> {
  const fault = random.pick(['http', 'errcode', null]);
  if (fault) onFault(`wecom ${fault}`);
  await simulate('POST', '/simulator/wecom/fault', { body: { fault } });
}

async function heal({ proxy, simulate }: Troubled): Promise<void> {
  proxy.heal();
  await simulate('POST', '/simulator/wecom/fault', { body: { fault: null } });
}

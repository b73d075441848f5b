import { randomBytes } from 'node:crypto';
import { functions } from '../../../infra/endpoints.ts';
import type { Order } from '../../../lib/orders/order.ts';
import { createParties } from '../../support/parties.ts';
import { createTlsIdentity } from '../../support/tls-proxy.ts';
import { webhookSecret } from '../../support/webhook-secret.ts';
import type { Figure, Findings, Goal } from '../figure.ts';
import { alternate, ratioOf, type Spread, spreadOf } from '../measure.ts';
import { startLoopbackAws } from './aws.ts';
import { createBundler } from './contestants.ts';
import type { Cost, Invocation } from './first-invocation.ts';
import { createInvocations, type FirstInvocation } from './invocations.ts';
import { invokeCold } from './invoke-cold.ts';
import { startLoopbackWechat } from './wechat.ts';

const ROUNDS = 21;
const EMPTY = 'an empty handler';
const BARE = 'a bare DocumentClient';
const BARE_AND_CALL = 'a bare DocumentClient and a bare call';
const NODE_ALONE = 'Node alone (the floor)';

interface Contestant {
  readonly bundle: string;
  readonly invocation: FirstInvocation;
  /** Whose environment it has. */
  readonly functionName: string;
}

interface Rival {
  /** The peers' endpoint that does the same. */
  readonly peer: string;
  /** The least that is set up as the SDK's guide has it and makes the same kinds of calls. */
  readonly bare: string;
  readonly goals: { readonly bare: Goal; readonly peer: Goal } | null;
}

const callback = (peer: string): Rival => ({
  peer,
  bare: BARE,
  goals: { bare: { bound: 'at most', limit: 1 }, peer: { bound: 'at least', limit: 2 } },
});

/** What a payer waits for: a provider is called. */
const caller = (peer: string): Rival => ({ peer, bare: BARE_AND_CALL, goals: null });

/** The functions that are compared, and with what. */
const rivals: Readonly<Record<string, Rival>> = {
  'wechat-callback': callback('wechat-callback'),
  'wechat-notify': callback('wechat-callback'),
  'alipay-callback': callback('alipay-callback'),
  'stripe-callback': callback('stripe-callback'),
  'pay-mall-order': caller('pay-mall-order'),
  checkout: caller('checkout'),
};
const peerNames = [...new Set(Object.values(rivals).map(({ peer }) => peer))];
const peersOfCallbacks = [
  ...new Set(Object.values(rivals).flatMap(({ peer, goals }) => (goals ? [peer] : []))),
];
const bundlings = ['as CDK does by default', 'as Settle is'] as const;
const peerName = (peer: string, bundling: string) => `peers' ${peer}, bundled ${bundling}`;

/** Import and first invocation of every function's production bundle, each time in a fresh process. */
export async function measure(): Promise<Findings> {
  const parties = createParties();
  const auth = { issuer: 'bench', audience: 'settle', hs256_secret: randomBytes(32).toString('base64url') };
  const wecom = { webhook_url: 'http://127.0.0.1:9/cgi-bin/webhook/send?key=bench' };
  const webhooks = { url: 'https://shop.example.com/webhooks', secrets: [webhookSecret(1)] };
  const identity = createTlsIdentity();
  await using provider = await startLoopbackWechat(parties.wechat, identity);
  const wechat = { ...parties.documents.wechat, base_url: provider.url };
  await using aws = await startLoopbackAws({ ...parties.documents, wechat, auth, wecom, webhooks }, identity);
  using bundler = createBundler();
  const runner = await bundler.asSettle('cold-start/first-invocation.ts');
  const invocations = await createInvocations(parties, aws.table, auth);
  const contestants = await createContestants(bundler, invocations, {
    [BARE]: async () => toPayment(await aws.table.store(parties.orders.wechat())),
    [BARE_AND_CALL]: async () => toPayment(parties.orders.wechat().order),
  });
  const samples = await alternate(
    Object.fromEntries(
      Object.entries(contestants).map(([name, { bundle, invocation, functionName }]) => [
        name,
        () =>
          invokeCold(runner, bundle, invocation, {
            ...aws.environment(functionName),
            PROVIDER_URL: provider.url,
          }),
      ]),
    ),
    { rounds: ROUNDS },
  );
  return { figures: toFigures(samples), tables: [toTable(samples, contestants)] };
}

const toPayment = ({ order_no, amount }: Pick<Order, 'order_no' | 'amount'>) => ({
  body: JSON.stringify({ order_no, amount }),
});

async function createContestants(
  bundler: ReturnType<typeof createBundler>,
  invocations: Readonly<Record<string, FirstInvocation>>,
  bareEvents: Readonly<Record<typeof BARE | typeof BARE_AND_CALL, () => Promise<unknown>>>,
): Promise<Readonly<Record<string, Contestant>>> {
  const invocationOf = (name: string): FirstInvocation => {
    const invocation = invocations[name];
    if (!invocation) throw new Error(`no first invocation for ${name}`);
    return invocation;
  };
  const contestants: Record<string, Contestant> = {
    [EMPTY]: {
      bundle: await bundler.asSettle('cold-start/empty.ts'),
      invocation: { description: 'nothing', createEvent: async () => ({}), status: 204 },
      functionName: 'wechat-callback',
    },
    [NODE_ALONE]: {
      bundle: await bundler.asSettle('cold-start/node-alone.ts'),
      invocation: { ...invocationOf('wechat-callback'), description: 'the least that a callback must do' },
      functionName: 'wechat-callback',
    },
    [BARE]: {
      bundle: await bundler.asSettle('cold-start/document-client.ts'),
      invocation: {
        description: 'two writes in a transaction',
        createEvent: bareEvents[BARE],
        status: 204,
      },
      functionName: 'wechat-callback',
    },
    [BARE_AND_CALL]: {
      bundle: await bundler.asSettle('cold-start/document-client-and-call.ts'),
      invocation: {
        description: 'a write and a call of WeChat Pay',
        createEvent: bareEvents[BARE_AND_CALL],
        status: 201,
      },
      functionName: 'checkout',
    },
  };
  for (const name of functions.map((line) => line.name).filter((name) => name in invocations)) {
    const bundle = await bundler.settle(name);
    contestants[name] = { bundle, invocation: invocationOf(name), functionName: name };
  }
  for (const name of peerNames) {
    const contestant = { invocation: invocationOf(name), functionName: name };
    const file = `peers/${name}.ts`;
    contestants[peerName(name, bundlings[0])] = { ...contestant, bundle: await bundler.asCdkDefaults(file) };
    contestants[peerName(name, bundlings[1])] = { ...contestant, bundle: await bundler.asSettle(file) };
  }
  return contestants;
}

type Samples = Readonly<Record<string, readonly Invocation[]>>;

const costs = { 'CPU time': 'cpu_ms', 'wall time': 'wall_ms' } as const satisfies Record<string, keyof Cost>;
type CostName = keyof typeof costs;

const total = ({ imported, invoked }: Invocation, cost: CostName) =>
  imported[costs[cost]] + invoked[costs[cost]];

function toFigures(samples: Samples): Figure[] {
  return (Object.keys(costs) as CostName[]).flatMap((cost) => {
    const totals = (name: string) => (samples[name] ?? []).map((invocation) => total(invocation, cost));
    const figure = (name: string, against: string, spread: Spread, goal: Goal | null): Figure => ({
      part: 'cold start',
      subject: `${name}, ${cost}`,
      against,
      value: spread.median,
      spread: [spread.low, spread.high],
      unit: '×',
      // Of CPU time, which other processes on the machine hardly change.
      goal: cost === 'CPU time' ? goal : null,
    });
    const thanPeer = (name: string, peer: string, bundling: string, goal: Goal | null) =>
      figure(name, peerName(peer, bundling), ratioOf(totals(peerName(peer, bundling)), totals(name)), goal);
    return [
      ...Object.entries(rivals).map(([name, { bare, goals }]) =>
        figure(name, bare, ratioOf(totals(name), totals(bare)), goals?.bare ?? null),
      ),
      ...Object.entries(rivals).flatMap(([name, { peer, goals }]) => [
        thanPeer(name, peer, bundlings[0], goals?.peer ?? null),
        thanPeer(name, peer, bundlings[1], null),
      ]),
      ...peersOfCallbacks.map((peer) => thanPeer(NODE_ALONE, peer, bundlings[0], null)),
    ];
  });
}

function toTable(samples: Samples, contestants: Readonly<Record<string, Contestant>>) {
  const median = (name: string, value: (invocation: Invocation) => number) =>
    spreadOf((samples[name] ?? []).map(value)).median;
  return {
    title: 'Cold start',
    note: `Medians of ${ROUNDS} fresh processes each, in ms: import of the bundle, first invocation, and CPU time of all threads over both. DynamoDB, Secrets Manager and WeChat Pay, which signs its answers, are on the loopback, over TLS; Node's own start, which is the same for all, is not in it. Node alone is the floor: a WeChat Pay callback with no package and no rule, only what the protocols and the cryptography ask for; no callback of WeChat Pay's can start faster, and the others must do about as much. The peers' endpoints (test/bench/peers) read their keys from Secrets Manager too, and are spared the download of WeChat Pay's; they check a token and the order as Settle does, but not who signed WeChat Pay's answer, which their package leaves out.`,
    columns: ['bundle', 'first invocation', 'import', 'invocation', 'together', 'CPU'],
    rows: Object.entries(contestants).map(([name, { invocation }]) => [
      name,
      invocation.description,
      median(name, ({ imported }) => imported.wall_ms),
      median(name, ({ invoked }) => invoked.wall_ms),
      median(name, (sample) => total(sample, 'wall time')),
      median(name, (sample) => total(sample, 'CPU time')),
    ]),
  };
}

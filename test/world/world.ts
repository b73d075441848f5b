import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { storedEvents } from '../../lib/domain-events/stored-events.ts';
import type { Runtime } from '../../lib/runtime.ts';
import type { StoredItem } from '../../lib/store/conditional-write.ts';
import type { ItemKey } from '../../lib/store/keys.ts';
import { audit } from './actors/auditor.ts';
import { callUntilDecided } from './actors/client.ts';
import { runCloser } from './actors/closer.ts';
import { runConsole } from './actors/console.ts';
import { runHurried } from './actors/hurried.ts';
import { runOperator } from './actors/operator.ts';
import { prepayOf, requestPayment, runPayer } from './actors/payer.ts';
import { runRelay } from './actors/relay.ts';
import { resolveAll, resolveWaiting } from './actors/resolver.ts';
import { runShipper } from './actors/shipper.ts';
import { runRace, runShop } from './actors/shop.ts';
import { runCrosser, runReplayer, runStranger } from './actors/stranger.ts';
import { runTenant } from './actors/tenant.ts';
import { runWhims } from './actors/whims.ts';
import { type Bus, createBus } from './bus.ts';
import { createClock } from './clock.ts';
import { type Cloud, createCloud, type FunctionFile, type Replied } from './cloud.ts';
import {
  alipayMerchants,
  appSecrets,
  OWN_TENANT,
  publicUrl,
  STAGE_TENANT,
  stripeAccounts,
  TABLE_NAME,
  wechatMerchants,
  wechatOf,
  wecomKey,
} from './documents.ts';
import { createFaults, type FaultName } from './faults.ts';
import { type Instance, passage } from './instance.ts';
import { watchClosing } from './invariants/closing.ts';
import { checkDeadlines, checkWatched } from './invariants/liveness.ts';
import { watchRefund, watchReply } from './invariants/on-reply.ts';
import { worldKeys } from './keys.ts';
import { createMarks, type Marks } from './marks.ts';
import { createFetch, type NetworkBug } from './network.ts';
import { alipayHosts, createAlipay } from './providers/alipay.ts';
import { createBooks, providerNames } from './providers/books.ts';
import { createStripe, stripeHosts } from './providers/stripe/stripe.ts';
import { createWechatApp, wechatAppHosts } from './providers/wechat/app.ts';
import { createWechat, wechatHosts } from './providers/wechat/wechat.ts';
import { createWecom, wecomHosts } from './providers/wecom.ts';
import { createRandom } from './random.ts';
import { createSetup } from './setup.ts';
import { createStream, type Stream } from './stream.ts';
import type { Surroundings } from './surroundings.ts';
import { createSweeper } from './sweeper.ts';
import { createTableClient, type TableBug } from './table/client.ts';
import { createMemoryTable, type MemoryTable } from './table/memory-table.ts';
import type { Likely, Notes, ShopOrderPlan, Town } from './town.ts';
import type { VirtualTimers } from './virtual-timers.ts';

/** A mistake planted for the world to find. */
export interface Bug {
  readonly name: string;
  readonly table?: TableBug;
  readonly network?: NetworkBug;
  readonly runtime?: (runtime: Runtime) => Runtime;
  /** Documents that are taken for not being there. */
  readonly unread?: (name: string) => boolean;
  /** What of a run makes it likely to be seen. */
  readonly focus?: Focus;
}

/** Which parts of the world a run has. */
export interface Focus {
  readonly shopOrders?: number;
  readonly tenants?: number;
  readonly isQuiet?: boolean;
  /** Only payers and those who give orders up, for a short while; and nothing that is not about them in the end. */
  readonly isNarrow?: boolean;
  readonly likely?: readonly Likely[];
  readonly faults?: readonly FaultName[];
}

export interface WorldOptions {
  readonly seed: number;
  readonly files: ReadonlyMap<string, FunctionFile>;
  readonly timers: VirtualTimers;
  readonly bug?: Bug | null;
  /** As the bug's where there is one. */
  readonly focus?: Focus;
  /** Hears of each request that reaches the table. */
  readonly onRequest?: (command: object) => void;
}

/** A world at its end, for the invariants. */
export interface Ended {
  readonly town: Town;
  readonly table: MemoryTable;
  readonly bus: Bus;
  readonly published: Stream;
  readonly replies: readonly Replied[];
  readonly lines: readonly string[];
  readonly story: readonly string[];
  readonly marks: Marks;
  readonly started_at: number;
  readonly sweeps: number;
  /** Where the run itself went wrong. */
  readonly error: unknown;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ACTIVE_MS = 5 * HOUR_MS;
const LONGEST_MS = 12 * DAY_MS;

/** One world from one seed: it lives, faults stop, it comes to rest, and what is left to pay is paid. */
export async function runWorld({
  seed,
  files,
  timers,
  bug = null,
  focus = bug?.focus ?? {},
  onRequest,
}: WorldOptions): Promise<Ended> {
  const random = createRandom(seed);
  const marks = createMarks();
  const started_at = Date.UTC(2026, 2, 2) + random.below(DAY_MS);
  const rank = random.fork('order');
  const clock = createClock(started_at, () => rank.next(), timers.pending);
  timers.use(clock);
  const faults = createFaults(
    random.fork('faults'),
    marks,
    focus.isQuiet ?? random.chance(0.1),
    focus.faults,
  );
  const active_ms = focus.isNarrow ? HOUR_MS / 2 : ACTIVE_MS;
  const likely = new Set(focus.likely ?? []);
  const story: string[] = [];
  const tell = (text: string) => void story.push(`${clockText(clock.now() - started_at)} ${text}`);
  const notes: Notes = {
    shopOrders: [],
    checkouts: [],
    openids: [],
    contacts: [],
    forged: new Set(),
    seen: [],
    poison: null,
    misstated: [],
    violations: [],
  };
  const replies: Replied[] = [];
  const lines: string[] = [];
  const keys = worldKeys();
  const books = createBooks();
  const world = {
    clock,
    random: random.fork('world'),
    faults,
    marks,
    keys,
    books,
    tell,
    send: (post, method) => {
      if (method === undefined && post.path !== '/api/pay/refund' && !notes.forged.has(post))
        notes.seen.push(post);
      return cloud.send(post, method);
    },
  } satisfies Surroundings;

  // Providers, each with its habits.
  const habits = {
    forgets: likely.has('silence') ? 0.8 : random.pick([0, 0.15, 0.5]),
    repeats: random.pick([0.05, 0.3]),
    dawdles: likely.has('relays') ? 0.8 : random.pick([0.05, 0.4]),
    takesLate: likely.has('late_takers') ? 0.7 : 0.05,
  };
  const wechat = createWechat(world, wechatMerchants, habits);
  const wechatApp = createWechatApp(world, { secrets: appSecrets, trade: wechat.trade });
  const alipay = createAlipay(world, alipayMerchants, habits);
  const stripe = createStripe(world, stripeAccounts, habits);
  const wecom = createWecom(world, wecomKey);
  const hosts = [
    { hosts: wechatAppHosts, isWecom: false, handle: wechatApp.handle },
    { hosts: wechatHosts, isWecom: false, handle: wechat.handle },
    { hosts: alipayHosts, isWecom: false, handle: alipay.handle },
    { hosts: stripeHosts, isWecom: false, handle: stripe.handle },
    { hosts: wecomHosts, isWecom: true, handle: wecom.handle },
  ];
  // Stages that share a merchant tell their orders apart.
  const prefix = random.pick(['', '', 'p', 'x1']);

  // The stage's documents, and its register.
  const setup = createSetup(world, keys, likely.has('own_tenants') || random.chance(0.5), () => table);
  const town: Town = {
    ...world,
    wechat,
    wechatApp,
    alipay,
    stripe,
    wecom,
    setup,
    prefix,
    closing_at: started_at + active_ms,
    notes,
    likely,
  };
  const readDocument = async (instance: Instance, name: string): Promise<string | null> => {
    await passage(world, instance, world.random.between(5, 80));
    if (faults.happens('secrets_unavailable')) throw new Error('secrets are not available');
    const document = bug?.unread?.(name) ? undefined : setup.documentOf(name);
    return document === undefined ? null : JSON.stringify(document);
  };

  // AWS.
  const memory = createMemoryTable(clock.now, (change) => {
    stream.onChange(change);
    published.onChange(change);
    sweeper.arm();
  });
  const table: MemoryTable = {
    ...memory,
    execute: (command, stale) => {
      onRequest?.(command);
      return memory.execute(command, stale);
    },
  };
  const cloud: Cloud = createCloud({
    world,
    files,
    publicUrl,
    orderPrefix: prefix,
    clientOf: (instance) =>
      createTableClient({ world, table, deadlineOf: timers.deadlineOf, bug: bug?.table ?? null }, instance),
    fetchOf: (instance) =>
      createFetch({ world, hosts, deadlineOf: timers.deadlineOf, bug: bug?.network ?? null }, instance),
    sleepOf: (instance) => (duration_ms) => passage(world, instance, duration_ms),
    readDocument,
    putEventsOf: (instance) => bus.putEventsOf(instance),
    writeLine: (line) => void lines.push(line),
    onReply: (replied) => {
      replies.push(replied);
      watchReply(town, table, replied);
      watchRefund(town, table, replied);
      watchClosing(town, table, replied);
    },
    alterRuntime: bug?.runtime ?? ((runtime) => runtime),
  });
  const stream = createStream(world, () => cloud, {
    consumer: 'notify-wecom',
    // Only what still owes an announcement.
    passes: ({ work }) => typeof work === 'string' && /^(alert|notify)#/.test(work),
    longestAge_ms: 300_000,
  });
  const published = createStream(world, () => cloud, {
    consumer: 'publish-events',
    passes: ({ events }) => events !== undefined,
    longestAge_ms: DAY_MS,
  });
  const bus = createBus(world);
  const sweeper = createSweeper(
    world,
    () => table,
    () => cloud,
    started_at + LONGEST_MS,
  );

  let error: unknown = null;
  const fail = (cause: unknown) => {
    error ??= cause;
  };
  try {
    setup.register();
    populate(town, table, focus, fail);
    if (!focus.isNarrow && random.chance(0.05)) poison(town, table);
    const look = () => notes.violations.push(...checkWatched(town, table));
    for (let hour = 1; hour <= (active_ms + HOUR_MS) / HOUR_MS; hour += 1) {
      await clock.run(started_at + hour * HOUR_MS);
      look();
    }
    faults.stop();
    tell('faults stop');
    await clock.run(started_at + DAY_MS);
    look();
    notes.violations.push(...checkDeadlines(town, table));
    await comeToRest(town, table, started_at, focus, fail);
    publishAgain(town, table, bus, published);
    await clock.run(clock.now() + 2 * DAY_MS);
  } catch (cause) {
    fail(cause);
  }
  return {
    town,
    table,
    bus,
    published,
    replies,
    lines,
    story,
    marks,
    started_at,
    sweeps: sweeper.runs(),
    error,
  };
}

function populate(town: Town, table: MemoryTable, focus: Focus, fail: (cause: unknown) => void): void {
  const { random, notes, wechat, clock, marks } = town;
  const begin = (work: Promise<void>) => void work.catch(fail);
  const [merchant] = wechatOf.stage;
  const orders = focus.shopOrders ?? random.between(1, 3);
  for (let index = 0; index < orders; index += 1) {
    const kind = random.pick(['mall', 'meal'] as const);
    const id = random.between(1, 900) * 10 + index;
    const plan: ShopOrderPlan = {
      kind,
      id,
      order_no: `${town.prefix}${kind}-${id}`,
      shipments: [],
      stored: null,
      sent: null,
    };
    notes.shopOrders.push(plan);
    if (!focus.isNarrow && random.chance(town.likely.has('old_numbers') ? 0.7 : 0.08)) {
      const isOld = random.chance(0.6);
      marks.take(isOld ? 'number_used_years_ago' : 'number_of_another_program');
      const at = isOld ? Date.UTC(2020, 4, 1) : clock.now() - 30_000;
      wechat.tookBefore({
        mchid: merchant.mchid,
        number: plan.order_no,
        total: isOld ? random.pick([1990, 5_000, 100]) : 77_777_777,
        at,
        origin: isOld ? 'years_ago' : 'another_program',
      });
    }
    begin(runShop(town, plan));
    begin(runPayer(town, plan));
    if (random.chance(0.3)) begin(runPayer(town, plan));
    if (random.chance(town.likely.has('races') ? 1 : 0.2)) begin(runRace(town, plan));
    for (let closers = town.likely.has('closings') ? 2 : 1; closers > 0; closers -= 1)
      begin(runCloser(town, plan));
    if (!focus.isNarrow) begin(runShipper(town, plan));
  }
  for (let index = focus.tenants ?? random.between(0, 3); index > 0; index -= 1)
    begin(later(town, () => runTenant(town), focus.isNarrow ? 60_000 : 5_400_000));
  if (focus.isNarrow) return;
  begin(runOperator(town));
  begin(runHurried(town, table));
  begin(runConsole(town));
  begin(runRelay(town));
  begin(runStranger(town));
  if (random.chance(0.3)) begin(runReplayer(town));
  begin(runWhims(town));
  if (town.likely.has('crossing') || random.chance(0.3)) begin(runCrosser(town));
}

/** An item that owes an announcement and that nobody can read. */
function poison({ notes, marks, clock, random }: Town, table: MemoryTable): void {
  notes.poison = { pk: 'ORDER#mall-9000000000001', sk: 'EXCEPTION#of#no#kind' };
  marks.take('poison_record');
  const work_due = new Date(clock.now() + random.between(60_000, 3_600_000)).toISOString();
  table.execute(
    new PutCommand({
      TableName: TABLE_NAME,
      Item: { ...notes.poison, work: 'notify#1', work_due, amount: 'a lot' },
    }),
  );
}

/** What is left to pay is paid, and everything is looked at by people. */
async function comeToRest(
  town: Town,
  table: MemoryTable,
  started_at: number,
  { isNarrow = false }: Focus,
  fail: (cause: unknown) => void,
): Promise<void> {
  const { clock, random } = town;
  // Mostly soon, and sometimes when every payment that was begun is over.
  const isLong = !isNarrow && random.chance(0.2);
  await clock.run(started_at + (isLong ? 8 : 1.2) * DAY_MS);
  // What waits for people can be paid again once they have seen to it, or is over.
  if (!isNarrow) void resolveWaiting(town, table).catch(fail);
  await clock.run(clock.now() + HOUR_MS / 6);
  payWhatIsLeft(town, table, fail);
  if (!isNarrow) void checkOutInTheEnd(town).catch(fail);
  await clock.run(started_at + (isLong ? LONGEST_MS : 4 * DAY_MS));
  if (isNarrow) return;
  void audit(town, table, started_at).catch(fail);
  await clock.run(clock.now() + HOUR_MS / 6);
  void resolveAll(town, table).catch(fail);
  await clock.run(clock.now() + HOUR_MS / 6);
}

/** What the stream gave up is published again by hand, from what is stored: `npm run webhooks -- publish`. */
function publishAgain(
  { clock, marks, notes }: Town,
  table: MemoryTable,
  bus: Bus,
  { givenUp }: Stream,
): void {
  if (givenUp.length === 0) return;
  marks.take('published_again');
  const items = table.items().filter(({ pk }) => pk !== notes.poison?.pk) as (StoredItem & ItemKey)[];
  const period = { from: new Date(0).toISOString(), to: new Date(clock.now()).toISOString() };
  for (const collection of Map.groupBy(items, ({ pk }) => pk).values())
    for (const event of storedEvents(collection, period)) bus.deliver(event);
}

async function later({ clock, random }: Town, act: () => Promise<void>, longest_ms: number): Promise<void> {
  await clock.sleep(random.between(0, longest_ms));
  await act();
}

/** When all is quiet, a payer who wants to pay must be able to: what he cannot pay must be over, or wait for a person. */
function payWhatIsLeft(town: Town, table: MemoryTable, fail: (cause: unknown) => void): void {
  const { notes } = town;
  for (const plan of notes.shopOrders) {
    const order = table.get(`ORDER#${plan.order_no}`, 'ORDER');
    if (!order || !isPending(table, plan.order_no)) continue;
    const payer = {
      ...plan,
      stored: { ...(plan.stored ?? plan.sent), user_id: String(order['user_id']) } as ShopOrderPlan['stored'],
    };
    void payInTheEnd(town, table, payer).catch(fail);
  }
}

/** A payer who is told to come back later does so. */
async function payInTheEnd(town: Town, table: MemoryTable, plan: ShopOrderPlan): Promise<void> {
  const { clock, notes, wechat, marks } = town;
  let refusal: string | null = null;
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const reply = await requestPayment(town, plan);
    if (reply?.status === 200 && reply.body.includes('"paid":true')) return;
    const prepay_id = prepayOf(reply);
    const trade = prepay_id === null ? undefined : wechat.tradeOf(prepay_id);
    refusal =
      prepay_id !== null && trade ? wechat.pay(prepay_id, trade.openid) : `${reply?.status} ${reply?.body}`;
    if (refusal === null) return marks.take('left_over_paid');
    // A number that is taken is found out by asking, and the next one is free.
    await clock.sleep(3 * HOUR_MS);
    if (!isPending(table, plan.order_no)) return;
  }
  if (hasOpenException(table, plan.order_no)) return marks.take('left_over_waits');
  notes.violations.push(`${plan.order_no} cannot be paid: ${refusal}`);
}

/** Whoever is offered a provider can have it paid with, and nobody else. */
async function checkOutInTheEnd(town: Town): Promise<void> {
  for (const tenant_id of [1, OWN_TENANT, STAGE_TENANT]) {
    for (const provider of providerNames) {
      const reply = await callUntilDecided(
        town,
        { sub: 'in-the-end', role: 'admin', tenant_id },
        { method: 'POST', path: '/api/pay/checkout', body: { tenant_id, provider, amount: 12.34 } },
      );
      const isOffered = town.setup.current(town.setup.payeeOf(tenant_id), provider) !== null;
      if (reply?.status !== (isOffered ? 201 : 400))
        town.notes.violations.push(
          `tenant ${tenant_id} checks out with ${provider}: ${reply?.status} ${reply?.body}`,
        );
    }
  }
}

const isPending = (table: MemoryTable, order_no: string) =>
  ['pending', 'failed'].includes(String(table.get(`ORDER#${order_no}`, 'ORDER')?.['status']));

const hasOpenException = (table: MemoryTable, order_no: string) =>
  table
    .items()
    .some(
      (item) =>
        item['pk'] === `ORDER#${order_no}` &&
        String(item['sk']).startsWith('EXCEPTION#') &&
        item['state'] === 'open',
    );

function clockText(elapsed_ms: number): string {
  const seconds = elapsed_ms / 1_000;
  const days = Math.floor(seconds / 86_400);
  const time = new Date(elapsed_ms % DAY_MS).toISOString().slice(11, 23);
  return `${days > 0 ? `${days}d ` : ''}${time}`;
}

import { isDeepStrictEqual } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import { forEachConcurrently } from '../../lib/concurrency.ts';
import type { Provider } from '../../lib/orders/kinds.ts';
import type { Payment } from '../../lib/orders/payment.ts';
import { deleteTenant, putTenant } from '../../lib/store/tenant-store.ts';
import { createAlipayParty } from '../support/alipay.ts';
import { type Form, forms, type PartyOf, REFUNDED } from '../support/merchant-messages.ts';
import { paidPayment, refundOf, tenantOrder } from '../support/orders.ts';
import { beginPayment } from '../support/parties.ts';
import {
  createStageWorld,
  type StageFunctions,
  type StageMessage,
  type StageReply,
  type StageWorld,
  startFunctions,
} from '../support/stage-functions.ts';
import { type Item, useStore } from '../support/store.ts';
import { createStripeParty } from '../support/stripe.ts';
import { createWechatParty, createWechatPlatform } from '../support/wechat.ts';

/**
 * A stage and two tenants with merchants of their own at once, and every message of every merchant at every address, for
 * a payment of everybody: a payment is settled by its own merchant's message at its own merchant's address alone.
 */

/** Whose a merchant is. `next` takes the place of the seventh tenant's. */
type Who = 'stage' | 'seven' | 'eight' | 'next';

const platform = createWechatPlatform();
const wechatOf = (mchid: string) => createWechatParty({ mchid, platform });

const parties: { readonly [P in Provider]: Partial<Readonly<Record<Who, PartyOf[P]>>> } = {
  wechat: {
    stage: wechatOf('1900000001'),
    seven: wechatOf('1900000007'),
    eight: wechatOf('1900000008'),
    next: wechatOf('1900000077'),
  },
  alipay: {
    stage: createAlipayParty({ app_id: '2021000000000001', seller_id: '2088000000000001' }),
    seven: createAlipayParty({ app_id: '2021000000000007', seller_id: '2088000000000007' }),
    next: createAlipayParty({ app_id: '2021000000000077', seller_id: '2088000000000077' }),
  },
  stripe: {
    stage: createStripeParty({ account: 'acct_1StageAccount' }),
    eight: createStripeParty({ account: 'acct_1EightAccount' }),
    next: createStripeParty({ account: 'acct_1NextAccount' }),
  },
};

function party<P extends Provider>(provider: P, who: Who): PartyOf[P] {
  const found = parties[provider][who];
  if (!found) throw new Error(`${who} has no merchant at ${provider}`);
  return found;
}

function merchantName(provider: Provider, who: Who): string {
  if (provider === 'wechat') return party('wechat', who).document.mchid;
  if (provider === 'stripe') return `${party('stripe', who).document.account}.test`;
  const { app_id, seller_id } = party('alipay', who).document;
  return `${app_id}.${seller_id}`;
}

const documentOf = (provider: Provider, who: Who, more: object = {}) => ({
  ...party(provider, who).document,
  ...more,
});

/** Whose messages are taken at each address: by the tenant's number, or, with null, at the stage's. */
type Reached = (provider: Provider, tenant_id: number | null) => readonly Who[];

/** Who sends, and whose payment each number is; of the unregistered tenant's and the ninth's it is the stage's. */
interface Phase {
  readonly name: string;
  readonly reached: Reached;
  readonly senders: { readonly [P in Provider]: readonly Who[] };
}

const UNREGISTERED = 10;
const tenants = [7, 8, 9, UNREGISTERED] as const;

/** Whose payment a number is; null where there is no such order. */
const numbers = ['stage', 'seven', 'eight', 'next', 'ninth', 'unregistered', null] as const;
type NumberOf = (typeof numbers)[number];

const ownerOf = (number: NumberOf): Who | null =>
  number === 'ninth' || number === 'unregistered' ? 'stage' : number;

const tenantOf: Readonly<Record<Exclude<NumberOf, null>, number>> = {
  stage: 12,
  seven: 7,
  eight: 8,
  next: 7,
  ninth: 9,
  unregistered: UNREGISTERED,
};

const pathsOf = (provider: Provider) => [
  { path: `/api/pay/callback/${provider}`, tenant_id: null },
  ...(provider === 'wechat' ? [{ path: '/v2/payments/notify', tenant_id: null }] : []),
  ...tenants.map((tenant_id) => ({ path: `/api/pay/callback/${provider}/${tenant_id}`, tenant_id })),
];

/** What a delivery comes to. */
type Outcome =
  /** It is the message of the payment's merchant where that is reached. */
  | 'taken'
  /** Genuine, and of a payment that is another merchant's: an open exception, and nothing else. */
  | 'exception'
  /** Genuine, and of no payment. */
  | 'no such payment'
  /** By no key of whoever is paid there. */
  | 'refused'
  /** Nobody is paid there. */
  | 'nobody there';

interface Cell {
  readonly provider: Provider;
  readonly form: Form;
  readonly signer: Who;
  readonly named: Who;
  readonly path: string;
  readonly tenant_id: number | null;
  readonly number: NumberOf;
}

function cellsOf(
  { senders }: Pick<Phase, 'senders'>,
  isTried: (form: Form) => boolean,
  nameOthers = false,
): readonly Cell[] {
  return (['wechat', 'alipay', 'stripe'] as const).flatMap((provider) => {
    const merchants = senders[provider];
    const numbersHere = numbers.filter((number) => {
      const owner = ownerOf(number);
      return owner === null || merchants.includes(owner);
    });
    return merchants.flatMap((signer) =>
      merchants
        .filter((named) => (nameOthers ? named !== signer : named === signer))
        .flatMap((named) =>
          (forms[provider] as readonly Form[])
            .filter((form) => isTried(form) && (!nameOthers || form.namesMerchant))
            .flatMap((form) =>
              pathsOf(provider)
                // That address takes WeChat's own messages alone.
                .filter(({ path }) => path !== '/v2/payments/notify' || form.namesMerchant)
                .flatMap((place) =>
                  numbersHere.map((number) => ({ provider, form, signer, named, number, ...place })),
                ),
            ),
        ),
    );
  });
}

/** What must come of it, by whose keys are known where. */
function expectedOf({ reached }: Pick<Phase, 'reached'>, cell: Cell): Outcome {
  const here = reached(cell.provider, cell.tenant_id);
  if (here.length === 0) return 'nobody there';
  if (!here.includes(cell.signer)) return 'refused';
  if (cell.number === null) return 'no such payment';
  return cell.signer === cell.named && cell.signer === ownerOf(cell.number) ? 'taken' : 'exception';
}

const store = useStore();

const FAR = '2099-01-01T00:00:00.000Z';

/** An order whose payment is this merchant's; paid, and with a refund that was asked for, where that is told of. */
function recordsOf({ provider, number, form }: Cell) {
  const owner = ownerOf(number);
  const tenant_id = number === null ? 99 : tenantOf[number];
  const currency = provider === 'stripe' ? 'USD' : 'CNY';
  const order = tenantOrder({ tenant_id, currency, expires_at: FAR });
  const { payment } = beginPayment(order, {
    provider,
    merchant: owner === null ? 'none' : merchantName(provider, owner),
    appid: provider === 'wechat' ? party('wechat', owner ?? 'stage').document.appid : null,
  });
  if (!form.isOfRefund) return { order, payment, refunds: [] };
  const transaction_id = transactionOf(provider, payment);
  const paid = paidPayment(order, { ...payment, transaction_id, reserved: REFUNDED });
  const asked = refundOf(paid, { amount: REFUNDED });
  return {
    order: { ...order, status: 'refunding' as const, paid_by: 1, refunds: 1 },
    payment: paid,
    refunds: [asked],
  };
}

function transactionOf(provider: Provider, { payment_no }: Payment): string {
  if (provider === 'wechat') return `42000000${payment_no}`;
  return provider === 'alipay' ? '2024051322001498491428765432' : `pi_${payment_no}`;
}

interface Delivered {
  readonly cell: Cell;
  readonly reply: StageReply;
  readonly before: readonly Item[];
  readonly after: readonly Item[];
  readonly order_no: string;
  readonly message: StageMessage;
}

/** An order with a payment, as stored. */
interface Arranged {
  readonly order_no: string;
  readonly payment: Payment;
  readonly before: readonly Item[];
}

async function arrange(cell: Cell): Promise<Arranged> {
  const { order, payment, refunds } = recordsOf(cell);
  if (cell.number !== null) {
    await store.put(
      { put: 'order', record: order },
      { put: 'payment', record: payment },
      ...refunds.map((record) => ({ put: 'refund', record }) as const),
    );
  }
  return { order_no: order.order_no, payment, before: await store.items(order.order_no) };
}

async function deliver(
  functions: StageFunctions,
  cell: Cell,
  { order_no, payment, before }: Arranged,
): Promise<Omit<Delivered, 'after'>> {
  const message = cell.form.make(
    party(cell.provider, cell.signer) as never,
    party(cell.provider, cell.named) as never,
    payment,
  );
  return { cell, message, reply: await functions.deliver(cell.path, message), before, order_no };
}

const withoutExceptions = (items: readonly Item[]) =>
  items.filter(({ sk }) => !String(sk).startsWith('EXCEPTION#'));

/** What came of it, by what is stored and how it was replied to. */
function outcomeOf({ reply: { status, body }, before, after }: Delivered): Outcome | string {
  const stored = withoutExceptions(after);
  const exceptions = after.filter(({ sk }) => String(sk).startsWith('EXCEPTION#'));
  const isUnchanged = isDeepStrictEqual(stored, before);
  if (status === 200) return isUnchanged ? 'acknowledged, and nothing came of it' : 'taken';
  if (!isUnchanged) return `changed, and replied to with ${status}`;
  const [exception, ...others] = exceptions;
  if (exception) {
    const isMismatch = exception['kind'] === 'mismatch' && String(exception['fields']).includes('merchant');
    return isMismatch && others.length === 0 ? 'exception' : 'another exception';
  }
  if (body.includes('没有这个收款商户') || (status === 404 && body === 'failure' && before.length > 0))
    return 'nobody there';
  if (status === 404 || body.includes('订单不存在')) return 'no such payment';
  return 'refused';
}

/** Alipay is told no more than that it failed: where nobody is paid, and where no such payment is, alike. */
const isSame = ({ cell, reply }: Delivered, wanted: Outcome, seen: Outcome | string): boolean =>
  wanted === seen ||
  (cell.provider === 'alipay' && reply.status === 404 && [wanted, seen].every((one) => /no/.test(one)));

const CONCURRENT = 24;

/** Messages of which nothing may come share an order, which is looked at once all of them are delivered. */
async function deliverAll(
  functions: StageFunctions,
  cells: readonly Cell[],
  comesToNothing: (cell: Cell) => boolean = () => false,
): Promise<readonly Delivered[]> {
  const shared = new Map<string, Promise<Arranged>>();
  const share = (cell: Cell): Promise<Arranged> => {
    const name = `${cell.provider} ${cell.number} ${cell.form.isOfRefund}`;
    const arranged = shared.get(name) ?? arrange(cell);
    shared.set(name, arranged);
    return arranged;
  };
  const delivered: Delivered[] = [];
  const unseen: Omit<Delivered, 'after'>[] = [];
  await forEachConcurrently(cells, CONCURRENT, async (cell) => {
    if (comesToNothing(cell)) {
      unseen.push(await deliver(functions, cell, await share(cell)));
      return;
    }
    const one = await deliver(functions, cell, await arrange(cell));
    delivered.push({ ...one, after: await store.items(one.order_no) });
  });
  const afterwards = new Map<string, readonly Item[]>();
  for (const arranged of shared.values()) {
    const { order_no } = await arranged;
    afterwards.set(order_no, await store.items(order_no));
  }
  return [...delivered, ...unseen.map((one) => ({ ...one, after: afterwards.get(one.order_no) ?? [] }))];
}

const comesToNothing =
  (phase: Pick<Phase, 'reached'>) =>
  (cell: Cell): boolean =>
    !['taken', 'exception'].includes(expectedOf(phase, cell));

/** How many deliveries came to what, and those that came to something else than they must. */
function sumUp(phase: Pick<Phase, 'reached'>, delivered: readonly Delivered[]) {
  const counts: Record<string, number> = {};
  const wrong: string[] = [];
  for (const one of delivered) {
    const wanted = expectedOf(phase, one.cell);
    const seen = outcomeOf(one);
    counts[wanted] = (counts[wanted] ?? 0) + 1;
    if (isSame(one, wanted, seen)) continue;
    const { provider, form, signer, named, path, number } = one.cell;
    wrong.push(
      `${provider} ${form.name} by ${signer} naming ${named} at ${path} for ${number}: ${seen} (${one.reply.status} ${one.reply.body}), not ${wanted}`,
    );
  }
  return { counts, wrong };
}

const everybody = {
  wechat: ['stage', 'seven', 'eight'],
  alipay: ['stage', 'seven'],
  stripe: ['stage', 'eight'],
} as const;
const withNext = {
  wechat: ['stage', 'seven', 'eight', 'next'],
  alipay: ['stage', 'seven', 'next'],
  stripe: ['stage', 'eight'],
} as const;

const stageDocuments = () => ({
  wechat: documentOf('wechat', 'stage'),
  alipay: documentOf('alipay', 'stage'),
  stripe: documentOf('stripe', 'stage'),
});

const merchantsOf = (provider: Provider, ...whos: Who[]) => whos.map((who) => merchantName(provider, who));

const tenantSeven = (who: 'seven' | 'next', paid_to: 'own' | 'stage' = 'own') => ({
  paid_to,
  wechat: documentOf('wechat', who),
  alipay: documentOf('alipay', who),
});

let world: StageWorld;

/** Stage and tenants as they begin. */
async function begin(): Promise<void> {
  world = createStageWorld({
    ...stageDocuments(),
    'tenants/7': tenantSeven('seven'),
    'tenants/8': {
      paid_to: 'own',
      wechat: documentOf('wechat', 'eight'),
      stripe: documentOf('stripe', 'eight'),
    },
    'tenants/9': { paid_to: 'stage' },
  });
  await registerSeven(['seven']);
  await putTenant(store.context, {
    tenant_id: 8,
    paid_to: 'own',
    merchants: { wechat: merchantsOf('wechat', 'eight'), stripe: merchantsOf('stripe', 'eight') },
  });
  await putTenant(store.context, { tenant_id: 9, paid_to: 'stage', merchants: {} });
}

const registerSeven = (whos: Who[], paid_to: 'own' | 'stage' = 'own') =>
  putTenant(store.context, {
    tenant_id: 7,
    paid_to,
    merchants: { wechat: merchantsOf('wechat', ...whos), alipay: merchantsOf('alipay', ...whos) },
  });

/** Everybody's own, as they begin. */
const reachedAtFirst: Reached = (provider, tenant_id) => {
  if (tenant_id === null) return ['stage'];
  if (tenant_id === 7) return provider === 'stripe' ? [] : ['seven'];
  if (tenant_id === 8) return provider === 'alipay' ? [] : ['eight'];
  return [];
};

const start = () => startFunctions(world, store.context);
const tryAll = async (
  phase: Omit<Phase, 'name'>,
  {
    isTried = () => true,
    nameOthers = false,
  }: { isTried?: (form: Form) => boolean; nameOthers?: boolean } = {},
) => sumUp(phase, await deliverAll(start(), cellsOf(phase, isTried, nameOthers), comesToNothing(phase)));

/** One form of each kind, once all of them have been tried. */
const isEssential = ({ name }: Form): boolean =>
  ['success', 'refund', 'flat SUCCESS', 'flat TRADE_SUCCESS', 'flat succeeded'].includes(name);

beforeEach(begin);

describe('messages of three merchants at WeChat, two at Alipay and two at Stripe, each at every address', () => {
  it('settle at their own address what is their own, and nothing else anywhere, in any form', async () => {
    const { counts, wrong } = await tryAll({ reached: reachedAtFirst, senders: everybody });
    expect(wrong).toEqual([]);
    expect(counts).toEqual({
      taken: 111,
      exception: 146,
      'no such payment': 57,
      refused: 488,
      'nobody there': 708,
    });
  }, 300_000);

  it('settle nothing where one’s keys make them and they name another', async () => {
    const phase = { reached: reachedAtFirst, senders: everybody };
    const { counts, wrong } = await tryAll(phase, { nameOthers: true });
    expect(wrong).toEqual([]);
    expect(counts).toEqual({ exception: 232, 'no such payment': 48, refused: 520, 'nobody there': 480 });
  }, 300_000);

  it('settle nothing where merchants have the same keys, which setup would refuse', async () => {
    const { apiv3_key } = party('wechat', 'stage').document;
    const { alipay_public_key } = party('alipay', 'stage').document;
    const wechat = documentOf('wechat', 'seven', { apiv3_key });
    const alipay = documentOf('alipay', 'seven', { alipay_public_key });
    world.documents.set('tenants/7', { paid_to: 'own', wechat, alipay });
    world.documents.set('tenants/8', {
      paid_to: 'own',
      wechat: documentOf('wechat', 'eight', { apiv3_key }),
      stripe: documentOf('stripe', 'eight'),
    });
    // All of them are signed with the stage's keys, whomever they name.
    const cells = cellsOf({ senders: everybody }, ({ namesMerchant }) => namesMerchant)
      .filter(({ provider }) => provider !== 'stripe')
      .map((cell) => ({ ...cell, signer: 'stage' as const }));
    const delivered = await deliverAll(start(), cells);
    const isTaken = (one: Delivered) => outcomeOf(one) === 'taken';
    const groups = Object.groupBy(delivered, (one) => outcomeOf(one));
    const counts = Object.entries(groups).map(([name, some]) => [name, some?.length]);
    expect(Object.fromEntries(counts)).toEqual({
      taken: 56,
      exception: 308,
      'no such payment': 100,
      'nobody there': 276,
    });
    for (const { cell } of delivered.filter(isTaken)) {
      const [here] = reachedAtFirst(cell.provider, cell.tenant_id);
      expect([cell.named, ownerOf(cell.number)]).toEqual([here, here]);
    }
  }, 300_000);
});

describe('messages at every address, after', () => {
  const seven = { wechat: merchantName('wechat', 'seven'), alipay: merchantName('alipay', 'seven') };
  const keepSeven = () => {
    for (const provider of ['wechat', 'alipay'] as const) {
      const kept = { ...documentOf(provider, 'seven'), tenant_id: 7 };
      world.documents.set(`merchants/${provider}/${seven[provider]}`, kept);
    }
  };
  const atSeven =
    (...whos: Who[]): Reached =>
    (provider, tenant_id) =>
      tenant_id === 7 && provider !== 'stripe' ? whos : reachedAtFirst(provider, tenant_id);

  const changes: readonly {
    readonly name: string;
    readonly change: () => Promise<void>;
    readonly reached: Reached;
    readonly counts: Readonly<Record<string, number>>;
  }[] = [
    {
      name: 'another merchant took a tenant’s place, and the one before is kept',
      change: async () => {
        keepSeven();
        await registerSeven(['next', 'seven']);
        world.documents.set('tenants/7', tenantSeven('next'));
      },
      reached: atSeven('next', 'seven'),
      counts: { taken: 51, exception: 102, 'no such payment': 29, refused: 294, 'nobody there': 420 },
    },
    {
      name: 'another merchant took a tenant’s place, and the one before is not kept any more',
      change: async () => {
        await registerSeven(['next', 'seven']);
        world.documents.set('tenants/7', tenantSeven('next'));
      },
      reached: atSeven('next'),
      counts: { taken: 45, exception: 75, 'no such payment': 23, refused: 333, 'nobody there': 420 },
    },
    {
      name: 'a tenant is paid to the stage from now on, and its document stays',
      change: async () => {
        await registerSeven(['seven'], 'stage');
        world.documents.set('tenants/7', tenantSeven('seven', 'stage'));
      },
      reached: atSeven('seven'),
      counts: { taken: 45, exception: 75, 'no such payment': 23, refused: 333, 'nobody there': 420 },
    },
    {
      name: 'a tenant is paid to the stage from now on, and its merchants are kept',
      change: async () => {
        keepSeven();
        await registerSeven(['seven'], 'stage');
        world.documents.delete('tenants/7');
      },
      reached: atSeven('seven'),
      counts: { taken: 45, exception: 75, 'no such payment': 23, refused: 333, 'nobody there': 420 },
    },
    {
      name: 'a tenant is not registered any more',
      change: () => deleteTenant(store.context, 7),
      reached: atSeven(),
      counts: { taken: 39, exception: 48, 'no such payment': 17, refused: 234, 'nobody there': 558 },
    },
    {
      name: 'the stage dropped its providers',
      change: async () => {
        for (const provider of ['wechat', 'alipay', 'stripe']) world.documents.delete(provider);
      },
      reached: (provider, tenant_id) => (tenant_id === null ? [] : reachedAtFirst(provider, tenant_id)),
      counts: { taken: 12, exception: 51, 'no such payment': 12, refused: 177, 'nobody there': 644 },
    },
    {
      name: 'a tenant dropped a provider',
      change: async () => {
        const { wechat } = tenantSeven('seven');
        world.documents.set('tenants/7', { paid_to: 'own', wechat });
        await putTenant(store.context, {
          tenant_id: 7,
          paid_to: 'own',
          merchants: { wechat: [seven.wechat] },
        });
      },
      reached: (provider, tenant_id) =>
        provider === 'alipay' && tenant_id === 7 ? [] : reachedAtFirst(provider, tenant_id),
      counts: { taken: 42, exception: 63, 'no such payment': 20, refused: 297, 'nobody there': 474 },
    },
  ];

  it.each(changes)(
    '$name',
    async ({ change, reached, counts }) => {
      // What was settled before is sent again to every address afterwards.
      const before = await deliverAll(
        start(),
        cellsOf({ senders: everybody }, isEssential).filter(
          (cell) => expectedOf({ reached: reachedAtFirst }, cell) === 'taken',
        ),
      );
      await change();
      const functions = start();
      const phase = { reached, senders: withNext };
      const cells = cellsOf(phase, isEssential);
      const result = sumUp(phase, await deliverAll(functions, cells, comesToNothing(phase)));
      expect(result.wrong).toEqual([]);
      expect(result.counts).toEqual(counts);
      for (const { cell, message, after, order_no } of before) {
        for (const { path } of pathsOf(cell.provider)) await functions.deliver(path, message);
        expect(withoutExceptions(await store.items(order_no))).toEqual(withoutExceptions(after));
      }
    },
    300_000,
  );
});

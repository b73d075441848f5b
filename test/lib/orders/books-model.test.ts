import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BookedEntry } from '../../../lib/orders/change.ts';
import { type ExceptionRecord, exceptionId } from '../../../lib/orders/exception.ts';
import { providers, type Resolution } from '../../../lib/orders/kinds.ts';
import { ownerAccount, providerAccount, suspenseAccount } from '../../../lib/orders/ledger.ts';
import { previewResolutions } from '../../../lib/orders/preview-resolution.ts';
import { refundAtProvider } from '../../../lib/orders/refund-at-provider.ts';
import { requestRefund } from '../../../lib/orders/request-refund.ts';
import { resolveException } from '../../../lib/orders/resolve-exception.ts';
import { applyEvent } from '../../../lib/orders/settle.ts';
import { paymentOf, shopOrder, tenantOrder } from '../../support/orders.ts';
import {
  type AnswerToRefund,
  createMoney,
  goneAsAsked,
  goneOf,
  heldOf,
  type Message,
  refundAnswers,
  type Transaction,
  taken,
  toldGone,
  toldSum,
  toldWithdrawn,
  untoldBack,
} from './money-model.ts';
import { createWorld } from './world.ts';

const AMOUNT = 1000;
const SECOND_MS = 1000;

/** Which of those there are: more than there ever are come round again. */
const which = fc.nat({ max: 11 });
const amount = fc.constantFrom(100, 200, 300, AMOUNT);

const seldom = fc.nat({ max: 4 }).map((one) => one === 0);

const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ does: fc.constant('pay'), which }) },
  {
    weight: 4,
    arbitrary: fc.record({
      ...{ does: fc.constant('send back'), which, amount },
      ...{ isNumbered: fc.boolean(), isRefused: seldom, isVague: seldom },
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('fail'), which }) },
  {
    weight: 3,
    arbitrary: fc.record({
      ...{ does: fc.constant('ask for refund'), which, amount },
      ...{ isOfTransaction: fc.boolean(), answer: fc.constantFrom(...refundAnswers) },
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('ask about'), which }) },
  {
    weight: 4,
    arbitrary: fc.record({
      ...{ does: fc.constant('dispute'), which },
      wanted: fc.constantFrom('open', 'withdraw', 'reinstate', 'lost', 'won'),
    }),
  },
  { weight: 9, arbitrary: fc.record({ does: fc.constant('tell'), which, isLast: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      ...{ does: fc.constant('resolve'), which },
      resolution: fc.constantFrom('attributed', 'attributed', 'returned', 'written_off', 'dismissed'),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const scenario = fc.record({
  // Of Stripe there are disputes, and refunds that fail.
  provider: fc.constantFrom(...providers, 'stripe', 'stripe'),
  isClosed: seldom,
  isSuperseded: fc.boolean(),
  steps: fc.array(step, { minLength: 2, maxLength: 24, size: 'max' }),
  order: fc.array(which, { minLength: 3, maxLength: 7, size: 'max' }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

const at = <T>(some: readonly T[], index: number): T | undefined => some[index % some.length];

/** All of them, as these numbers say. */
const shuffled = <T>(some: readonly T[], order: readonly number[]): T[] =>
  some
    .map((one, index) => ({ one, turn: at(order, index) ?? 0 }))
    .toSorted((first, second) => first.turn - second.turn)
    .map(({ one }) => one);

/** An order at the amount of all its payments: begun once, or a second time. */
function beginning({ provider, isClosed, isSuperseded }: Scenario) {
  const payment = isSuperseded ? 2 : 1;
  const status = isClosed ? 'closed' : 'pending';
  const changes = { amount: AMOUNT, status, payment, payments: payment } as const;
  const order = provider === 'stripe' ? tenantOrder(changes) : shopOrder(changes);
  const first = paymentOf(order, { n: 1, provider, superseded: isSuperseded, appid: null });
  const second = paymentOf(order, { n: 2, provider, appid: null });
  return { order, payments: isSuperseded ? [first, second] : [first] };
}

/** One order, its provider, and the people who see to what did not fit. */
function createGame(scenario: Scenario) {
  const { order, payments } = beginning(scenario);
  const { provider } = scenario;
  const world = createWorld({ order, payments });
  const { ports, store, merchants, clock } = world;
  const outbox: Message[] = [];
  const said: Message[] = [];
  const money = createMoney((message) => {
    outbox.push(message);
    said.push(message);
  });
  let answer: AnswerToRefund = 'done';
  for (const [index, merchant] of merchants.configured.entries()) {
    const gateway = {
      ...merchant.gateway,
      refund: async (request: Parameters<typeof merchant.gateway.refund>[0]) => money.refund(request, answer),
      queryRefund: async () => ({ state: 'absent' }) as const,
    };
    merchants.configured[index] = { ...merchant, gateway };
  }

  const stored = () => store.stored(order);

  /** Nothing is new the second time. */
  const tell = async (message: Message): Promise<boolean> => {
    clock.now += SECOND_MS;
    const { outcome } = await applyEvent(ports, message.event);
    const after = [stored(), store.entries(order)];
    await applyEvent(ports, message.event);
    expect([stored(), store.entries(order)]).toEqual(after);
    // What cannot be yet is sent again, too: a refund that has come again may not be told of.
    const isTaken = outcome !== 'not_settled' && outcome !== 'mismatch';
    if (isTaken) taken(message);
    return isTaken;
  };

  /** What is not taken yet is sent again. */
  const tellFrom = async (message: Message | undefined, isLast: boolean): Promise<void> => {
    if (message && (await tell(message)) && isLast) outbox.splice(outbox.indexOf(message), 1);
  };

  const askForRefund = async (wanted: number, transaction_id: string | null): Promise<void> => {
    const request = { order_no: order.order_no, amountOf: () => wanted, amountText: String(wanted) };
    const caller = { operation: 'refund', subject: 'admin-1', key: `key-${clock.now}` } as const;
    await requestRefund(ports, { ...request, reason: '退款', transaction_id }, caller);
  };

  const resolve = async (exception: ExceptionRecord, resolution: Resolution): Promise<boolean> => {
    clock.now += SECOND_MS;
    const foretold = previewResolutions(exception, stored(), clock.now).find(
      (preview) => preview.resolution === resolution,
    );
    const end = { resolution, reason: '核对过', by: 'admin-1' };
    const result = await resolveException(ports, {
      order_no: order.order_no,
      id: exceptionId(exception),
      ...end,
    });
    if (result.outcome !== 'resolved') {
      expect(foretold?.refused ?? { outcome: 'not_allowed' }).toMatchObject({ outcome: result.outcome });
      return false;
    }
    const { entries } = result.exception.resolved;
    expect(foretold).toMatchObject({ refused: null, entries, status: result.status });
    expect(foretold?.refund?.amount).toBe(result.refund?.amount);
    return true;
  };

  return {
    ...{
      order,
      provider,
      payments,
      world,
      money,
      outbox,
      said,
      stored,
      tell,
      tellFrom,
      resolve,
      askForRefund,
    },
    entries: () => store.entries(order),
    answers: (wanted: AnswerToRefund): void => {
      answer = wanted;
    },
  };
}

type Game = ReturnType<typeof createGame>;

/** Whether it is about the transaction: what names none is of a refund of ours, or of the payment's own. */
const isAbout =
  ({ stored }: Game, { id, payment }: Transaction) =>
  ({ payment_no, transaction_id, refund_no }: ExceptionRecord): boolean => {
    const { refunds, payments } = stored();
    const own = payments.find(({ n }) => n === payment.n)?.transaction_id;
    const refund = refunds.find((known) => known.refund_no === refund_no);
    return payment_no === payment.payment_no && id === (transaction_id ?? refund?.suspense ?? own);
  };

const isOpen = ({ state }: ExceptionRecord): boolean => state === 'open';

type Booked = Pick<BookedEntry, 'debit' | 'credit' | 'amount' | 'reference'> & {
  readonly kind: BookedEntry['kind'] | 'taken';
};

/** What is booked before a payment's transaction is named is of the payment's own. */
function bookingsOf({ stored, entries }: Game, { id, payment: { n } }: Transaction): readonly Booked[] {
  const { payments, suspense } = stored();
  const holdings = [...payments, ...suspense].filter(({ transaction_id }) => transaction_id === id);
  const isOwn = holdings.some((holding) => 'state' in holding);
  return [
    ...holdings.flatMap(({ booking, amount }) =>
      booking ? [{ ...booking, kind: 'taken', reference: id, amount } as const] : [],
    ),
    ...entries().filter(
      ({ transaction_id, reference }) =>
        transaction_id === id || (isOwn && transaction_id === null && reference.startsWith(`${n}#`)),
    ),
  ];
}

/** What an account has got of a transaction's money; of an account of the provider, less than nothing. */
const balanceOf = (bookings: readonly Booked[], account: string): number =>
  bookings.reduce(
    (sum, { debit, credit, amount }) =>
      sum + (credit === account ? amount : 0) - (debit === account ? amount : 0),
    0,
  );

const isOfDispute = ({ kind, reference }: Booked): boolean =>
  kind === 'dispute' || (kind === 'attribution' && reference.startsWith('disputed#'));

function balancesOf(game: Game, transaction: Transaction) {
  const bookings = bookingsOf(game, transaction);
  const accounts = {
    provider: providerAccount(transaction.payment),
    owner: ownerAccount(game.order),
    suspense: suspenseAccount(transaction.payment),
  };
  const refunds = bookings.filter(({ kind }) => kind === 'refund');
  const [ofDispute, others] = [bookings.filter(isOfDispute), bookings.filter((one) => !isOfDispute(one))];
  return {
    provider: 0 - balanceOf(bookings, accounts.provider),
    owner: balanceOf(bookings, accounts.owner),
    /** By our own refunds. */
    refunded: balanceOf(refunds, accounts.provider),
    suspense: {
      disputed: balanceOf(ofDispute, accounts.suspense),
      others: balanceOf(others, accounts.suspense),
    },
    refundedOfSuspense: 0 - balanceOf(refunds, accounts.suspense),
  };
}

type Part = 'disputed' | 'others';

const partOf = ({ kind }: ExceptionRecord): Part => (kind === 'disputed' ? kind : 'others');

/** What people left in suspense by what they said last, before what goes back at their own word. */
type Left = Map<string, number>;

/** What of it goes back at our own word, and is not decided here. */
const onItsWay = ({ stored }: Game, { id, payment: { n } }: Transaction): number => {
  const { refunds, payments } = stored();
  const own = payments.find((payment) => payment.n === n)?.transaction_id;
  return refunds
    .filter(({ status, payment, suspense }) => status === 'open' && payment === n && (suspense ?? own) === id)
    .reduce((sum, { amount }) => sum + amount, 0);
};

/** Whether people were told of what is in suspense, and have not ended that, or left just so much. */
function isKnown(game: Game, left: Left, transaction: Transaction, part: Part): boolean {
  const { suspense, refundedOfSuspense } = balancesOf(game, transaction);
  if (suspense[part] === 0) return true;
  const told = game.stored().exceptions.filter(isAbout(game, transaction)).filter(isOpen);
  if (told.some((one) => partOf(one) === part)) return true;
  if (part === 'others' && onItsWay(game, transaction) > 0) return true;
  const remains = suspense[part] + (part === 'others' ? refundedOfSuspense : 0);
  return left.get(`${transaction.id} ${part}`) === remains;
}

function checkStep(game: Game, left: Left): void {
  game.money.heard(game.stored().refunds);
  const { payments, suspense } = game.stored();
  for (const holding of [...payments, ...suspense]) {
    expect(holding.refunded + holding.returned).toBeLessThanOrEqual(holding.amount);
  }
  for (const transaction of game.money.transactions) {
    const { id } = transaction;
    const { provider, owner, suspense, refunded } = balancesOf(game, transaction);
    if (!transaction.isTold) {
      expect([provider, owner, suspense]).toEqual([0, 0, { disputed: 0, others: 0 }]);
      continue;
    }
    const gone = AMOUNT - provider - toldWithdrawn(transaction);
    const { least, most } = toldGone(transaction);
    const isTold = gone >= least && gone <= most;
    expect([gone, isTold], `${id}: from ${least} to ${most} went back`).toEqual([gone, true]);
    const known = gone + onItsWay(game, transaction);
    expect([known, known >= toldSum(transaction)], `${id}: the sum that was said is known`).toEqual([
      known,
      true,
    ]);
    // What came back of what it bore waits for its message and for people, and it may bear something else first.
    const waiting = Math.max(0, suspense.disputed) + Math.max(0, suspense.others) + untoldBack(transaction);
    const isWithin = owner + waiting >= 0 && owner <= AMOUNT - refunded;
    expect([owner, isWithin], `${id}: its owner has what it was given`).toEqual([owner, true]);
    for (const part of ['disputed', 'others'] as const) {
      const seen = [suspense, isKnown(game, left, transaction, part)];
      expect(seen, `${id}: people know of what is in suspense, ${part}`).toEqual([suspense, true]);
    }
  }
}

/** A person's word leaves suspense as it then is. */
async function resolveOne(
  game: Game,
  left: Left,
  exception: ExceptionRecord | undefined,
  resolution: Resolution,
): Promise<void> {
  if (!exception || !(await game.resolve(exception, resolution))) return;
  const isBooked = resolution === 'attributed' || resolution === 'returned';
  for (const transaction of game.money.transactions.filter((one) => isAbout(game, one)(exception))) {
    const part = partOf(exception);
    const key = `${transaction.id} ${part}`;
    // What is booked by it leaves what others left, and nothing by itself.
    if (isBooked && !left.has(key)) continue;
    const { suspense, refundedOfSuspense } = balancesOf(game, transaction);
    const remains = suspense[part] + (part === 'others' ? refundedOfSuspense : 0);
    left.set(key, remains);
  }
}

async function take(game: Game, left: Left, step: Step): Promise<void> {
  const { money, payments } = game;
  const payment = at(payments, step.which);
  const transaction = at(money.transactions, step.which);
  if (step.does === 'tell') return game.tellFrom(at(game.outbox, step.which), step.isLast);
  if (step.does === 'resolve') {
    const exception = at(game.stored().exceptions.filter(isOpen), step.which);
    return resolveOne(game, left, exception, step.resolution);
  }
  if (step.does === 'pay' && payment && money.transactions.length < 4) money.pay(payment);
  if (!transaction) return;
  if (step.does === 'send back') money.sendBackUnasked(transaction, step.amount, step);
  if (step.does === 'fail') money.fail(transaction);
  if (step.does === 'ask about') money.answerOf(transaction);
  if (step.does === 'dispute' && game.provider === 'stripe') money.dispute(transaction, step.wanted);
  if (step.does !== 'ask for refund') return;
  game.answers(step.answer);
  await game.askForRefund(step.amount, step.isOfTransaction ? transaction.id : null);
}

/** A sum may have been said while a refund that its provider refused later seemed to explain it: the bill says it again. */
function sayUnexplained({ stored, money, provider }: Game): void {
  const isRefused = stored().refunds.some(({ status }) => status === 'failed');
  if (provider === 'alipay' && isRefused) money.transactions.forEach(money.answerOf);
}

/** Whatever was said arrives, and the sweep asks about refunds that are open until they are not. */
async function settleAll(game: Game, order: readonly number[], check: () => void): Promise<void> {
  game.answers('done');
  for (let round = 0; round < 6; round++) {
    for (const refund of game.stored().refunds.filter(({ status }) => status === 'open')) {
      const event = await refundAtProvider(game.world.ports, refund, { isRepeat: true });
      if (event) await game.world.ports.settleRefund(event);
      check();
    }
    if (round === 1) sayUnexplained(game);
    for (const message of shuffled(game.outbox, order)) {
      await game.tellFrom(message, true);
      check();
    }
  }
  expect(game.outbox.map(({ event }) => event)).toEqual([]);
}

/** Everything is said once more, and nothing of the books changes. */
async function repeatAll(game: Game, order: readonly number[]): Promise<void> {
  const before = game.entries();
  for (const message of shuffled(game.said, order)) await game.tell(message);
  expect(game.entries()).toEqual(before);
}

const sumAmounts = (sum: number, { amount }: Pick<ExceptionRecord, 'amount'>): number => sum + (amount ?? 0);

/** What went back unasked, by what people were told; what they ended before it was booked may be told of otherwise. */
function toldBack(game: Game, transaction: Transaction): number {
  const { refunds, exceptions } = game.stored();
  const isOfOurs = ({ refund_no, kind }: ExceptionRecord) =>
    kind === 'refund_failed'
      ? refunds.some((refund) => refund.refund_no === refund_no)
      : transaction.refunds.some((refund) => refund.isOurs && refund.refund_no === refund_no);
  const referenceOf = ({ kind, refund_no }: ExceptionRecord) =>
    `${transaction.payment.n}#${refund_no}${kind === 'refund_failed' ? '#back' : ''}`;
  const isBooked = (one: ExceptionRecord) =>
    one.resolved?.resolution !== 'named' &&
    bookingsOf(game, transaction).some(({ reference }) => reference === referenceOf(one));
  const told = exceptions
    .filter(isAbout(game, transaction))
    .filter((one) => !isOfOurs(one) && (isOpen(one) || isBooked(one)));
  const sumOf = (kind: ExceptionRecord['kind']) =>
    told.filter((one) => one.kind === kind).reduce(sumAmounts, 0);
  return sumOf('unknown_refund') - sumOf('refund_failed');
}

function checkTold(game: Game): void {
  for (const transaction of game.money.transactions) {
    const { id } = transaction;
    const { provider, refunded } = balancesOf(game, transaction);
    const asked = goneAsAsked(transaction);
    expect(provider, `${id}: it is held at the provider`).toBe(heldOf(transaction));
    expect(refunded, `${id}: it went back as we asked`).toBe(asked);
    expect(toldBack(game, transaction), `${id}: it went back unasked`).toBe(goneOf(transaction) - asked);
  }
}

/** What people did not leave is its owner's, unless they have to close the order first, or wait for a bank. */
function checkAttributed(game: Game, left: Left): void {
  for (const transaction of game.money.transactions) {
    const { id, dispute } = transaction;
    const { suspense, owner } = balancesOf(game, transaction);
    const isOwned = bookingsOf(game, transaction).some(({ credit }) => credit === ownerAccount(game.order));
    if (!isOwned) {
      expect(owner, `${id}: it is nobody's`).toBe(0);
      continue;
    }
    const isUndecided = dispute?.state === 'open' || left.has(`${id} disputed`);
    expect([suspense, suspense.disputed === 0 || isUndecided], `${id}: its owner bears the dispute`).toEqual([
      suspense,
      true,
    ]);
    const isSettled = suspense.others === 0 || left.has(`${id} others`);
    expect([suspense, isSettled], `${id}: its owner has it`).toEqual([suspense, true]);
  }
}

/** What can be its owner's is. */
async function attributeAll(game: Game, left: Left, order: readonly number[]): Promise<void> {
  for (let round = 0; round < 3; round++) {
    for (const exception of shuffled(game.stored().exceptions.filter(isOpen), order)) {
      await resolveOne(game, left, exception, 'attributed');
      checkStep(game, left);
    }
  }
}

/** Banks give back what they took, after people have said who bears it. */
function giveBackAll({ money }: Game): void {
  for (const transaction of money.transactions.filter(({ dispute }) => dispute !== null)) {
    money.dispute(transaction, 'reinstate');
  }
}

describe('the books of an order', () => {
  it('agree with what its provider holds, and say whose it is or that people know, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (played) => {
        const game = createGame(played);
        const left: Left = new Map();
        const check = () => checkStep(game, left);
        const [payment] = game.payments;
        if (payment) game.money.pay(payment);
        for (const one of played.steps) {
          await take(game, left, one);
          check();
        }
        await settleAll(game, played.order, check);
        checkTold(game);
        await repeatAll(game, played.order);
        checkTold(game);
        await attributeAll(game, left, played.order);
        checkAttributed(game, left);
        giveBackAll(game);
        await settleAll(game, played.order, check);
        await attributeAll(game, left, played.order);
        checkAttributed(game, left);
      }),
      { numRuns: 150 },
    );
  });
});

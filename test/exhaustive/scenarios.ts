import { checksOut, closes, handsOver, looks, ORDER, pays, refunds, ships } from './programs.ts';
import { type Habits, nothingHeld, type ProviderState } from './provider.ts';
import { nothing, type Scenario } from './scenario.ts';
import { START } from './state.ts';

/** The worlds that are searched. Together they hold what one order can meet; everything at once would be too much. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

const at = (offset: number) => new Date(START + offset).toISOString();

const wechat: Habits = {
  holdsFrom: 'asked',
  keepsPage: true,
  tells: ['named'],
  tellsAmount: true,
  failsForGood: false,
  closesOnce: false,
  tellsClosed: false,
  tellsReturns: ['named'],
  answersReturned: 'nothing',
  copies: 1,
};
const alipay: Habits = {
  ...wechat,
  holdsFrom: 'opened',
  keepsPage: false,
  tellsClosed: true,
  closesOnce: true,
};
const stripe: Habits = { ...wechat, keepsPage: false, tellsClosed: true, failsForGood: true };

const DEADLINE = 30 * MINUTE;
const untilDeadline = { expires_at: at(DEADLINE) };
const created = handsOver('created');
const createdUntil = handsOver('created until 30', untilDeadline);
const pay = pays('pay');
const payShortly = pays('pay', { longest_ms: 10 * MINUTE });
const payStripe = pays('pay', { failedCanBePaid: false });
const change = handsOver('change', { amount: 250 });

const prolong = handsOver('prolong', { expires_at: at(3 * DEADLINE) });
const changeLater = handsOver('change', { amount: 250, expires_at: at(3 * DEADLINE) });
const close = closes('close');
const refundAll = refunds('refund all');
const refundSome = refunds('refund some', { amount: 60 });
const refundRest = refunds('refund the same', { amount: 60, key: 'another key' });

const send = ships('send', 'tea');
const correct = ships('correct', 'two teas');

const CHECKED = 61 * SECOND;

/** Who has our number for a payment of their own. */
const another: ProviderState = {
  ...nothingHeld,
  mail: [
    {
      event: {
        type: 'succeeded',
        payment_no: ORDER,
        provider: 'wechat',
        merchant: '1900000002',
        amount: 100,
        currency: 'CNY',
        transaction_id: 'theirs',
        paid_at: at(0),
      },
      copies: 2,
    },
  ],
};

/** A payment under our number that was made before our order was. */
const spent: ProviderState = {
  ...nothingHeld,
  held: {
    [ORDER]: {
      state: 'paid',
      amount: 100,
      expires_at: at(-2 * DAY),
      transactions: [{ id: 'old', paid_at: at(-2 * DAY), isForeign: true, isAfterClose: false }],
    },
  },
};

const usual = { payments: 2, clock: [], payer: pays('a payer at last'), atOnce: 1, habits: wechat };

/** The same with fewer things that may happen: what a run of the tests has time for. */
export const lesser = (scenario: Scenario): Scenario => ({
  ...scenario,
  ...scenario.lesser,
  may: { ...scenario.may, ...scenario.lesser?.may },
});

export const scenarios: readonly Scenario[] = [
  {
    ...usual,
    name: 'pay, change',
    title: 'a change while the payment is being begun, and a death',
    before: [created],
    actors: [[pay], [change]],
    atOnce: 2,
    may: { ...nothing, crashes: 1, timeouts: 1, transactions: 1 },
  },
  {
    ...usual,
    name: 'pay, change, pay',
    title:
      'a change while the payment is being begun, and a second pay, with everything that can go wrong once',
    before: [created],
    actors: [[pay, pay], [change]],
    atOnce: 2,
    may: { ...nothing, crashes: 1, timeouts: 1, rewrites: 1, transactions: 2 },
    lesser: { may: { rewrites: 0 } },
  },
  {
    ...usual,
    name: 'change, pay',
    title:
      'a change and a pay under what was handed out, with a death between closing and writing, and a write made twice',
    before: [created, pay, CHECKED],
    actors: [[change], [pay]],
    may: { ...nothing, crashes: 1, rewrites: 1, transactions: 2, sweeps: 1 },
  },
  {
    ...usual,
    name: 'pay, close',
    title: 'a close on request while the payment is being begun, and a death',
    before: [created],
    actors: [[pay, pay], [close]],
    atOnce: 2,
    may: { ...nothing, crashes: 1, timeouts: 1, transactions: 1 },
  },
  {
    ...usual,
    name: 'two pay, one closes',
    title: 'a close on request while two payers begin',
    before: [created],
    actors: [[pay], [pay], [close]],
    may: { ...nothing, transactions: 1 },
    lesser: { may: { transactions: 0 }, payments: 1 },
  },
  {
    ...usual,
    name: 'change, pay, close',
    title: 'a change, a pay and a close of what was handed out, while the payer may be about to pay',
    before: [created, pay, CHECKED],
    actors: [[change, pay], [close]],
    may: { ...nothing, crashes: 1, transactions: 2, sweeps: 1, hesitations: 1 },
    lesser: { may: { crashes: 0, hesitations: 0 } },
  },
  {
    ...usual,
    name: 'callback, sweep, refund',
    title: 'a payment told of twice, found by the sweep as well, and refunded',
    before: [created, pay, CHECKED],
    actors: [[refundAll]],
    atOnce: 2,
    habits: { ...wechat, copies: 2 },
    may: { ...nothing, crashes: 1, timeouts: 1, transactions: 1, sweeps: 1 },
  },
  {
    ...usual,
    name: 'deadline',
    title: 'the order expires while it is paid, told of, begun anew and swept',
    before: [createdUntil, pay, DEADLINE - SECOND],
    actors: [[pay]],
    clock: [DEADLINE + 2 * SECOND, DEADLINE + 6 * MINUTE],
    atOnce: 2,
    habits: { ...wechat, tellsClosed: true },
    may: { ...nothing, crashes: 1, transactions: 1, expiries: 1, sweeps: 2 },
    lesser: { may: { crashes: 0, expiries: 0, sweeps: 1 } },
  },
  {
    ...usual,
    name: 'deadline and close',
    title: 'the order expires while it is paid and closed on request',
    before: [createdUntil, pay, DEADLINE - SECOND],
    actors: [[pay], [close]],
    clock: [DEADLINE + 2 * SECOND, DEADLINE + 6 * MINUTE],
    habits: { ...wechat, tellsClosed: true },
    may: { ...nothing, transactions: 1, expiries: 1, sweeps: 1 },
    lesser: { may: { expiries: 0, sweeps: 0 } },
  },
  {
    ...usual,
    name: 'deadline moved',
    title: 'the order’s time is over and is prolonged, paid and changed while the sweep looks after it',
    before: [createdUntil, DEADLINE + 2 * SECOND],
    actors: [[prolong], [pay], [changeLater]],
    may: { ...nothing, crashes: 1, sweeps: 1 },
  },
  {
    ...usual,
    name: 'superseded',
    title:
      'a page that its provider does not know of before it is opened, given up for another amount and paid all the same',
    before: [created, pay, CHECKED],
    actors: [[change], [pay]],
    habits: { ...alipay, tellsAmount: false },
    may: { ...nothing, transactions: 2, sweeps: 1 },
    lesser: { may: { transactions: 1, sweeps: 0 } },
  },
  {
    ...usual,
    name: 'page asked for again',
    title: 'a page that is not kept is asked for again while the order changes',
    before: [created, pay],
    actors: [[pay], [change], [close]],
    habits: { ...stripe, tellsClosed: false },
    may: { ...nothing, transactions: 1 },
    lesser: { may: { transactions: 0 } },
  },
  {
    ...usual,
    name: 'unnamed',
    title: 'one transaction told of without its number and with it, and a second one, while the order closes',
    before: [created, pay],
    actors: [[close], [pay]],
    habits: { ...wechat, tells: ['unnamed', 'named'], tellsAmount: false },
    atOnce: 2,
    may: { ...nothing, crashes: 1, transactions: 1, secondTransactions: 1 },
    lesser: { may: { crashes: 0 } },
  },
  {
    ...usual,
    name: 'unnamed refund',
    title: 'a transaction that no message named is refunded',
    before: [created, pay, CHECKED],
    actors: [[refundSome], [refundAll]],
    habits: { ...wechat, tells: ['unnamed'] },
    may: { ...nothing, transactions: 1, sweeps: 1 },
    lesser: { may: { sweeps: 0 } },
  },
  {
    ...usual,
    name: 'refunds',
    title: 'two refunds of one payment, decided either way, and one sent back',
    before: [created, pay, 'pays', 'told'],
    actors: [[refundSome], [refundRest]],
    may: { ...nothing, crashes: 1, sentBack: 1 },
  },
  {
    ...usual,
    name: 'paid after close',
    title: 'a number is paid after its close was acknowledged, and the close is told of late',
    before: [created, pay],
    actors: [[close]],
    habits: { ...wechat, tellsClosed: true },
    atOnce: 2,
    may: { ...nothing, crashes: 1, paidAfterClose: 1 },
  },
  {
    ...usual,
    name: 'spent number',
    title: 'the number was used before, and its old payment answers',
    before: [created],
    provider: spent,
    actors: [[pay], [pay]],
    may: { ...nothing, crashes: 1, transactions: 1 },
    lesser: { may: { crashes: 0 } },
  },
  {
    ...usual,
    name: 'failed',
    title: 'a payment fails and is begun again, changed and paid',
    before: [created, pay, CHECKED],
    actors: [[pay], [change]],
    may: { ...nothing, failures: 1, transactions: 1, sweeps: 1, crashes: 1 },
    lesser: { may: { sweeps: 0 } },
  },
  {
    ...usual,
    name: 'failed for good',
    title:
      'a payment fails for good: the next takes a number of its own, before the order’s time is over and after',
    before: [createdUntil, payStripe, CHECKED],
    actors: [[payStripe, payStripe]],
    habits: stripe,
    payer: payStripe,
    may: { ...nothing, failures: 1, transactions: 1, sweeps: 1, crashes: 1 },
    lesser: { may: { crashes: 0 } },
  },
  {
    ...usual,
    name: 'begun late',
    title: 'a payment begun just before the order’s time is over, whose creation is on its way until after',
    before: [createdUntil, DEADLINE - 90 * SECOND],
    actors: [[pay, pay]],
    clock: [DEADLINE + 2 * SECOND, DEADLINE + 6 * MINUTE],
    habits: { ...wechat, tellsClosed: true },
    may: { ...nothing, crashes: 1, timeouts: 1, transactions: 1, expiries: 1, sweeps: 2 },
    lesser: { may: { crashes: 0, transactions: 0, sweeps: 1 } },
  },
  {
    ...usual,
    name: 'page past the deadline',
    title:
      'a page that its provider does not know of before it is opened, opened and paid when the order’s time is over',
    before: [createdUntil, pay, DEADLINE - SECOND],
    actors: [[pay]],
    clock: [DEADLINE + 2 * SECOND, DEADLINE + 6 * MINUTE],
    habits: alipay,
    may: { ...nothing, crashes: 1, transactions: 1, expiries: 1, sweeps: 2 },
    lesser: { may: { crashes: 0, sweeps: 1 } },
  },
  {
    ...usual,
    name: 'shorter than its order',
    title: 'a payment that its provider takes for a shorter time than its order has',
    before: [createdUntil, payShortly, 10 * MINUTE - SECOND],
    actors: [[payShortly]],
    clock: [10 * MINUTE + 2 * SECOND, 16 * MINUTE, DEADLINE + 2 * SECOND],
    habits: { ...wechat, tellsClosed: true },
    payer: payShortly,
    may: { ...nothing, crashes: 1, transactions: 1, expiries: 1, sweeps: 2 },
    lesser: { may: { crashes: 0, transactions: 0, sweeps: 1 } },
  },
  {
    ...usual,
    name: 'free at last',
    title: 'an order that comes to cost nothing and is paid so, while the payer pays what it cost before',
    before: [created, pay],
    actors: [
      [handsOver('change', { amount: 0 }), pay],
      [refunds('refund what came late', { transaction_id: 't1' })],
    ],
    habits: alipay,
    may: { ...nothing, crashes: 1, transactions: 1, rewrites: 1 },
  },
  {
    ...usual,
    name: 'one refund asked for twice',
    title: 'a refund that is asked for twice with one key',
    before: [created, pay, 'pays', 'told'],
    actors: [[refundSome], [refundSome]],
    may: { ...nothing, crashes: 1, timeouts: 1, rewrites: 1 },
  },
  {
    ...usual,
    name: 'being paid',
    title: 'a payer who is about to pay while the order changes and closes',
    before: [created, pay, CHECKED],
    actors: [[change], [close]],
    may: { ...nothing, hesitations: 1, crashes: 1, transactions: 1, sweeps: 1 },
  },
  {
    ...usual,
    name: 'another app',
    title: 'a payer who pays in another app after all, while about to pay what was begun first',
    before: [created, pay, CHECKED],
    actors: [[pays('pay in another app', { appid: 'wx2' })], [pay]],
    may: { ...nothing, hesitations: 1, crashes: 1, transactions: 2 },
  },
  {
    ...usual,
    name: 'suspense refunded',
    title: 'a second transaction under one number, each of the two refunded',
    before: [created, pay, 'pays', 'told'],
    actors: [[refunds('refund the second', { transaction_id: 't2' }), refundAll]],
    may: { ...nothing, crashes: 1, timeouts: 1, secondTransactions: 1, sentBack: 1 },
  },
  {
    ...usual,
    name: 'another merchant',
    title: 'another merchant’s payment under our number, told of with a key of ours',
    before: [created, pay],
    provider: another,
    actors: [[close]],
    may: { ...nothing, crashes: 1, transactions: 1 },
  },
  {
    ...usual,
    name: 'console refund',
    title:
      'the console gives a part or all of a payment back, named, while it is told of, swept and refunded',
    before: [created, pay, CHECKED],
    actors: [[refundAll]],
    atOnce: 2,
    may: { ...nothing, crashes: 1, transactions: 1, returns: 1, sweeps: 1 },
    lesser: { may: { crashes: 0 } },
  },
  {
    ...usual,
    name: 'console refund in sum',
    title: 'the console gives parts of a payment back, known only as a sum, while some of it is refunded',
    before: [created, pay, CHECKED],
    actors: [[refundSome]],
    atOnce: 2,
    habits: { ...wechat, tellsReturns: ['summed'] },
    may: { ...nothing, crashes: 1, transactions: 1, returns: 2 },
    lesser: { may: { crashes: 0 } },
  },
  {
    ...usual,
    name: 'console refunds sent back',
    title: 'the console gives parts back, told of by name and in sum, one of which the bank sends back',
    before: [created, pay, 'pays', 'told'],
    actors: [],
    atOnce: 2,
    habits: { ...wechat, tellsReturns: ['named', 'summed'] },
    may: { ...nothing, crashes: 1, returns: 2, sentBack: 1 },
    lesser: { may: { crashes: 0 } },
  },
  {
    ...usual,
    name: 'console refund of the second',
    title: 'a second transaction under one number, of which the console gives some back before it is told of',
    before: [created, pay, 'pays', 'told'],
    actors: [[refundAll]],
    may: { ...nothing, crashes: 1, secondTransactions: 1, returns: 2 },
    lesser: { may: { crashes: 0, returns: 1 } },
  },
  {
    ...usual,
    name: 'returned when asked',
    title:
      'a payment of which a part has gone back before anybody told of it, found by asking, while it is closed',
    before: [created, pay, CHECKED, 'pays', 'returns'],
    actors: [[looks('look')], [close, refundAll]],
    habits: { ...wechat, tells: [], tellsReturns: [], answersReturned: 'sum' },
    may: { ...nothing, crashes: 1, sweeps: 1 },
    lesser: { may: { crashes: 0, sweeps: 0 } },
  },
  {
    ...usual,
    name: 'returned, nobody knows how much',
    title:
      'a payment of which its provider says only that some has gone back, found by asking, while it is closed',
    before: [created, pay, CHECKED, 'pays', 'returns'],
    actors: [[looks('look')], [close]],
    habits: { ...wechat, tells: [], tellsReturns: [], answersReturned: 'unknown' },
    may: { ...nothing, crashes: 1, sweeps: 1 },
  },
  {
    ...usual,
    name: 'dispute',
    title: 'the bank disputes a payment and decides either way, while it is told of and refunded',
    before: [created, pay, CHECKED],
    actors: [[refundSome]],
    habits: stripe,
    atOnce: 2,
    may: { ...nothing, crashes: 1, transactions: 1, disputes: 1 },
    lesser: { may: { crashes: 0 } },
  },
  {
    ...usual,
    name: 'dispute and close',
    title: 'a payment that comes after its order was closed is disputed and given back by the console',
    before: [created, pay],
    actors: [[close]],
    habits: stripe,
    may: { ...nothing, crashes: 1, paidAfterClose: 1, returns: 1, disputes: 1 },
    lesser: { may: { crashes: 0 } },
  },
  {
    ...usual,
    name: 'closed, told, swept',
    title:
      'the order expires while it is paid, told of twice, swept and closed on request by somebody who dies or does not wait',
    before: [createdUntil, pay, DEADLINE - SECOND],
    actors: [[close, close]],
    clock: [DEADLINE + 2 * SECOND, DEADLINE + 6 * MINUTE],
    atOnce: 2,
    habits: { ...wechat, tellsClosed: true, copies: 2 },
    may: { ...nothing, crashes: 1, timeouts: 1, transactions: 1, expiries: 1, sweeps: 1 },
    lesser: { may: { crashes: 0, expiries: 0, timeouts: 0 } },
  },
  {
    ...usual,
    name: 'closed while being paid',
    title: 'a payer who is about to pay on a page that its provider does not know of, while the order closes',
    before: [created, pay, CHECKED],
    actors: [[close, close], [pay]],
    habits: alipay,
    may: { ...nothing, hesitations: 1, crashes: 1, timeouts: 1, transactions: 1, sweeps: 1 },
    lesser: { may: { crashes: 0, timeouts: 0 } },
  },
  {
    ...usual,
    name: 'sent and corrected',
    title: 'a paid order is sent and corrected at once, with a death, and a request that arrives late',
    before: [created, pay, 'pays', 'told'],
    actors: [[send], [correct]],
    clock: [2 * MINUTE],
    may: { ...nothing, crashes: 1, timeouts: 1, sweeps: 1 },
    lesser: { may: { crashes: 0, sweeps: 0 } },
  },
  {
    ...usual,
    name: 'sent, and written twice',
    title: 'a paid order is sent and corrected at once, with a write that is made twice',
    before: [created, pay, 'pays', 'told'],
    actors: [[send, correct], [correct]],
    may: { ...nothing, timeouts: 1, rewrites: 1 },
  },
  {
    ...usual,
    name: 'sent, corrected, once more',
    title: 'a paid order is sent, corrected and corrected again, while the sweep tells of it',
    before: [created, pay, 'pays', 'told'],
    actors: [[send, correct, ships('correct again', 'three teas')]],
    clock: [2 * MINUTE],
    may: { ...nothing, crashes: 1, timeouts: 2, sweeps: 1 },
    lesser: { may: { timeouts: 1, sweeps: 0 } },
  },
  {
    ...usual,
    name: 'sent and returned',
    title: 'a paid order is sent and corrected while all of it is refunded',
    before: [created, pay, 'pays', 'told'],
    actors: [[send, correct], [refundAll]],
    may: { ...nothing, crashes: 1, timeouts: 1 },
    lesser: { may: { timeouts: 0 } },
  },
  {
    ...usual,
    name: 'checkout',
    title: 'two checkouts with one key, one of which dies',
    before: [],
    actors: [[checksOut('checkout', 1)], [checksOut('the same checkout', 2)]],
    habits: stripe,
    payer: checksOut('a payer at last', 3),
    may: { ...nothing, crashes: 1, timeouts: 1, rewrites: 1, transactions: 1 },
  },
];

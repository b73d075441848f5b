import type { Change, Expectation, ItemWrite, RecordKind } from '../../lib/orders/change.ts';
import type { Snapshot } from '../../lib/orders/snapshot.ts';
import { MERCHANT, untold } from './provider.ts';
import type { Undone } from './scenario.ts';
import { recordsOf } from './table.ts';
import type { Invariant } from './violation.ts';

/** A rule of `lib/orders` that is undone, and what the search must find then. */
export interface Mutant {
  readonly name: string;
  readonly scenario: string;
  readonly finds: Invariant;
  readonly undone: Undone;
}

type Writes = Change['writes'];

const everyWrite = (alter: (write: ItemWrite, writes: Writes) => ItemWrite | null): Undone => ({
  change: ({ order_no, writes }) => {
    const [first, ...others] = writes.flatMap((write) => alter(write, writes) ?? []);
    return first ? { order_no, writes: [first, ...others] } : { order_no, writes };
  },
});

const isUpdate = <K extends 'order' | 'payment'>(
  write: ItemWrite,
  kind: K,
): write is Extract<ItemWrite, { update: K }> => 'update' in write && write.update === kind;

const without = (expects: Expectation, field: string): Expectation =>
  Object.fromEntries(Object.entries(expects).filter(([name]) => name !== field));

/** Of a payment that is there, whatever it is. */
const ofAny = { n: { not: 0 } } as const;

const puts = (writes: Writes, kind: RecordKind): boolean =>
  writes.some((write) => 'put' in write && write.put === kind);

const handsOut = (writes: Writes): boolean =>
  writes.some((write) => isUpdate(write, 'payment') && write.set.handed_out);

const closesOrder = (writes: Writes): boolean =>
  writes.some((write) => isUpdate(write, 'order') && write.set.status === 'closed');

const withPayments = (
  snapshot: Snapshot,
  alter: (payment: Snapshot['payments'][number]) => Snapshot['payments'][number],
): Snapshot => ({ ...snapshot, payments: snapshot.payments.map(alter) });

/** What has gone back by refunds that are named. */
const namedReturns = ({ returns }: Snapshot): number =>
  returns.reduce((sum, { status, amount }) => sum + (status === 'succeeded' ? amount : 0), 0);

/** Closing an order does not look at what its payment is by then. */
const closesWhatever = everyWrite((write, writes) => {
  if (!closesOrder(writes)) return write;
  if ('check' in write && write.check === 'payment') return null;
  return isUpdate(write, 'payment') ? { ...write, expects: ofAny } : write;
});

export const mutants: readonly Mutant[] = [
  {
    name: 'a closed payment does not owe its order’s deadline',
    scenario: 'shorter than its order',
    finds: 'deadline_has_an_owner',
    undone: everyWrite((write) =>
      isUpdate(write, 'payment') && write.set.state === 'closed' ? { ...write, owes: null } : write,
    ),
  },
  {
    name: 'an order that has given its payment up does not owe its deadline',
    scenario: 'deadline moved',
    finds: 'deadline_has_an_owner',
    undone: everyWrite((write) =>
      isUpdate(write, 'order') && write.set.payment === null ? { ...write, owes: null } : write,
    ),
  },
  {
    name: 'handed out although it was superseded',
    scenario: 'pay, change',
    finds: 'handed_out_is_current',
    undone: everyWrite((write, writes) =>
      isUpdate(write, 'payment') && handsOut(writes)
        ? // What is handed out first is tied to the payment's version, too.
          { ...write, expects: without(without(write.expects, 'superseded'), 'version') }
        : write,
    ),
  },
  {
    name: 'handed out although its order is closed',
    scenario: 'pay, close',
    finds: 'handed_out_is_current',
    undone: everyWrite((write, writes) => ('check' in write && handsOut(writes) ? null : write)),
  },
  {
    name: 'handed out again whatever became of it',
    scenario: 'superseded',
    finds: 'handed_out_is_current',
    undone: {
      change: (change, table) => {
        const given = change.writes.find((write) => isUpdate(write, 'payment') && write.set.handed_out);
        if (!given || !isUpdate(given, 'payment')) return change;
        const wasGiven = recordsOf(table, 'payment').some(
          ({ n, handed_out }) => n === given.of && handed_out,
        );
        return wasGiven ? { ...change, writes: [{ ...given, expects: ofAny }] } : change;
      },
    },
  },
  {
    name: 'superseded whatever its version',
    scenario: 'pay, change',
    finds: 'nothing_payable_is_given_up',
    undone: everyWrite((write) =>
      isUpdate(write, 'payment') && write.set.superseded ? { ...write, expects: ofAny } : write,
    ),
  },
  {
    name: 'closed whatever its payment’s version',
    scenario: 'pay, close',
    finds: 'nothing_payable_is_given_up',
    undone: closesWhatever,
  },
  {
    name: 'closed by the sweep whatever its payment has become since it asked',
    scenario: 'begun late',
    finds: 'nothing_payable_is_given_up',
    undone: {
      ...closesWhatever,
      snapshot: (snapshot, { name }) =>
        name.startsWith('sweep')
          ? withPayments(snapshot, (payment) => ({ ...payment, version: 1 }))
          : snapshot,
    },
  },
  {
    name: 'absent is closed',
    scenario: 'pay, change',
    finds: 'nothing_payable_left_work',
    undone: { answer: (call, answer) => (call.ask === 'close' && answer === 'absent' ? 'closed' : answer) },
  },
  {
    name: 'absent is closed when the sweep asks',
    scenario: 'begun late',
    finds: 'nothing_payable_left_work',
    undone: {
      answer: (call, answer) =>
        call.ask === 'query' && typeof answer === 'object' && 'state' in answer && answer.state === 'absent'
          ? { state: 'decided', event: untold(call.payment.payment_no, 'closed') }
          : answer,
    },
  },
  {
    name: 'the sweep clears what is owed anew',
    scenario: 'deadline moved',
    finds: 'deadline_has_an_owner',
    undone: { clearsAnything: true },
  },
  {
    name: 'a number that was used before is accepted',
    scenario: 'spent number',
    finds: 'booked_at_most_once',
    undone: {
      answer: (call, answer) => {
        if (call.ask !== 'query' || typeof answer !== 'object' || !('event' in answer)) return answer;
        const { paid_at: _paidAt, ...event } = answer.event;
        return { ...answer, event };
      },
    },
  },
  {
    name: 'a paid payment is closed by a late word',
    scenario: 'paid after close',
    finds: 'paid_is_final',
    undone: {
      snapshot: (snapshot, { event }) =>
        event?.type === 'closed'
          ? withPayments(snapshot, (payment) =>
              payment.state === 'paid' ? { ...payment, state: 'open' } : payment,
            )
          : snapshot,
    },
  },
  {
    name: 'a payment that was not named is booked again when it is',
    scenario: 'unnamed',
    finds: 'booked_at_most_once',
    undone: {
      snapshot: (snapshot) =>
        withPayments(snapshot, (payment) =>
          payment.state === 'paid' && payment.transaction_id === null
            ? { ...payment, transaction_id: 'unnamed' }
            : payment,
        ),
    },
  },
  {
    name: 'the merchant is not compared',
    scenario: 'another merchant',
    finds: 'booked_at_most_once',
    undone: { event: (event) => ({ ...event, merchant: MERCHANT }) },
  },
  {
    name: 'a refund that is named is booked besides the sum that it was',
    scenario: 'console refunds sent back',
    finds: 'returns_add_up',
    undone: {
      snapshot: (snapshot) =>
        withPayments(snapshot, (payment) => ({ ...payment, returned: namedReturns(snapshot) })),
    },
  },
  {
    name: 'two refunds that are named at once are both what one sum was',
    scenario: 'console refunds sent back',
    finds: 'books_are_the_provider’s',
    undone: everyWrite((write, writes) => {
      const isCounted = puts(writes, 'return') && !puts(writes, 'entry');
      return isUpdate(write, 'payment') && isCounted ? null : write;
    }),
  },
  {
    name: 'what had gone back before the payment was told of is forgotten',
    scenario: 'returned when asked',
    finds: 'books_are_the_provider’s',
    undone: {
      answer: (call, answer) => {
        if (call.ask !== 'query' || typeof answer !== 'object' || !('event' in answer)) return answer;
        const { returned: _returned, ...event } = answer.event;
        return { ...answer, event };
      },
    },
  },
  {
    name: 'the order does not show what its provider’s console gave back',
    scenario: 'console refund',
    finds: 'order_shows_what_went_back',
    undone: everyWrite((write, writes) => {
      const isReturn = puts(writes, 'entry') && !puts(writes, 'dispute');
      return isUpdate(write, 'order') && isReturn ? null : write;
    }),
  },
  {
    name: 'what was sent owes nothing until it is told',
    scenario: 'sent and corrected',
    finds: 'shipping_is_watched',
    undone: everyWrite((write) => {
      if (!('put' in write) || write.put !== 'shipping') return write;
      const { owes: _owes, ...free } = write;
      return free;
    }),
  },
  {
    name: 'what was told is taken for its correction',
    scenario: 'sent and corrected',
    finds: 'told_is_known_there',
    undone: everyWrite((write) =>
      'update' in write && write.update === 'shipping' && !('state' in write.set)
        ? { ...write, set: { ...write.set, state: 'told' }, owes: null }
        : write,
    ),
  },
  {
    name: 'a dispute is not told',
    scenario: 'dispute',
    finds: 'exception_for_what_was_not_asked',
    undone: everyWrite((write) =>
      'put' in write && write.put === 'exception' && write.record.kind === 'disputed' ? null : write,
    ),
  },
  {
    name: 'what a dispute has moved is known by its first message alone',
    scenario: 'dispute',
    finds: 'books_are_the_provider’s',
    undone: {
      event: (event) =>
        event.type === 'dispute' ? { ...event, movements: event.movements.slice(0, 1) } : event,
    },
  },
];

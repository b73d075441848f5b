import type { BookedEntry, RecordKind } from '../../lib/orders/change.ts';
import type { Dispute } from '../../lib/orders/dispute.ts';
import type { ExceptionRecord } from '../../lib/orders/exception.ts';
import {
  type Booking,
  feesAccount,
  ownerAccount,
  providerAccount,
  suspenseAccount,
} from '../../lib/orders/ledger.ts';
import type { Order } from '../../lib/orders/order.ts';
import type { Payment, Suspense } from '../../lib/orders/payment.ts';
import { type Refund, refundedStatus } from '../../lib/orders/refund.ts';
import { toRecord } from '../../lib/store/items.ts';
import { itemKindOf } from '../../lib/store/keys.ts';
import type { TableItem } from './table-scan.ts';

/** Money that a provider took, by its own books. */
export interface TakenPayment {
  readonly transaction_id: string;
  readonly amount: number;
}

export interface ReturnedRefund {
  readonly refund_no: string;
  readonly amount: number;
}

/** Everything there is, once faults have stopped and retries have drained. */
export interface World {
  readonly items: readonly TableItem[];
  /** Must be booked, each once. */
  readonly taken: readonly TakenPayment[];
  /** May be booked: whoever sent the message does not know what became of it. */
  readonly perhapsTaken: ReadonlySet<string>;
  readonly returned: readonly ReturnedRefund[];
  /** All messages to people; null where there were more announcements than a robot takes in the time. */
  readonly announced: string | null;
}

/** What is stored of one order, should it be there itself. */
interface OrderBooks {
  readonly pk: string;
  readonly order: Order | undefined;
  readonly payments: readonly Payment[];
  readonly suspense: readonly Suspense[];
  readonly refunds: readonly Refund[];
  readonly disputes: readonly Dispute[];
  readonly entries: readonly BookedEntry[];
  readonly exceptions: readonly ExceptionRecord[];
}

type Holding = Payment | Suspense;
type Booked<T> = T & { readonly booking: Booking };

/** What is wrong with the books, in words; nothing when all that always holds does (design.md, "What always holds"). */
export function checkBooks(world: World): string[] {
  const orders = readOrders(world.items);
  const holdings = orders.flatMap((books) => bookedHoldings(books));
  return [
    ...orders.flatMap(checkOrder),
    ...orders.flatMap(checkPayments),
    ...checkTransactions(world, holdings),
    ...orders.flatMap(checkRefunds),
    ...orders.flatMap(checkUnasked),
    ...checkReturned(
      world,
      orders.flatMap(({ refunds }) => refunds),
    ),
    ...checkBalances([
      ...holdings.map(({ booking, ...record }) => ({ ...record, ...booking, isUnasked: false })),
      ...readEntries(world.items).map((entry) => ({ ...entry, isUnasked: unasked.includes(entry.kind) })),
    ]),
    ...checkAnnounced(world, orders),
  ];
}

/** What providers and banks move by themselves, whatever is left to be moved. */
const unasked: readonly BookedEntry['kind'][] = ['return', 'dispute', 'fee'];

/** Those of orders, and those of merchants. */
const readEntries = (items: readonly TableItem[]): readonly BookedEntry[] =>
  items.filter(({ sk }) => itemKindOf({ sk: String(sk) }) === 'entry').map((item) => toRecord('entry', item));

function readOrders(items: readonly TableItem[]): OrderBooks[] {
  const ofOrders = items.filter(({ pk }) => String(pk).startsWith('ORDER#'));
  return [...Map.groupBy(ofOrders, ({ pk }) => String(pk))].map(([pk, belonging]) => {
    const ofKind = <K extends RecordKind>(kind: K) =>
      belonging
        .filter(({ sk }) => itemKindOf({ sk: String(sk) }) === kind)
        .map((item) => toRecord(kind, item));
    return {
      pk,
      order: ofKind('order')[0],
      payments: ofKind('payment'),
      suspense: ofKind('suspense'),
      refunds: ofKind('refund'),
      disputes: ofKind('dispute'),
      entries: ofKind('entry'),
      exceptions: ofKind('exception'),
    };
  });
}

const holdingsOf = ({ payments, suspense }: OrderBooks): readonly Holding[] => [...payments, ...suspense];

const bookedHoldings = (books: OrderBooks): readonly Booked<Holding>[] =>
  holdingsOf(books).filter((holding): holding is Booked<Holding> => holding.booking !== null);

const isPaid = ({ status }: Order) => ['paid', 'refunding', 'refunded'].includes(status);

/** A paid order was paid by one payment of its amount, whose money is its owner's; no other order has any. */
function checkOrder({ pk, order, payments }: OrderBooks): string[] {
  if (!order) return [`${pk}: stored without an order`];
  const { order_no, status, amount, currency } = order;
  const owner = ownerAccount(order);
  const paying = payments.filter(
    ({ n, booking, attributed_at }) =>
      booking?.credit === owner || (attributed_at !== null && order.paid_by === n),
  );
  const expected = isPaid(order) && amount > 0 ? 1 : 0;
  if (paying.length !== expected) return [`${order_no} is ${status} with ${paying.length} payments`];
  const [payment] = paying;
  const differs =
    order.paid_by !== (payment?.n ?? null) ||
    (payment && (payment.amount !== amount || payment.currency !== currency));
  if (differs) return [`${order_no} and the payment that it was paid by differ`];
  const isReturned = payment && status !== refundedStatus(payment);
  return isReturned ? [`${order_no} is ${status} with another sum returned`] : [];
}

/** What is paid is booked, from its own merchant to its order's owner or to suspense; what is not paid is not. */
function checkPayments({ order, payments, suspense }: OrderBooks): string[] {
  const isBooked = ({ state, booking }: Payment) => (state === 'paid') === (booking !== null);
  return [
    ...payments
      .filter((payment) => !isBooked(payment))
      .map(({ payment_no, state }) => `${payment_no} is ${state}, which its booking is not`),
    ...[...payments, ...suspense]
      .filter((holding) => {
        const { booking } = holding;
        const creditors = [
          suspenseAccount(holding),
          ...('state' in holding && order ? [ownerAccount(order)] : []),
        ];
        return booking && (booking.debit !== providerAccount(holding) || !creditors.includes(booking.credit));
      })
      .map(({ payment_no, transaction_id }) => `${payment_no} ${transaction_id} is booked to other accounts`),
  ];
}

/** One booking for each payment that was taken, and none for another. */
function checkTransactions({ taken, perhapsTaken }: World, booked: readonly Holding[]): string[] {
  const known = new Map(taken.map(({ transaction_id, amount }) => [transaction_id, amount]));
  const count = new Map<string, number>();
  for (const { transaction_id } of booked) {
    if (transaction_id !== null) count.set(transaction_id, (count.get(transaction_id) ?? 0) + 1);
  }
  return [
    ...taken
      .filter((payment) => !count.has(payment.transaction_id))
      .map((payment) => `${payment.transaction_id} was taken and is not booked`),
    ...[...count].filter(([, times]) => times > 1).map(([id, times]) => `${id} is booked ${times} times`),
    ...booked
      .filter(({ transaction_id: id }) => id !== null && !known.has(id) && !perhapsTaken.has(id))
      .map(({ transaction_id }) => `${transaction_id} is booked and was never taken`),
    ...booked
      .filter(({ transaction_id: id, amount }) => id !== null && known.has(id) && known.get(id) !== amount)
      .map(({ transaction_id }) => `${transaction_id} is booked with another amount`),
  ];
}

/** Each refund is decided and booked as it was decided, and what it returns adds up with the rest. */
function checkRefunds(books: OrderBooks): string[] {
  const { refunds, entries } = books;
  return [
    ...refunds.flatMap((refund) => checkRefund(books, refund)),
    ...entries
      .filter(({ kind, refund }) => kind === 'refund' && !refunds.some(({ n }) => n === refund))
      .map(({ order_no, refund }) => `${order_no} has an entry of refund ${refund}, which is not there`),
    ...holdingsOf(books).flatMap((holding) => checkSums(holding, refunds)),
  ];
}

const isOf = ({ payment, suspense }: Refund, holding: Holding): boolean =>
  payment === holding.n && suspense === ('state' in holding ? null : holding.transaction_id);

/** One that succeeded is booked once; one that failed never, or it was booked and then booked back. */
function checkRefund(books: OrderBooks, refund: Refund): string[] {
  const { n, refund_no, status, amount, currency } = refund;
  if (status === 'open') return [`${refund_no} is still open`];
  const holding = holdingsOf(books).find((one) => isOf(refund, one));
  const booking = holding?.booking;
  if (!booking) return [`${refund_no} returns what was never booked`];
  const booked = books.entries
    .filter((entry) => entry.refund === n)
    .toSorted((one, other) => versionOf(one) - versionOf(other));
  const counts = status === 'succeeded' ? [1] : [0, 2];
  if (!counts.includes(booked.length)) return [`${refund_no} ${status} with ${booked.length} entries`];
  // What was in suspense may have found its owner between one and the other.
  const bearers = [
    booking.credit,
    ...(holding.attributed_at !== null && books.order ? [ownerAccount(books.order)] : []),
  ];
  const differs = booked.some((entry, index) => {
    const [bearer, account] = index === 0 ? [entry.debit, entry.credit] : [entry.credit, entry.debit];
    return (
      entry.amount !== amount ||
      entry.currency !== currency ||
      account !== booking.debit ||
      !bearers.includes(bearer)
    );
  });
  return differs ? [`${refund_no} and its entries differ`] : [];
}

/** A refund's entries are named by it and by the version of it that they were booked with. */
const versionOf = ({ reference }: BookedEntry): number => Number(reference.split('#')[1]);

function checkSums(holding: Holding, refunds: readonly Refund[]): string[] {
  const { payment_no, transaction_id, amount, reserved, refunded, returned } = holding;
  const sum = (status: string) =>
    refunds
      .filter((refund) => refund.status === status && isOf(refund, holding))
      .reduce((total, refund) => total + refund.amount, 0);
  return [
    ...(refunded === sum('succeeded') && reserved === sum('open')
      ? []
      : [`${payment_no} ${transaction_id} does not add up with its refunds`]),
    ...(reserved + refunded + returned <= amount
      ? []
      : [`more of ${payment_no} ${transaction_id} is returned than was paid`]),
  ];
}

/** What moved without our asking is booked to the right accounts, adds up, and is told. */
function checkUnasked(books: OrderBooks): string[] {
  const { pk, disputes, entries, exceptions } = books;
  const ofKind = (kind: BookedEntry['kind']) => entries.filter((entry) => entry.kind === kind);
  const isTold = (kinds: readonly string[], id: string) =>
    exceptions.some(({ kind, refund_no }) => kinds.includes(kind) && refund_no === id);
  return [
    ...ofKind('return')
      .filter(({ reference }) => !isTold(['unknown_refund', 'refund_failed'], returnOf(reference).id))
      .map(({ reference }) => `${pk} has the return ${reference}, which nobody was told of`),
    ...holdingsOf(books)
      .filter((holding) => {
        const returned = ofKind('return').filter((entry) => isReturnOf(books, entry, holding));
        return holding.returned !== leftBy(returned);
      })
      .map(
        ({ payment_no, transaction_id }) =>
          `${payment_no} ${transaction_id} does not add up with its returns`,
      ),
    ...disputes
      .filter(({ dispute_id }) => !isTold(['disputed'], dispute_id))
      .map(({ dispute_id }) => `${dispute_id} is a dispute that nobody was told of`),
    ...disputes
      .filter(({ movements, withdrawn }) => {
        const moved = ofKind('dispute').filter(({ reference }) => movements.includes(reference));
        return withdrawn !== leftBy(moved);
      })
      .map(({ dispute_id }) => `${dispute_id} does not add up with its movements`),
    ...entries
      .filter((entry) => !isBetween(entry, accountsOf(books, entry)))
      .map(({ kind, reference }) => `${pk} has the ${kind} ${reference} between other accounts`),
    ...holdingsOf(books)
      .filter(({ attributed_at, transaction_id }) => {
        const found = ofKind('attribution').filter(
          (entry) =>
            entry.transaction_id === transaction_id &&
            entry.debit === suspenseAccount(entry) &&
            !entry.reference.startsWith('disputed#'),
        );
        // What an owner has back of its own came again; a refund that failed may have given money its owner, too.
        const given = found.filter(({ reference }) => !reference.startsWith('refund_failed#'));
        return attributed_at === null ? given.length > 0 : found.length === 0 || given.length > 1;
      })
      .map(
        ({ payment_no, transaction_id }) =>
          `${payment_no} ${transaction_id} is attributed otherwise than booked`,
      ),
  ];
}

/** A return's reference: the payment's number among its order's, what names it, and whether it came back. */
function returnOf(reference: string) {
  const [n, ...name] = reference.split('#');
  const isBack = name.at(-1) === 'back';
  return { n: Number(n), id: (isBack ? name.slice(0, -1) : name).join('#') };
}

/** One that was booked before its payment was told of names no transaction. */
const isReturnOf = ({ suspense }: OrderBooks, entry: BookedEntry, holding: Holding): boolean => {
  const isOfFurther = suspense.some(({ transaction_id }) => transaction_id === entry.transaction_id);
  return (
    returnOf(entry.reference).n === holding.n &&
    ('state' in holding ? !isOfFurther : entry.transaction_id === holding.transaction_id)
  );
};

/** What has left the provider's account by these. */
const leftBy = (entries: readonly BookedEntry[]): number =>
  entries.reduce(
    (sum, entry) => sum + (entry.credit === providerAccount(entry) ? entry.amount : -entry.amount),
    0,
  );

/** The accounts between which an entry of this kind moves money; null where its refund says so. */
function accountsOf({ order }: OrderBooks, entry: BookedEntry): readonly string[] | null {
  switch (entry.kind) {
    case 'refund':
      return null;
    case 'return':
    case 'dispute':
      return [providerAccount(entry), suspenseAccount(entry)];
    case 'fee':
      return [providerAccount(entry), feesAccount(entry)];
    case 'attribution':
      return order ? [suspenseAccount(entry), ownerAccount(order)] : null;
  }
}

const isBetween = ({ debit, credit }: BookedEntry, accounts: readonly string[] | null): boolean =>
  accounts === null || [debit, credit].every((account) => accounts.includes(account));

/** What succeeded here is what was returned there. */
function checkReturned({ returned }: World, refunds: readonly Refund[]): string[] {
  const amounts = new Map(returned.map(({ refund_no, amount }) => [refund_no, amount]));
  return [
    ...refunds
      .filter(({ refund_no, status, amount }) => {
        const expected = status === 'succeeded' ? amount : undefined;
        return amounts.get(refund_no) !== expected;
      })
      .map(({ refund_no }) => `${refund_no} differs from the provider's`),
    ...[...amounts.keys()]
      .filter((refund_no) => !refunds.some((refund) => refund.refund_no === refund_no))
      .map((refund_no) => `${refund_no} was returned and is not known`),
  ];
}

type Posting = Pick<Booking, 'debit' | 'credit'> & {
  readonly amount: number;
  readonly currency: string;
  readonly isUnasked: boolean;
};

/** All amounts are positive integers, each from one account to another; nothing that was asked for overdraws one. */
function checkBalances(postings: readonly Posting[]): string[] {
  const balances = new Map<string, bigint>();
  for (const { debit, credit, amount, currency, isUnasked } of postings) {
    if (!Number.isSafeInteger(amount) || amount <= 0) return [`an entry has the amount ${amount}`];
    if (debit === credit) return [`${debit} is booked to itself`];
    if (isUnasked) continue;
    const move = (account: string, by: bigint) =>
      balances.set(`${account} ${currency}`, (balances.get(`${account} ${currency}`) ?? 0n) + by);
    move(debit, BigInt(amount));
    move(credit, -BigInt(amount));
  }
  return [...balances]
    .filter(([account, balance]) => account.startsWith('provider:') !== balance >= 0n && balance !== 0n)
    .map(([account, balance]) => `${account} has ${balance}`);
}

function checkAnnounced({ announced }: World, orders: readonly OrderBooks[]): string[] {
  if (announced === null) return [];
  const owed = orders.flatMap(({ order, exceptions }) => [
    ...(order && isPaid(order) ? [order] : []),
    ...exceptions,
  ]);
  return [...new Set(owed.map(({ order_no }) => order_no))]
    .filter((order_no) => !announced.includes(`\`${order_no}\``))
    .map((order_no) => `${order_no} was not announced`);
}

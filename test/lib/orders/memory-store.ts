import type {
  BookedEntry,
  Change,
  Expectation,
  ItemWrite,
  Put,
  RecordKind,
  Update,
} from '../../../lib/orders/change.ts';
import type { OrderStore, Refusal, WriteResult } from '../../../lib/orders/commit.ts';
import type { Dispute } from '../../../lib/orders/dispute.ts';
import { type ExceptionIdentity, type ExceptionRecord, exceptionId } from '../../../lib/orders/exception.ts';
import type { IdempotencyRecord, IdempotentCaller } from '../../../lib/orders/idempotency.ts';
import type { Order } from '../../../lib/orders/order.ts';
import type { Payment, Suspense } from '../../../lib/orders/payment.ts';
import type { Refund, Return } from '../../../lib/orders/refund.ts';
import { BETWEEN_LOOKS_MS, type Debt } from '../../../lib/orders/schedule.ts';
import type { Shipping } from '../../../lib/orders/shipping.ts';
import type { Snapshot } from '../../../lib/orders/snapshot.ts';
import type { DueCheck } from '../../../lib/orders/sweep.ts';

type Fields = Readonly<Record<string, unknown>>;

interface Stored {
  readonly kind: RecordKind;
  readonly record: Fields;
  readonly debt: Debt | null;
}

/** Something that was put into the store without a change. */
export interface Seed {
  readonly order?: Order;
  readonly payments?: readonly Payment[];
  readonly suspense?: readonly Suspense[];
  readonly refunds?: readonly Refund[];
  readonly returns?: readonly Return[];
  readonly disputes?: readonly Dispute[];
  readonly shipping?: Shipping | null;
  readonly exceptions?: readonly ExceptionRecord[];
}

/**
 * Orders in memory, under what `change.ts` says that a change means: each expectation and each effect is written out
 * here, and none is taken from the store that runs on DynamoDB.
 */
export function createMemoryStore(...seeds: readonly Seed[]) {
  const items = new Map<string, Stored>();
  const calls: string[] = [];
  const changes: Change[] = [];
  const looks = new Map<string, number>();
  const interruptions = { read: [] as Interruption[], write: [] as Interruption[] };

  const add = (put: Put): void => {
    items.set(keyOf(put), { kind: put.put, record: put.record as unknown as Fields, debt: put.owes ?? null });
  };
  const seed = ({ order, ...belonging }: Seed): void => {
    const { payments = [], suspense = [], refunds = [], returns = [], disputes = [] } = belonging;
    if (order) add({ put: 'order', record: order });
    for (const record of payments) add({ put: 'payment', record });
    for (const record of suspense) add({ put: 'suspense', record });
    for (const record of refunds) add({ put: 'refund', record });
    for (const record of returns) add({ put: 'return', record });
    for (const record of disputes) add({ put: 'dispute', record });
    if (belonging.shipping) add({ put: 'shipping', record: belonging.shipping });
    for (const record of belonging.exceptions ?? []) add({ put: 'exception', record });
  };
  for (const one of seeds) seed(one);

  const recordsOf = <T>(kind: RecordKind, order_no: string): T[] =>
    [...items.values()]
      .filter((item) => item.kind === kind && item.record['order_no'] === order_no)
      .map(({ record }) => record as T);

  const snapshot = (order_no: string): Snapshot | null => {
    const [order] = recordsOf<Order>('order', order_no);
    return order
      ? {
          order,
          payments: recordsOf('payment', order_no),
          suspense: recordsOf('suspense', order_no),
          refunds: recordsOf('refund', order_no),
          returns: recordsOf('return', order_no),
          disputes: recordsOf('dispute', order_no),
          shipping: recordsOf<Shipping>('shipping', order_no)[0] ?? null,
          exceptions: recordsOf('exception', order_no),
        }
      : null;
  };

  const apply = ({ order_no, writes }: Change): WriteResult => {
    const keys = writes.map((write) => keyOf(write, order_no));
    if (new Set(keys).size < keys.length) throw new Error('a change writes an item twice');
    const refused = writes.map((write, index): Refusal | null => {
      const stored = items.get(keys[index] ?? '');
      return holds(write, stored) ? null : refusalOf(stored);
    });
    if (refused.some((refusal) => refusal !== null)) return { applied: false, refused };
    for (const [index, write] of writes.entries()) {
      const key = keys[index] ?? '';
      const stored = items.get(key);
      if ('put' in write) add(write);
      else if ('update' in write && stored) items.set(key, updated(stored, write));
    }
    return { applied: true };
  };

  const store = {
    async read(order_no: string): Promise<Snapshot | null> {
      calls.push('read');
      await interruptions.read.shift()?.();
      return snapshot(order_no);
    },
    async write(change: Change): Promise<WriteResult> {
      calls.push('write');
      const interruption = interruptions.write.shift();
      if ((await interruption?.()) === 'lose request') throw new Error('the request was lost');
      const answer = apply(change);
      if (answer.applied) changes.push(change);
      return answer;
    },
    async findIdempotencyRecord(caller: IdempotentCaller): Promise<IdempotencyRecord | null> {
      calls.push('find key');
      const found = items.get(keyOf({ put: 'idempotency', record: caller as IdempotencyRecord }));
      return found ? (found.record as unknown as IdempotencyRecord) : null;
    },
    async claimLook({ payment_no }: Payment, now: number): Promise<boolean> {
      calls.push('claim');
      if (now - (looks.get(payment_no) ?? 0) < BETWEEN_LOOKS_MS) return false;
      looks.set(payment_no, now);
      return true;
    },
  } satisfies OrderStore & Record<string, unknown>;

  const dueItems = (now: string): readonly [string, Stored, Debt][] =>
    [...items].flatMap(([key, item]) =>
      item.debt?.kind === 'check' && item.debt.due <= Date.parse(now) ? [[key, item, item.debt]] : [],
    );

  return {
    ...store,
    /** The calls so far. */
    calls,
    /** The changes that were applied. */
    changes,
    seed,
    /** An order as it is stored now. @throws Error when there is none */
    stored: ({ order_no }: { readonly order_no: string }): Snapshot => {
      const found = snapshot(order_no);
      if (!found) throw new Error(`there is no ${order_no}`);
      return found;
    },
    /** Whatever is stored, of all orders. */
    count: (kind: RecordKind): number => [...items.values()].filter((item) => item.kind === kind).length,
    entries: ({ order_no }: { readonly order_no: string }) => recordsOf<BookedEntry>('entry', order_no),
    /** What the items of an order owe, as `ORDER: check` with the time. */
    debts: ({ order_no }: { readonly order_no: string }): Record<string, string> =>
      Object.fromEntries(
        [...items].flatMap(([key, { record, debt }]) =>
          debt && record['order_no'] === order_no
            ? [[key.slice(order_no.length + 1), `${debt.kind} ${new Date(debt.due).toISOString()}`]]
            : [],
        ),
      ),
    /** Something happens just before the next reading or writing takes effect; the n-th call meets the n-th. */
    before: (call: 'read' | 'write', ...happenings: readonly Interruption[]): void => {
      interruptions[call].push(...happenings);
    },
    /** The checks of the sweep. */
    work: {
      async listDueChecks(now: string): Promise<DueCheck[]> {
        return dueItems(now).map(([, { kind, record }, { due }]): DueCheck => {
          const work_due = new Date(due).toISOString();
          if (kind === 'payment') return { type: 'payment', work_due, payment: record as unknown as Payment };
          if (kind === 'refund') return { type: 'refund', work_due, refund: record as unknown as Refund };
          if (kind === 'dispute') return { type: 'dispute', work_due, dispute: record as unknown as Dispute };
          if (kind === 'shipping')
            return { type: 'shipping', work_due, shipping: record as unknown as Shipping };
          return { type: 'deadline', work_due, order_no: String(record['order_no']) };
        });
      },
      async postpone(check: DueCheck, work_due: string): Promise<boolean> {
        return settleDebt(check, { kind: 'check', due: Date.parse(work_due) });
      },
      async clear(check: DueCheck): Promise<void> {
        settleDebt(check, null);
      },
    },
  };

  function settleDebt(check: DueCheck, debt: Debt | null): boolean {
    const key = keyOfCheck(check);
    const item = items.get(key);
    if (item?.debt?.kind !== 'check' || item.debt.due !== Date.parse(check.work_due)) return false;
    items.set(key, { ...item, debt });
    return true;
  }
}

type Interruption = () => unknown;

function keyOf(write: ItemWrite, of?: string): string {
  if ('put' in write) return keyOfPut(write);
  const order_no = of ?? '';
  if ('check' in write) {
    if (write.check === 'order') return `${order_no} order`;
    if (write.check === 'payment') return `${order_no} payment ${write.of}`;
    throw new Error('a change checks what it cannot');
  }
  switch (write.update) {
    case 'order':
      return `${order_no} order`;
    case 'suspense':
      return `${order_no} suspense ${write.of.n} ${write.of.transaction_id}`;
    case 'payment':
    case 'refund':
      return `${order_no} ${write.update} ${write.of}`;
    case 'return':
      return `${order_no} return ${write.of.payment} ${write.of.return_id}`;
    case 'dispute':
      return `${order_no} dispute ${write.of.dispute_id}`;
    case 'shipping':
      return `${order_no} shipping`;
    case 'exception':
      return keyOfException(order_no, write.of);
  }
}

function keyOfPut(put: Put): string {
  switch (put.put) {
    case 'order':
      return `${put.record.order_no} order`;
    case 'payment':
    case 'refund':
      return `${put.record.order_no} ${put.put} ${put.record.n}`;
    case 'suspense':
      return `${put.record.order_no} suspense ${put.record.n} ${put.record.transaction_id}`;
    case 'entry':
      return `${put.record.order_no} entry ${put.record.kind} ${put.record.reference}`;
    case 'return':
      return `${put.record.order_no} return ${put.record.payment} ${put.record.return_id}`;
    case 'dispute':
      return `${put.record.order_no} dispute ${put.record.dispute_id}`;
    case 'shipping':
      return `${put.record.order_no} shipping`;
    case 'exception':
      return keyOfException(put.record.order_no, put.record);
    case 'idempotency':
      return `key ${JSON.stringify([put.record.operation, put.record.subject, put.record.key])}`;
  }
}

const keyOfException = (order_no: string | null, exception: ExceptionIdentity): string =>
  `${order_no} exception ${exceptionId(exception)}`;

function keyOfCheck(check: DueCheck): string {
  switch (check.type) {
    case 'payment':
      return `${check.payment.order_no} payment ${check.payment.n}`;
    case 'refund':
      return `${check.refund.order_no} refund ${check.refund.n}`;
    case 'dispute':
      return `${check.dispute.order_no} dispute ${check.dispute.dispute_id}`;
    case 'shipping':
      return `${check.shipping.order_no} shipping`;
    case 'deadline':
      return `${check.order_no} order`;
  }
}

function holds(write: ItemWrite, stored: Stored | undefined): boolean {
  if ('put' in write) {
    return stored === undefined || (write.replaces !== undefined && agrees(stored.record, write.replaces));
  }
  return stored !== undefined && agrees(stored.record, write.expects);
}

const agrees = (record: Fields, expects: Expectation): boolean =>
  Object.entries(expects).every(([field, expected]) => {
    const value = record[field];
    if (typeof expected !== 'object') return value === expected;
    if ('in' in expected) return expected.in.some((one) => one === value);
    if ('not' in expected) return value !== expected.not;
    return typeof value === 'string' && value <= expected.atMost;
  });

const refusalOf = (stored: Stored | undefined): Refusal =>
  stored && ['order', 'payment', 'idempotency'].includes(stored.kind) ? { [stored.kind]: stored.record } : {};

function updated(stored: Stored, { set, books, owes }: Update): Stored {
  const { record } = stored;
  const booking = books && { ...books, credit: books.credit ?? record['payee'] };
  return {
    ...stored,
    record: {
      ...record,
      ...set,
      ...(booking && { booking }),
      version: Number(record['version']) + 1,
    },
    debt: owes === undefined ? stored.debt : owes,
  };
}

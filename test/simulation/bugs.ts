import type { AnnounceContext } from '../../lib/notifications/announce.ts';
import type { EventStore } from '../../lib/orders/apply-event.ts';
import type { ProviderGateway } from '../../lib/orders/provider-gateway.ts';
import { orderKey, workShard } from '../../lib/store/keys.ts';
import type { InvariantName } from './invariants.ts';
import type { Task } from './scheduler.ts';
import type { Write } from './table/memory-table.ts';

/** A deliberate mistake, made from outside of the code under test, that a check must find. */
export interface Bug {
  readonly says: string;
  /** Under which names it is found, one of them at least. */
  readonly breaks: readonly [InvariantName, ...InvariantName[]];
  /** Alters a write on its way to the table; null leaves it out. `keys` are all the sort keys that it comes with. */
  readonly rewrite?: (write: Write, sk: string, keys: readonly string[]) => Write | null;
  /** Alters a refusal on its way back; null makes it a success. */
  readonly alterError?: (error: Error, task: Task, afterLostReply: boolean) => Error | null;
  readonly wrapEventStore?: (store: EventStore) => EventStore;
  readonly wrapGateway?: (gateway: ProviderGateway) => ProviderGateway;
  readonly wrapAnnounce?: (context: AnnounceContext) => AnnounceContext;
  readonly answersEarly?: boolean;
  readonly acceptsForged?: boolean;
}

let counter = 0;
const anotherOne = () => `${++counter}`;

const values = ({ ExpressionAttributeValues = {} }: Write) => ExpressionAttributeValues;
const isSettling = (write: Write, status: string) => values(write)[':to_status'] === status;
const without = (write: Write, condition: string): Write => ({
  ...write,
  ConditionExpression: write.ConditionExpression?.replace(condition, ''),
});
const unconditional = (write: Write): Write => ({ ...write, ConditionExpression: 'attribute_exists(pk)' });
const withItem = (write: Write, changes: object): Write => ({
  ...write,
  Item: { ...write.Item, ...changes },
});

export const bugs = {
  lost_condition: {
    says: 'an order is paid without the condition that it is payable',
    breaks: ['booked_once', 'nothing_owed', 'paid_once'],
    rewrite: (write) => (isSettling(write, 'paid') ? unconditional(write) : write),
  },
  missing_amount_check: {
    says: 'the amount of a payment is not compared with the order',
    breaks: ['paid_once'],
    rewrite: (write) => without(write, ' AND #amount = :is_amount'),
  },
  missing_provider_check: {
    says: 'the provider of a payment is not compared with the order',
    breaks: ['nothing_invented'],
    rewrite: (write) => without(write, ' AND #provider = :is_provider'),
  },
  answer_before_write: {
    says: 'a callback is acknowledged before anything is stored',
    breaks: ['success_is_stored'],
    answersEarly: true,
  },
  non_unique_entry: {
    says: 'a payment is booked under a new key each time',
    breaks: ['paid_once'],
    rewrite: (write, sk) => {
      if (sk === 'ENTRY#PAYMENT') return withItem(write, { sk: `${sk}#${anotherOne()}` });
      return isSettling(write, 'paid') ? unconditional(write) : write;
    },
  },
  float_money: {
    says: 'amounts are made by multiplying a fraction',
    breaks: ['integer_money'],
    rewrite: (write, sk) =>
      sk.startsWith('ENTRY#')
        ? withItem(write, { amount: (Number(write.Item?.['amount']) / 100) * 100 })
        : write,
  },
  late_failure_undoes_paid: {
    says: 'a failure is applied whatever state the order is in',
    breaks: ['paid_once', 'state_agrees'],
    rewrite: (write) => (isSettling(write, 'failed') ? unconditional(write) : write),
  },
  close_after_paid: {
    says: 'a close is applied whatever state the order is in',
    breaks: ['paid_once', 'state_agrees'],
    rewrite: (write) => (isSettling(write, 'closed') ? unconditional(write) : write),
  },
  exception_not_recorded: {
    says: 'money is put into suspense without a record of why',
    breaks: ['exception_recorded'],
    rewrite: (write, sk) => (write.Item && sk.startsWith('EXCEPTION#') ? null : write),
  },
  suspense_not_booked: {
    says: 'money that no order accounts for is recorded, but not booked',
    breaks: ['booked_once', 'success_is_stored'],
    rewrite: (write, sk) => (sk.startsWith('ENTRY#SUSPENSE#') ? null : write),
  },
  cleared_before_sent: {
    says: 'an announcement is no longer owed before it was sent',
    breaks: ['announced'],
    wrapAnnounce: (context) => ({
      ...context,
      send: async (content) => {
        for (const [, order_no = ''] of content.matchAll(/`([^`]+)`/g)) {
          await context.store.clearWork(orderKey(order_no), workShard('notify', order_no));
        }
        await context.send(content);
      },
    }),
  },
  announcement_not_owed: {
    says: 'a paid order owes no announcement',
    breaks: ['announced'],
    rewrite: (write) =>
      isSettling(write, 'paid')
        ? { ...write, UpdateExpression: write.UpdateExpression?.replace(', #work = :to_work', '') }
        : write,
  },
  announced_in_another_name: {
    says: 'an announcement names another order',
    breaks: ['nothing_invented'],
    wrapAnnounce: (context) => ({
      ...context,
      send: (content) => context.send(content.replace(/-\d+`/, '-404`')),
    }),
  },
  refund_without_reserve: {
    says: 'a refund is asked for without reserving its amount',
    breaks: ['refunds_bounded'],
    rewrite: (write, sk, keys) =>
      sk === 'ORDER' && keys.includes('KEY') && values(write)[':reserved'] !== undefined
        ? { ...write, ExpressionAttributeValues: { ...values(write), ':reserved': 0, ':status': 'paid' } }
        : write,
  },
  refund_under_new_number: {
    says: 'a refund that is asked for again gets another number',
    breaks: ['ledger_is_provider', 'refund_agrees'],
    wrapGateway: (gateway) => ({
      ...gateway,
      refund: (request) => gateway.refund({ ...request, refund_no: `${request.refund_no}-${anotherOne()}` }),
    }),
  },
  lost_reply_is_refusal: {
    says: 'a refusal after a lost reply is not told from one by somebody else',
    breaks: ['failure_changes_nothing'],
    alterError: (error, _task, afterLostReply) => (afterLostReply ? withoutItems(error) : error),
  },
  conflict_is_success: {
    says: 'a transaction that met a conflict counts as done',
    breaks: ['success_is_stored', 'booked_once'],
    alterError: (error) => (error.message === 'transaction_conflict' ? null : error),
  },
  forged_is_accepted: {
    says: 'messages are not verified',
    breaks: ['forged_is_refused'],
    acceptsForged: true,
  },
  idempotency_key_not_kept: {
    says: 'an idempotency key is stored where it is not found again',
    breaks: ['same_request_same_effect'],
    rewrite: (write, sk) => (sk === 'KEY' ? withItem(write, { pk: `LOST#${anotherOne()}` }) : write),
  },
  never_checked: {
    says: 'a payment that was begun is not asked about',
    breaks: ['state_agrees'],
    rewrite: (write, sk) =>
      sk === 'ORDER' && String(values(write)[':work'] ?? '').startsWith('check#')
        ? { ...write, ExpressionAttributeValues: { ...values(write), ':work': 'forgotten' } }
        : write,
  },
  never_done: {
    says: 'what was checked stays owed',
    breaks: ['nothing_owed'],
    rewrite: (write) => ({
      ...write,
      UpdateExpression: write.UpdateExpression?.replace(/ ?REMOVE.*/, '') || 'SET pk_ = pk',
    }),
  },
  unknown_error: {
    says: 'a message without a transaction is not expected',
    breaks: ['no_unknown_error'],
    wrapEventStore: (store) => ({
      ...store,
      settleOrder: async (event, ...rest) => {
        if (event.transaction_id === null) throw new TypeError('transaction_id is null');
        return store.settleOrder(event, ...rest);
      },
    }),
  },
} as const satisfies Record<string, Bug>;

export type BugName = keyof typeof bugs;

function withoutItems(error: Error): Error {
  const {
    Item: _item,
    CancellationReasons: reasons,
    ...rest
  } = error as Error & {
    Item?: unknown;
    CancellationReasons?: { Code: string }[];
  };
  const bare = Object.assign(new Error(error.message), rest, { name: error.name });
  return reasons ? Object.assign(bare, { CancellationReasons: reasons.map(({ Code }) => ({ Code })) }) : bare;
}

import { PutCommand, QueryCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { OWN_TENANT, TABLE_NAME } from '../documents.ts';
import type { Bug } from '../world.ts';
import { closingAndShippingBugs } from './closing-and-shipping.ts';
import { eventBugs } from './events.ts';
import {
  changeItems,
  changeParts,
  isQueryOf,
  type Part,
  partsOf,
  withoutConditions,
  withoutSetting,
  withValues,
} from './rewrite.ts';
import { takingForOurs, withAnswers, withGateway, withKeysOf, withMessages } from './runtime.ts';

/**
 * Mistakes planted for the world to find, each by wrapping what the functions are given: their client of the table,
 * their HTTP, their gateways. Nothing in `lib` is edited.
 */

const isOrder = ({ sk }: Part) => sk === 'ORDER';
const isPayment = ({ sk }: Part) => sk.startsWith('PAYMENT#');
const settles = (part: Part) => part.kind === 'Update' && isPayment(part) && part.sets['state'] === 'paid';
const handsOut = (part: Part) =>
  part.kind === 'Update' &&
  isPayment(part) &&
  typeof part.sets['handed_out'] === 'object' &&
  part.sets['handed_out'] !== null;
const supersedes = (part: Part) =>
  part.kind === 'Update' && isPayment(part) && part.sets['superseded'] === true;
const closes = (part: Part) => part.kind === 'Update' && isPayment(part) && part.sets['state'] === 'closed';

const booksReturn = ({ kind, sk }: Part) => kind === 'Put' && sk.startsWith('ENTRY#RETURN#');
const booksDispute = ({ kind, sk }: Part) => kind === 'Put' && sk.startsWith('ENTRY#DISPUTE#');

/** Writes more in a transaction that has a part of this kind. */
const adding =
  (isMeant: (part: Part, all: readonly Part[]) => boolean, more: (part: Part) => object) =>
  (command: object): object => {
    const parts = partsOf(command);
    const part = parts?.find((each) => isMeant(each, parts));
    if (!part || !(command instanceof TransactWriteCommand)) return command;
    const TransactItems = [...(command.input.TransactItems ?? []), more(part)];
    return new TransactWriteCommand({ TransactItems } as TransactWriteCommand['input']);
  };

/** The same item once more, under another key. */
const again = ({ write, sk }: Part) => ({ Put: { ...write, Item: { ...write.Item, sk: `${sk}0` } } });

/** Leaves conditions out of the writes that are meant. */
const unconditional = (
  isMeant: (part: Part, all: readonly Part[]) => boolean,
  ...fields: readonly string[]
) => changeParts((part, all) => (isMeant(part, all) ? withoutConditions(part.write, ...fields) : part.write));

/** Leaves the writes out that are meant. */
const omitting = (isMeant: (part: Part, all: readonly Part[]) => boolean) =>
  changeParts((part, all) => (isMeant(part, all) ? null : part.write));

const failing =
  (isMeant: (name: string, codes: readonly string[]) => boolean) => (error: Error, command: object) => {
    if (command instanceof QueryCommand) return error;
    const { CancellationReasons = [] } = error as { CancellationReasons?: { Code: string }[] };
    return isMeant(
      error.name,
      CancellationReasons.map(({ Code }) => Code),
    )
      ? null
      : error;
  };

export const bugs: readonly Bug[] = [
  // Closing and handing out.
  {
    name: 'close believed before expiry',
    runtime: withGateway(({ close }) => ({
      close: async (payment) => {
        const answer = await close(payment);
        return answer === 'absent' ? 'closed' : answer;
      },
    })),
    focus: { shopOrders: 2, tenants: 3, likely: ['races'], faults: ['provider_slow'] },
  },
  {
    name: 'prepay handed out after a change',
    table: { request: changeParts((part, all) => (all.some(handsOut) ? null : part.write)) },
    focus: { shopOrders: 3, tenants: 0, likely: ['races'], faults: ['provider_slow'] },
  },
  {
    name: 'superseded payment handed out',
    table: { request: unconditional(handsOut, 'superseded', 'state', 'version') },
    focus: { shopOrders: 3, tenants: 0, likely: ['races'], faults: ['provider_slow'] },
  },
  {
    name: 'being paid taken for closed',
    runtime: withGateway(({ close }) => ({
      close: async (payment) => {
        const answer = await close(payment);
        return answer === 'not_closed' ? 'closed' : answer;
      },
    })),
    focus: { shopOrders: 3, tenants: 0, likely: ['changes', 'silence'] },
  },
  {
    name: 'paid is not final',
    table: {
      request: unconditional(
        (_, all) => all.some((part) => closes(part) || supersedes(part)),
        'version',
        'state',
      ),
    },
    focus: {
      shopOrders: 3,
      tenants: 2,
      likely: ['races', 'late_takers'],
      faults: ['provider_slow'],
    },
  },
  {
    name: 'order changed by an old reading',
    table: { request: unconditional((part) => part.kind === 'Update' && isOrder(part), 'version') },
    focus: { shopOrders: 3, tenants: 0, likely: ['races', 'late_takers'], faults: ['provider_slow'] },
  },
  {
    name: 'page kept past its life',
    runtime: withGateway(({ createPayment }) => ({
      createPayment: async (request) => {
        const made = await createPayment(request);
        return made.outcome === 'created'
          ? { ...made, handed_out: { ...made.handed_out, good_until: '2099-01-01T00:00:00.000Z' } }
          : made;
      },
    })),
    focus: { shopOrders: 3, tenants: 0 },
  },
  {
    name: 'next payment under the same number',
    table: {
      request: changeParts((part) =>
        part.kind === 'Put' && isPayment(part) && part.write.Item
          ? { ...part.write, Item: { ...part.write.Item, payment_no: part.write.Item['order_no'] } }
          : part.write,
      ),
    },
    focus: { shopOrders: 3, tenants: 0, likely: ['changes'] },
  },
  {
    name: 'payment takes another amount',
    runtime: withGateway(({ createPayment }) => ({
      createPayment: (request) => createPayment({ ...request, amount: request.amount + 1 }),
    })),
  },
  {
    name: 'provider takes it longer than the order',
    runtime: withGateway(({ createPayment }) => ({
      createPayment: (request) =>
        createPayment({
          ...request,
          expires_at: new Date(Date.parse(request.expires_at) + 3_600_000).toISOString(),
        }),
    })),
    focus: { shopOrders: 0, tenants: 3 },
  },

  // Settling.
  {
    name: 'unnamed booked again',
    table: {
      answer: changeItems((item) =>
        item['state'] === 'paid' && item['transaction_id'] === null
          ? { ...item, transaction_id: 'not-named' }
          : item,
      ),
    },
    focus: { likely: ['relays'], shopOrders: 3 },
  },
  {
    name: 'transaction not named',
    table: {
      request: omitting(
        (part) =>
          part.kind === 'Update' &&
          isPayment(part) &&
          typeof part.sets['transaction_id'] === 'string' &&
          part.sets['state'] === undefined,
      ),
    },
    focus: { likely: ['relays'], shopOrders: 3 },
  },
  {
    name: 'merchant not compared',
    table: { request: unconditional(settles, 'merchant') },
    focus: { shopOrders: 0, tenants: 6, likely: ['misstatements', 'silence', 'own_tenants', 'eager_payers'] },
  },
  {
    name: 'merchant not looked for',
    runtime: (runtime) => ({
      ...runtime,
      merchants: (faces) => {
        const merchants = runtime.merchants(faces);
        return { ...merchants, find: (provider) => merchants.current(provider, null) };
      },
    }),
    focus: { shopOrders: 2, tenants: 3, likely: ['merchant_change'] },
  },
  {
    name: 'own merchant not found, and the stage paid in its place',
    runtime: (runtime) => ({
      ...runtime,
      merchants: (faces) => {
        const merchants = runtime.merchants(faces);
        const current: typeof merchants.current = async (provider, tenant_id) =>
          (await merchants.current(provider, tenant_id)) ?? merchants.current(provider, null);
        return { ...merchants, current };
      },
    }),
    focus: { shopOrders: 1, tenants: 6, likely: ['own_tenants', 'drops'] },
  },
  {
    name: 'paid to the stage, whoever a tenant is',
    runtime: (runtime) => ({
      ...runtime,
      merchants: (faces) => {
        const merchants = runtime.merchants(faces);
        return { ...merchants, current: (provider) => merchants.current(provider, null) };
      },
    }),
    focus: { shopOrders: 0, tenants: 4, likely: ['own_tenants'] },
  },
  {
    name: 'register read as empty',
    table: {
      answer: (answer, command) =>
        command instanceof QueryCommand &&
        Object.values(command.input.ExpressionAttributeValues ?? {}).includes('TENANTS')
          ? { ...answer, Items: [] }
          : answer,
    },
    focus: { shopOrders: 0, tenants: 4, likely: ['own_tenants'] },
  },
  {
    name: "the stage's keys taken at a tenant's address",
    runtime: withKeysOf((tenant_id) => (tenant_id === null ? [null] : [tenant_id, null])),
    focus: { shopOrders: 2, tenants: 3, likely: ['crossing', 'relays'] },
  },
  {
    name: "a tenant's keys taken at the stage's address",
    runtime: withKeysOf((tenant_id) => (tenant_id === null ? [null, OWN_TENANT] : [tenant_id])),
    focus: { shopOrders: 0, tenants: 5, likely: ['own_tenants', 'crossing', 'relays'] },
  },
  {
    name: 'a message that names another merchant is of whose key signed it',
    runtime: withMessages((event) => ({ ...event, merchant: event.merchant.split('/')[0] ?? '' })),
    focus: { shopOrders: 3, tenants: 2, likely: ['misstatements'] },
  },
  {
    name: 'kept documents not read',
    unread: (name) => name.startsWith('merchants/'),
    focus: { shopOrders: 3, tenants: 3, likely: ['merchant_change', 'silence'] },
  },
  {
    name: 'a merchant of before asked as the one in its place',
    runtime: (runtime) => ({
      ...runtime,
      merchants: (faces) => {
        const merchants = runtime.merchants(faces);
        const find: typeof merchants.find = async (provider, name) => {
          const current = await merchants.current(provider, null);
          const own = await merchants.current(provider, OWN_TENANT);
          const found = [current, own].find((merchant) => merchant?.name === name);
          return found ?? current;
        };
        return { ...merchants, find };
      },
    }),
    focus: { shopOrders: 3, tenants: 3, likely: ['merchant_change', 'silence'] },
  },
  {
    name: 'a document that cannot be read taken for none',
    runtime: (runtime) => ({
      ...runtime,
      merchants: (faces) => {
        const merchants = runtime.merchants(faces);
        return {
          ...merchants,
          find: (provider, name) => merchants.find(provider, name).catch(() => null),
        };
      },
    }),
    focus: { shopOrders: 3, tenants: 2, faults: ['secrets_unavailable', 'cold_start'] },
  },
  {
    name: 'appid not compared',
    table: { request: unconditional(settles, 'appid') },
    runtime: withMessages((event) => {
      if (event.type === 'dispute' || 'refund_no' in event) return event;
      const { appid: _appid, ...rest } = event;
      return rest;
    }),
    focus: { shopOrders: 5, tenants: 0, likely: ['misstatements', 'silence', 'eager_payers'] },
  },
  {
    name: "paid in the merchant's usual program, whichever the order names",
    runtime: withGateway(({ createPayment }) => ({
      createPayment: (payment) => createPayment({ ...payment, appid: null }),
    })),
    focus: { shopOrders: 3, tenants: 0 },
  },
  {
    name: 'amount not compared',
    runtime: withMessages((event) => {
      const { amount: _amount, currency: _currency, ...rest } = event;
      return rest as typeof event;
    }),
    focus: { shopOrders: 3, tenants: 2, likely: ['misstatements'] },
  },
  {
    name: 'spent number accepted',
    table: {
      request: unconditional(settles, 'begun_at'),
      answer: changeItems((item) =>
        item['begun_at'] ? { ...item, begun_at: '2000-01-01T00:00:00.000Z' } : item,
      ),
    },
    focus: { shopOrders: 3, tenants: 0, likely: ['old_numbers'] },
  },
  {
    name: 'what people gave back is booked again as the payment',
    table: { request: unconditional((part, all) => isOrder(part) && all.some(settles), 'has_suspense') },
    focus: { shopOrders: 3, tenants: 3, likely: ['misstatements', 'relays', 'eager_payers'] },
  },
  {
    name: 'order paid whatever its state',
    table: {
      request: unconditional(
        (part, all) => isOrder(part) && all.some(settles),
        'status',
        'version',
        'payment',
      ),
    },
    focus: {
      shopOrders: 1,
      tenants: 3,
      likely: ['races', 'eager_payers', 'late_takers'],
      faults: ['provider_slow'],
    },
  },
  {
    name: 'a crash between two steps loses the payment',
    table: { splits: (command) => Boolean(partsOf(command)?.some(settles)) },
    focus: { shopOrders: 3, tenants: 1, faults: ['function_dies', 'db_server_error'] },
  },
  {
    name: 'entry missing',
    table: {
      request: changeParts((part) =>
        settles(part) ? withoutSetting(part.write, 'debit', 'credit', 'booked_at') : part.write,
      ),
    },
  },
  {
    name: 'booked to an account without its merchant',
    table: {
      request: changeParts((part) =>
        withValues(part.write, (value) =>
          typeof value === 'string' ? value.replace(/^provider:(\w+)\.[^#]+/, 'provider:$1') : value,
        ),
      ),
    },
  },
  {
    name: 'suspense credited to the owner',
    table: {
      request: changeParts((part) =>
        withValues(part.write, (value) =>
          typeof value === 'string' && value.startsWith('suspense:') ? 'shop:mall#0' : value,
        ),
      ),
    },
    focus: { shopOrders: 3, likely: ['races', 'eager_payers', 'late_takers'], faults: ['provider_slow'] },
  },
  {
    name: 'further transaction not booked',
    table: { request: omitting(({ sk }) => sk.startsWith('SUSPENSE#')) },
    focus: { likely: ['second_transactions'], shopOrders: 3 },
  },
  {
    name: 'exception not recorded',
    table: { request: omitting(({ kind, sk }) => kind === 'Put' && sk.startsWith('EXCEPTION#')) },
    focus: { likely: ['misstatements', 'old_numbers'], shopOrders: 3 },
  },
  {
    name: 'acknowledged and not stored',
    table: {
      request: (command, { name }) =>
        name.endsWith('callback') && partsOf(command)?.some(settles) ? null : command,
    },
    focus: { likely: ['relays'], tenants: 3, shopOrders: 3 },
  },
  {
    name: 'failure undoes paid',
    table: {
      request: changeParts((part) =>
        part.kind === 'Update' && part.sets['state'] === 'failed'
          ? withoutConditions(part.write, 'version', 'state')
          : part.write,
      ),
      answer: changeItems((item) => (item['state'] === 'paid' ? { ...item, state: 'open' } : item)),
    },
    focus: { shopOrders: 3, likely: ['relays'] },
  },

  // What DynamoDB says.
  {
    name: 'conflict taken for done',
    table: { error: failing((_, codes) => codes.includes('TransactionConflict')) },
    focus: { shopOrders: 3, faults: ['db_conflict', 'db_cancelled_mixed'] },
  },
  {
    name: 'time-out taken for done',
    table: { error: failing((name) => name === 'TimeoutError') },
    focus: { shopOrders: 3, faults: ['db_request_lost'] },
  },
  {
    name: 'throttling taken for done',
    table: {
      error: failing(
        (name) =>
          name.startsWith('Throttling') || name.startsWith('Provisioned') || name === 'RequestLimitExceeded',
      ),
    },
    focus: { shopOrders: 3, faults: ['db_throttled'] },
  },

  // The sweep.
  {
    name: 'sweep skips superseded payments',
    table: {
      answer: (answer, command, instance) =>
        isQueryOf(command, 'work')
          ? changeItems((item) => (item['superseded'] === true ? null : item))(answer, command, instance)
          : answer,
    },
    focus: {
      shopOrders: 3,
      tenants: 2,
      likely: ['races', 'silence'],
      faults: ['provider_slow', 'provider_request_lost'],
    },
  },
  {
    name: 'deadline dropped',
    table: {
      answer: (answer, command, instance) =>
        isQueryOf(command, 'work')
          ? changeItems((item) =>
              String(item['pk']).startsWith('ORDER#p') &&
              String(item['sk']).startsWith('PAYMENT#') &&
              String(item['work']).startsWith('check#')
                ? null
                : item,
            )(answer, command, instance)
          : answer,
    },
    focus: { shopOrders: 0, tenants: 3 },
  },
  {
    name: 'closed payment of an order with time left leaves work',
    table: {
      request: changeParts((part) =>
        closes(part)
          ? {
              ...part.write,
              UpdateExpression: `${withoutSetting(part.write, 'work', 'work_due').UpdateExpression?.split(' REMOVE ')[0]} REMOVE work, work_due`,
            }
          : part.write,
      ),
    },
    focus: { shopOrders: 0, tenants: 3, likely: ['early_closing'] },
  },
  {
    name: 'beginning a payment owes no check',
    table: {
      request: changeParts((part) => {
        if (part.kind !== 'Put' || !isPayment(part) || !part.write.Item) return part.write;
        const { work: _work, work_due: _due, ...Item } = part.write.Item;
        return { ...part.write, Item };
      }),
    },
    focus: { shopOrders: 3, likely: ['silence'] },
  },
  {
    name: 'refunds are not looked after',
    table: {
      answer: (answer, command, instance) =>
        isQueryOf(command, 'work')
          ? changeItems((item) => (String(item['sk']).startsWith('REFUND#') ? null : item))(
              answer,
              command,
              instance,
            )
          : answer,
    },
    focus: { shopOrders: 3, likely: ['refunds', 'silence', 'eager_payers'] },
  },

  // Refunds.
  {
    name: 'refund booked twice',
    table: {
      request: adding(({ kind, sk }) => kind === 'Put' && sk.startsWith('ENTRY#REFUND#'), again),
    },
    focus: { shopOrders: 3, likely: ['refunds', 'eager_payers'] },
  },
  {
    name: 'refund under a new number each time',
    runtime: (() => {
      let count = 0;
      return withGateway(({ refund, queryRefund }) => ({
        refund: (request) => {
          count += 1;
          return refund({ ...request, refund_no: `${request.refund_no}${count}` });
        },
        queryRefund,
      }));
    })(),
    focus: { shopOrders: 3, likely: ['refunds', 'eager_payers'], faults: ['provider_reply_lost'] },
  },
  {
    name: 'refund reserves nothing',
    table: {
      request: changeParts((part) =>
        part.kind === 'Update' && part.sets['reserved'] !== undefined
          ? withoutSetting(part.write, 'reserved')
          : part.write,
      ),
    },
    focus: { shopOrders: 3, likely: ['refunds', 'eager_payers'] },
  },
  {
    name: 'refund sent back is not booked back',
    table: {
      request: (command) =>
        partsOf(command)?.some(
          ({ kind, sk, write }) =>
            kind === 'Put' &&
            sk.startsWith('ENTRY#REFUND#') &&
            String(write.Item?.['debit']).startsWith('provider:'),
        )
          ? null
          : command,
    },
    focus: { shopOrders: 0, tenants: 3, likely: ['refunds', 'eager_payers', 'stripe'] },
  },
  {
    name: 'refund entry missing',
    table: { request: omitting(({ kind, sk }) => kind === 'Put' && sk.startsWith('ENTRY#REFUND#')) },
    focus: { shopOrders: 3, likely: ['refunds', 'eager_payers'] },
  },
  {
    name: 'refund of another amount',
    runtime: withGateway(({ refund }) => ({
      refund: (request) => refund({ ...request, amount: Math.max(1, request.amount - 1) }),
    })),
    focus: { shopOrders: 3, likely: ['refunds', 'eager_payers'] },
  },

  // What moves without being asked for.
  {
    name: 'return booked twice when named after a sum',
    table: {
      request: adding(
        (part, all) => part.kind === 'Put' && part.sk.startsWith('RETURN#') && !all.some(booksReturn),
        ({ write, sk }) => ({
          Put: {
            ...write,
            Item: {
              ...write.Item,
              sk: `ENTRY#${sk}`,
              transaction_id: null,
              debit: `suspense:${write.Item?.['provider']}.${write.Item?.['merchant']}#0`,
              credit: `provider:${write.Item?.['provider']}.${write.Item?.['merchant']}#0`,
            },
          },
        }),
      ),
    },
    focus: { shopOrders: 0, tenants: 3, likely: ['stripe', 'console_refunds', 'eager_payers'] },
  },
  {
    name: 'return leaves as much to be refunded as before',
    table: {
      request: changeParts((part, all) =>
        part.kind === 'Update' && all.some(booksReturn) ? withoutSetting(part.write, 'returned') : part.write,
      ),
    },
    focus: { shopOrders: 3, tenants: 3, likely: ['console_refunds', 'eager_payers'] },
  },
  {
    name: 'return that comes again is ignored',
    table: {
      request: (command) =>
        partsOf(command)?.some(
          (part) => booksReturn(part) && String(part.write.Item?.['debit']).startsWith('provider:'),
        )
          ? null
          : command,
    },
    focus: { shopOrders: 0, tenants: 3, likely: ['stripe', 'console_refunds', 'eager_payers'] },
  },
  {
    name: 'return is told to nobody',
    table: {
      request: omitting(({ kind, sk }) => kind === 'Put' && sk.startsWith('EXCEPTION#unknown_refund#')),
    },
    focus: { shopOrders: 3, tenants: 3, likely: ['console_refunds', 'eager_payers'] },
  },
  {
    name: 'return of an unknown amount is ignored',
    runtime: withAnswers((event) => {
      if (event.returned !== 'unknown') return event;
      const { returned: _returned, ...rest } = event;
      return rest;
    }),
    focus: { shopOrders: 3, tenants: 2, likely: ['console_refunds', 'silence', 'eager_payers'] },
  },
  {
    name: 'what is given back is taken for plain paid',
    runtime: withAnswers(({ returned: _returned, ...event }) => event),
    focus: { shopOrders: 2, tenants: 3, likely: ['console_refunds', 'silence', 'eager_payers'] },
  },
  {
    name: 'console refund taken for ours by its amount',
    runtime: takingForOurs(),
    focus: { shopOrders: 3, tenants: 3, likely: ['console_refunds', 'refunds', 'eager_payers'] },
  },
  {
    name: 'sum in all taken for what has just gone back',
    runtime: withMessages((event) =>
      'total' in event && event.total !== undefined && event.refund_id === null
        ? { ...event, refund_no: null, refund_id: `sum-${event.total}`, amount: event.total }
        : event,
    ),
    focus: { shopOrders: 0, tenants: 3, likely: ['console_refunds', 'eager_payers'] },
  },
  {
    name: 'abnormal refund taken for failed',
    runtime: withMessages((event) =>
      event.type === 'refund_abnormal' ? { ...event, type: 'refund_failed' } : event,
    ),
    focus: { shopOrders: 3, tenants: 1, likely: ['refunds', 'eager_payers'] },
  },
  {
    name: 'failed refund is told to nobody',
    table: {
      request: omitting(({ kind, sk }) => kind === 'Put' && sk.startsWith('EXCEPTION#refund_failed#')),
    },
    focus: { shopOrders: 3, tenants: 1, likely: ['refunds', 'eager_payers'] },
  },
  {
    name: 'dispute movement booked twice',
    table: { request: adding(booksDispute, again) },
    focus: { shopOrders: 0, tenants: 3, likely: ['stripe', 'disputes', 'eager_payers'] },
  },
  {
    name: 'dispute fee not booked',
    table: { request: omitting(({ kind, sk }) => kind === 'Put' && sk.startsWith('ENTRY#FEE#')) },
    focus: { shopOrders: 0, tenants: 3, likely: ['stripe', 'disputes', 'eager_payers'] },
  },
  {
    name: 'what a won dispute gives back is ignored',
    table: {
      request: omitting(
        (part) => booksDispute(part) && String(part.write.Item?.['debit']).startsWith('provider:'),
      ),
    },
    focus: { shopOrders: 0, tenants: 3, likely: ['stripe', 'disputes', 'eager_payers'] },
  },
  {
    name: 'dispute closes the order',
    table: {
      request: adding(
        ({ kind, sk }) => kind === 'Put' && sk.startsWith('DISPUTE#'),
        ({ pk }) => ({
          Update: {
            TableName: TABLE_NAME,
            Key: { pk, sk: 'ORDER' },
            UpdateExpression: 'SET #status = :closed',
            ConditionExpression: 'attribute_exists(pk)',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: { ':closed': 'closed' },
          },
        }),
      ),
    },
    focus: { shopOrders: 0, tenants: 3, likely: ['stripe', 'disputes', 'eager_payers'] },
  },
  {
    name: 'dispute goes back to open',
    runtime: withMessages((event) => (event.type === 'dispute' ? { ...event, state: 'open' } : event)),
    focus: { shopOrders: 0, tenants: 3, likely: ['stripe', 'disputes', 'eager_payers'] },
  },
  {
    name: 'nobody is reminded of a dispute',
    table: {
      request: changeParts((part) => {
        if (part.kind !== 'Put' || !part.sk.startsWith('DISPUTE#') || !part.write.Item) return part.write;
        const { work: _work, work_due: _due, ...Item } = part.write.Item;
        return { ...part.write, Item };
      }),
    },
    focus: { shopOrders: 0, tenants: 3, likely: ['stripe', 'disputes', 'eager_payers'] },
  },
  {
    name: 'disputed payment is refunded',
    table: {
      answer: (answer, command, instance) =>
        instance.name === 'refund'
          ? changeItems((item) => (String(item['sk']).startsWith('DISPUTE#') ? null : item))(
              answer,
              command,
              instance,
            )
          : answer,
    },
    focus: { shopOrders: 0, tenants: 3, likely: ['stripe', 'disputes', 'refunds', 'eager_payers'] },
  },

  // Telling.
  {
    name: 'announcement cleared before it is sent',
    network: {
      answer: (answer, { url }) =>
        url.host === 'qyapi.weixin.qq.com' ? { ...answer, body: '{"errcode":0,"errmsg":"ok"}' } : answer,
    },
    focus: { shopOrders: 3, faults: ['wecom_refuses'] },
  },
  {
    name: 'paid order owes no announcement',
    table: {
      request: changeParts((part) =>
        settles(part) ? withoutSetting(part.write, 'work', 'work_due') : part.write,
      ),
    },
    focus: { shopOrders: 3 },
  },
  {
    name: 'exception owes no announcement',
    table: {
      request: changeParts((part) => {
        if (part.kind !== 'Put' || !part.sk.startsWith('EXCEPTION#') || !part.write.Item) return part.write;
        const { work: _work, work_due: _due, ...Item } = part.write.Item;
        return { ...part.write, Item };
      }),
    },
    focus: { shopOrders: 3, likely: ['old_numbers', 'misstatements'] },
  },
  {
    name: 'a token in the log',
    runtime: (runtime) => ({
      ...runtime,
      telemetry: {
        ...runtime.telemetry,
        log: (level, message, fields, details) =>
          runtime.telemetry.log(
            level,
            message,
            { ...fields, reason: 'Bearer eyJhbGciOiJIUzI1NiJ9' },
            details,
          ),
      },
    }),
  },

  // Callers.
  {
    name: 'idempotency key ignored',
    table: { request: omitting(({ pk }) => pk.startsWith('IDEMPOTENCY#')) },
    focus: { shopOrders: 0, tenants: 3, likely: ['repeated_keys'] },
  },
  {
    name: 'order replied and not stored',
    table: {
      request: (command, { name }) =>
        name === 'put-shop-order' && command instanceof PutCommand ? null : command,
    },
  },
  {
    name: 'change replied and not stored',
    table: {
      request: (command, { name }) =>
        name === 'put-shop-order' &&
        (command instanceof UpdateCommand || command instanceof TransactWriteCommand)
          ? null
          : command,
    },
    focus: { shopOrders: 3, likely: ['changes'] },
  },
  // Lists.
  {
    name: 'exception left out of the list',
    table: {
      answer: (answer, command, instance) =>
        isQueryOf(command, 'exception')
          ? changeItems((item) => (item['kind'] === 'number_spent' ? null : item))(answer, command, instance)
          : answer,
    },
    focus: { shopOrders: 3, likely: ['old_numbers'] },
  },
  {
    name: 'refund left out of the ledger',
    table: {
      answer: (answer, command, instance) =>
        isQueryOf(command, 'credit')
          ? changeItems((item) => (String(item['sk']).startsWith('ENTRY#') ? null : item))(
              answer,
              command,
              instance,
            )
          : answer,
    },
    focus: { shopOrders: 3, likely: ['refunds', 'eager_payers'] },
  },
  ...closingAndShippingBugs,
  ...eventBugs,
];

/**
 * The one table of what is deployed. CDK, the local gateway and the tests read it.
 * A function may touch what its line names and nothing else.
 */

import { type Provider, providers } from '../lib/orders/kinds.ts';
import type { IndexName } from '../lib/store/table.ts';

export const documentNames = ['auth', ...providers, 'wecom'] as const;

export type DocumentName = (typeof documentNames)[number];

/** How a callback can come: as the provider's own message, or as the flat body of a relay. */
export type MessageForm = Provider | 'flat';

/** DynamoDB actions on the table itself. A transaction needs the action of each of its parts. */
export type TableAction =
  | 'GetItem'
  | 'BatchGetItem'
  | 'PutItem'
  | 'UpdateItem'
  | 'ConditionCheckItem'
  | 'Query';

/** SQS actions on the queue of days that are to be reconciled. Whoever takes messages out needs the last three. */
export type QueueAction = 'SendMessage' | 'ReceiveMessage' | 'DeleteMessage' | 'GetQueueAttributes';

/** What settling takes: an order is read as a whole, and written on condition of what was read. */
const settling = ['Query', 'PutItem', 'UpdateItem', 'ConditionCheckItem'] as const satisfies TableAction[];

export interface FunctionDefinition {
  /** Also the name of its file in `functions/`. */
  readonly name: string;
  readonly documents: readonly DocumentName[];
  readonly table: readonly TableAction[];
  /** The indexes that it may query. */
  readonly indexes?: readonly IndexName[];
  readonly queue?: readonly QueueAction[];
}

export interface Endpoint extends FunctionDefinition {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  /** Set for the addresses that are entered at a provider: the forms that it takes. */
  readonly callback?: readonly MessageForm[];
}

const endpointTable = [
  {
    name: 'checkout',
    method: 'POST',
    path: '/api/pay/checkout',
    documents: ['auth', ...providers],
    table: settling,
  },
  {
    name: 'alipay-callback',
    method: 'POST',
    path: '/api/pay/callback/alipay',
    callback: ['alipay', 'flat'],
    documents: ['alipay'],
    table: settling,
  },
  {
    name: 'stripe-callback',
    method: 'POST',
    path: '/api/pay/callback/stripe',
    callback: ['stripe', 'flat'],
    documents: ['stripe'],
    table: settling,
  },
  {
    name: 'wechat-callback',
    method: 'POST',
    path: '/api/pay/callback/wechat',
    callback: ['wechat', 'flat'],
    documents: ['wechat'],
    table: settling,
  },
  {
    name: 'get-order',
    method: 'GET',
    path: '/api/pay/orders/{order_no}',
    documents: ['auth', ...providers],
    table: settling,
  },
  {
    name: 'refund',
    method: 'POST',
    path: '/api/pay/refund',
    documents: ['auth', ...providers],
    table: ['GetItem', 'Query', 'PutItem', 'UpdateItem'],
  },
  {
    name: 'get-ledger',
    method: 'GET',
    path: '/api/pay/ledger/{account}',
    documents: ['auth'],
    table: [],
    indexes: ['debit', 'credit'],
  },
  {
    name: 'list-exceptions',
    method: 'GET',
    path: '/api/pay/exceptions',
    documents: ['auth'],
    table: [],
    indexes: ['exception'],
  },
  {
    name: 'list-reconciliations',
    method: 'GET',
    path: '/api/pay/reconciliations',
    documents: ['auth'],
    table: ['BatchGetItem'],
    indexes: ['listing'],
  },
  {
    name: 'resolve-exception',
    method: 'POST',
    path: '/api/pay/exceptions/{id}/resolve',
    documents: ['auth', ...providers],
    table: ['Query', 'PutItem', 'UpdateItem'],
  },
  {
    name: 'repair-refund',
    method: 'POST',
    path: '/api/pay/refunds/{refund_no}/repair',
    documents: ['auth', ...providers],
    table: ['Query', 'PutItem', 'UpdateItem'],
  },
  {
    name: 'put-shop-order',
    method: 'PUT',
    path: '/v2/orders/{kind}/{id}',
    documents: ['auth', 'wechat'],
    table: settling,
  },
  {
    name: 'pay-mall-order',
    method: 'POST',
    path: '/v2/orders/mall/{id}/pay',
    documents: ['auth', 'wechat'],
    table: settling,
  },
  {
    name: 'pay-meal-order',
    method: 'POST',
    path: '/v2/orders/meal/{id}/pay',
    documents: ['auth', 'wechat'],
    table: settling,
  },
  {
    name: 'get-shop-order',
    method: 'GET',
    path: '/v2/orders/{kind}/{id}',
    documents: ['auth', 'wechat'],
    table: settling,
  },
  {
    name: 'wechat-notify',
    method: 'POST',
    path: '/v2/payments/notify',
    callback: ['wechat'],
    documents: ['wechat'],
    table: settling,
  },
] as const satisfies readonly Endpoint[];

export const endpoints: readonly Endpoint[] = endpointTable;

export type EndpointName = (typeof endpointTable)[number]['name'];

/** Where each provider's messages come in. */
export const callbackNames = {
  wechat: 'wechat-callback',
  alipay: 'alipay-callback',
  stripe: 'stripe-callback',
} as const satisfies Readonly<Record<Provider, EndpointName>>;

/** Reads the table's stream and tells WeCom. */
export const streamConsumer: FunctionDefinition = {
  name: 'notify-wecom',
  documents: ['wecom'],
  table: ['UpdateItem'],
};

/** Runs every minute: asks the providers about what is due, and tells WeCom what the stream consumer could not. */
export const sweep: FunctionDefinition = {
  name: 'sweep',
  documents: [...providers, 'wecom'],
  table: settling,
  indexes: ['work'],
};

/** Puts the days that are to be reconciled into the queue, every hour: a bill comes when it comes. */
export const reconciliationStart: FunctionDefinition = {
  name: 'start-reconciliation',
  documents: [...providers],
  table: ['BatchGetItem'],
  queue: ['SendMessage'],
};

/** Takes them out, one at a time, and puts one back that needs more than its time. */
export const queueConsumer: FunctionDefinition = {
  name: 'reconcile',
  documents: [...providers],
  table: [...settling, 'BatchGetItem'],
  indexes: ['debit', 'credit'],
  queue: ['SendMessage', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'],
};

/** Tells the group once a day what is open and how the days agreed. */
export const digest: FunctionDefinition = {
  name: 'send-digest',
  documents: ['wecom'],
  table: ['GetItem', 'BatchGetItem', 'PutItem'],
  indexes: ['exception', 'listing'],
};

export const functions: readonly FunctionDefinition[] = [
  ...endpoints,
  ...[streamConsumer, sweep, reconciliationStart, queueConsumer, digest],
];

/** The path of a provider's address. @throws Error when there is no such function */
export function endpointPath(name: string): string {
  const endpoint = endpoints.find((candidate) => candidate.name === name);
  if (!endpoint) throw new Error(`no endpoint named ${name}`);
  return endpoint.path;
}

/** `wechat-notify` → `WechatNotifyUrl`: the stack's output with the address that is entered at the provider. */
export function callbackOutput({ name }: Pick<Endpoint, 'name'>): string {
  const words = name.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join('')}Url`;
}

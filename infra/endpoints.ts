/**
 * The one table of what is deployed. CDK, the local gateway and the tests read it.
 * A function may touch what its line names and nothing else.
 */

import { type Provider, providers } from '../lib/orders/kinds.ts';
import type { DeliveryIndexName } from '../lib/store/delivery-table.ts';
import type { IndexName } from '../lib/store/table.ts';

/** The documents of a stage; only `auth` has to be there. */
export const documentNames = ['auth', ...providers, 'wecom', 'webhooks'] as const;

export type DocumentName = (typeof documentNames)[number];

/**
 * What a function may read: documents of the stage, `former`, what is kept of merchants of before at the providers that
 * it names, and `tenants`, what tenants have of their own.
 */
export type ReadableDocuments = DocumentName | 'former' | 'tenants';

/** The documents of whoever is or was paid at these providers: as the stage's merchant, or as anybody's. */
const stageMerchants = (...names: readonly Provider[]) => [...names, 'former'] as const;
const allMerchants = (...names: readonly Provider[]) => [...stageMerchants(...names), 'tenants'] as const;

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

/** SQS actions on a queue. Whoever takes messages out needs the last three. */
export type QueueAction = 'SendMessage' | 'ReceiveMessage' | 'DeleteMessage' | 'GetQueueAttributes';

/** What settling takes: an order is read as a whole, and written on condition of what was read. */
const settling = ['Query', 'PutItem', 'UpdateItem', 'ConditionCheckItem'] as const satisfies TableAction[];

/** Settings of a stage that not every function needs. */
export type FunctionSetting = 'returnHosts' | 'shipping' | 'signIn';

export interface FunctionDefinition {
  /** Also the name of its file in `functions/`. */
  readonly name: string;
  readonly settings?: readonly FunctionSetting[];
  readonly documents: readonly ReadableDocuments[];
  readonly table: readonly TableAction[];
  /** The indexes that it may query. */
  readonly indexes?: readonly IndexName[];
  /** What it may do with the queue of days that are to be reconciled. */
  readonly queue?: readonly QueueAction[];
  /** The stack that it is in, where that is not the service's. */
  readonly stack?: 'webhooks' | 'console';
  /** What it may do with the table of deliveries. */
  readonly deliveries?: readonly TableAction[];
  /** The indexes of that table that it may query. */
  readonly deliveryIndexes?: readonly DeliveryIndexName[];
  /** What it may do with the queue of deliveries. */
  readonly webhookQueue?: readonly QueueAction[];
  /** Set where it puts events on the stage's bus. */
  readonly bus?: true;
}

export interface Endpoint extends FunctionDefinition {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  /** Where the same comes in besides, as of a tenant's own merchant. One that ends in `{name+}` takes all below it. */
  readonly otherPaths?: readonly string[];
  /** Set for the addresses that are entered at a provider: the forms that it takes. */
  readonly callback?: readonly MessageForm[];
}

const endpointTable = [
  {
    name: 'checkout',
    method: 'POST',
    path: '/api/pay/checkout',
    settings: ['returnHosts'],
    documents: ['auth', ...allMerchants(...providers)],
    table: settling,
  },
  {
    name: 'alipay-callback',
    method: 'POST',
    path: '/api/pay/callback/alipay',
    otherPaths: ['/api/pay/callback/alipay/{tenant_id}'],
    callback: ['alipay', 'flat'],
    documents: allMerchants('alipay'),
    table: settling,
  },
  {
    name: 'stripe-callback',
    method: 'POST',
    path: '/api/pay/callback/stripe',
    otherPaths: ['/api/pay/callback/stripe/{tenant_id}'],
    callback: ['stripe', 'flat'],
    documents: allMerchants('stripe'),
    table: settling,
  },
  {
    name: 'wechat-callback',
    method: 'POST',
    path: '/api/pay/callback/wechat',
    otherPaths: ['/api/pay/callback/wechat/{tenant_id}'],
    callback: ['wechat', 'flat'],
    documents: allMerchants('wechat'),
    table: settling,
  },
  {
    name: 'get-order',
    method: 'GET',
    path: '/api/pay/orders/{order_no}',
    documents: ['auth', ...allMerchants(...providers)],
    table: settling,
  },
  {
    name: 'list-orders',
    method: 'GET',
    path: '/api/pay/orders',
    documents: ['auth'],
    table: ['BatchGetItem', 'Query'],
    indexes: ['listing'],
  },
  {
    name: 'get-order-history',
    method: 'GET',
    path: '/api/pay/orders/{order_no}/history',
    documents: ['auth'],
    table: ['Query'],
  },
  {
    name: 'list-refunds',
    method: 'GET',
    path: '/api/pay/orders/{order_no}/refunds',
    documents: ['auth'],
    table: ['Query'],
  },
  {
    name: 'close-order',
    method: 'POST',
    path: '/api/pay/orders/{order_no}/close',
    documents: ['auth', ...allMerchants(...providers)],
    table: settling,
  },
  {
    name: 'refund',
    method: 'POST',
    path: '/api/pay/refund',
    documents: ['auth', ...allMerchants(...providers)],
    table: ['GetItem', 'Query', 'PutItem', 'UpdateItem'],
  },
  {
    name: 'get-refund',
    method: 'GET',
    path: '/api/pay/refunds/{refund_no}',
    documents: ['auth'],
    table: ['Query'],
  },
  {
    name: 'get-ledger',
    method: 'GET',
    path: '/api/pay/ledger/{account}',
    documents: ['auth'],
    table: ['Query'],
    indexes: ['debit', 'credit'],
  },
  {
    name: 'list-exceptions',
    method: 'GET',
    path: '/api/pay/exceptions',
    documents: ['auth'],
    table: ['Query'],
    indexes: ['exception'],
  },
  {
    name: 'get-exception',
    method: 'GET',
    path: '/api/pay/exceptions/{id}',
    documents: ['auth'],
    table: ['GetItem', 'Query'],
  },
  {
    name: 'list-reconciliations',
    method: 'GET',
    path: '/api/pay/reconciliations',
    documents: ['auth'],
    table: ['BatchGetItem', 'Query'],
    indexes: ['listing'],
  },
  {
    name: 'resolve-exception',
    method: 'POST',
    path: '/api/pay/exceptions/{id}/resolve',
    documents: ['auth', ...allMerchants(...providers)],
    table: ['Query', 'PutItem', 'UpdateItem'],
  },
  {
    name: 'repair-refund',
    method: 'POST',
    path: '/api/pay/refunds/{refund_no}/repair',
    documents: ['auth', ...allMerchants(...providers)],
    table: ['Query', 'PutItem', 'UpdateItem'],
  },
  {
    name: 'list-webhooks',
    method: 'GET',
    path: '/api/pay/webhooks',
    stack: 'webhooks',
    documents: ['auth', 'webhooks', 'tenants'],
    table: ['Query'],
    deliveries: ['GetItem', 'Query'],
    deliveryIndexes: ['due'],
  },
  {
    name: 'list-deliveries',
    method: 'GET',
    path: '/api/pay/webhooks/deliveries',
    stack: 'webhooks',
    documents: ['auth'],
    table: [],
    deliveries: ['Query'],
  },
  {
    name: 'redeliver',
    method: 'POST',
    path: '/api/pay/webhooks/deliveries/{id}/redeliver',
    stack: 'webhooks',
    documents: ['auth'],
    table: [],
    deliveries: ['GetItem', 'UpdateItem'],
    webhookQueue: ['SendMessage'],
  },
  {
    name: 'redeliver-period',
    method: 'POST',
    path: '/api/pay/webhooks/deliveries/redeliver',
    stack: 'webhooks',
    documents: ['auth'],
    table: [],
    deliveries: ['Query', 'UpdateItem'],
  },
  {
    name: 'put-shop-order',
    method: 'PUT',
    path: '/v2/orders/{kind}/{id}',
    documents: ['auth', ...stageMerchants('wechat')],
    table: settling,
  },
  {
    name: 'pay-mall-order',
    method: 'POST',
    path: '/v2/orders/mall/{id}/pay',
    documents: ['auth', ...stageMerchants('wechat')],
    table: settling,
  },
  {
    name: 'pay-meal-order',
    method: 'POST',
    path: '/v2/orders/meal/{id}/pay',
    documents: ['auth', ...stageMerchants('wechat')],
    table: settling,
  },
  {
    name: 'get-shop-order',
    method: 'GET',
    path: '/v2/orders/{kind}/{id}',
    documents: ['auth', ...stageMerchants('wechat')],
    table: settling,
  },
  {
    name: 'close-shop-order',
    method: 'POST',
    path: '/v2/orders/{kind}/{id}/close',
    documents: ['auth', ...stageMerchants('wechat')],
    table: settling,
  },
  {
    name: 'ship-order',
    method: 'PUT',
    path: '/v2/orders/{kind}/{id}/shipping',
    documents: ['auth', ...stageMerchants('wechat')],
    table: ['Query', 'PutItem', 'UpdateItem'],
  },
  {
    name: 'wechat-notify',
    method: 'POST',
    path: '/v2/payments/notify',
    callback: ['wechat'],
    documents: stageMerchants('wechat'),
    table: settling,
  },
] as const satisfies readonly Endpoint[];

export const endpoints: readonly Endpoint[] = endpointTable;

export type EndpointName = (typeof endpointTable)[number]['name'];

/** Of those, the ones that every stage has. */
export type ServiceEndpointName = Exclude<(typeof endpointTable)[number], { stack: string }>['name'];

/** Where each provider's messages come in. */
export const callbackNames = {
  wechat: 'wechat-callback',
  alipay: 'alipay-callback',
  stripe: 'stripe-callback',
} as const satisfies Readonly<Record<Provider, EndpointName>>;

/** Reads the table's stream and tells WeCom. */
export const streamConsumer: FunctionDefinition = {
  name: 'notify-wecom',
  settings: ['shipping'],
  documents: ['wecom'],
  table: ['UpdateItem'],
};

/** Runs every minute: asks the providers about what is due, and tells WeCom what the stream consumer could not. */
export const sweep: FunctionDefinition = {
  name: 'sweep',
  settings: ['shipping'],
  documents: [...allMerchants(...providers), 'wecom'],
  table: settling,
  indexes: ['work'],
};

/** Puts the days that are to be reconciled into the queue, every hour: a bill comes when it comes. */
export const reconciliationStart: FunctionDefinition = {
  name: 'start-reconciliation',
  documents: providers,
  table: ['BatchGetItem', 'Query'],
  indexes: ['listing'],
  queue: ['SendMessage'],
};

/** Takes them out, one at a time, and puts one back that needs more than its time. */
export const queueConsumer: FunctionDefinition = {
  name: 'reconcile',
  documents: allMerchants(...providers),
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

/** Reads the table's stream too, and puts what a shop is to be told of on the stage's bus. */
export const eventPublisher: FunctionDefinition = {
  name: 'publish-events',
  stack: 'webhooks',
  documents: [],
  table: [],
  bus: true,
};

/** Takes what is due out of the queue of deliveries, and attempts it. */
export const webhookDeliverer: FunctionDefinition = {
  name: 'deliver-webhook',
  stack: 'webhooks',
  documents: ['webhooks', 'tenants'],
  table: ['Query'],
  deliveries: ['GetItem', 'PutItem', 'UpdateItem'],
  deliveryIndexes: ['due'],
  webhookQueue: ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'],
};

/** Runs every minute: puts into that queue what has become due again. */
export const deliveryRelease: FunctionDefinition = {
  name: 'release-deliveries',
  stack: 'webhooks',
  documents: [],
  table: [],
  deliveries: ['Query', 'UpdateItem'],
  deliveryIndexes: ['due'],
  webhookQueue: ['SendMessage'],
};

/**
 * Gives the files of the console and of the reference, which ask the API like any other client. It is no part of the
 * API: nobody has to be known to get them, and it may read nothing.
 */
export const consoleServer: Endpoint = {
  name: 'serve-console',
  method: 'GET',
  path: '/console',
  otherPaths: ['/console/{file+}', '/docs', '/docs/{file+}'],
  stack: 'console',
  settings: ['signIn'],
  documents: [],
  table: [],
};

export const functions: readonly FunctionDefinition[] = [
  ...endpoints,
  ...[streamConsumer, sweep, reconciliationStart, queueConsumer, digest],
  ...[eventPublisher, webhookDeliverer, deliveryRelease],
  consoleServer,
];

/** Those of a list that are in this stack; in the service's, where none is named. */
export const inStack = <T extends Pick<FunctionDefinition, 'stack'>>(
  definitions: readonly T[],
  stack?: FunctionDefinition['stack'],
): readonly T[] => definitions.filter((definition) => definition.stack === stack);

/** The names of the documents that a function may read, below its stage; a star stands for anything. */
export const readableNames = ({ documents }: Pick<FunctionDefinition, 'documents'>): readonly string[] =>
  documents.flatMap((document) => {
    if (document === 'tenants') return ['tenants/*'];
    if (document !== 'former') return [document];
    return providers.filter((name) => documents.includes(name)).map((name) => `merchants/${name}/*`);
  });

/** Every route by which an endpoint is reached. */
export const routesOf = ({ method, path, otherPaths = [] }: Endpoint) =>
  [path, ...otherPaths].map((one) => ({ method, path: one }));

/** `wechat-notify` → `WechatNotifyUrl`: the stack's output with the address that is entered at the provider. */
export function callbackOutput({ name }: Pick<Endpoint, 'name'>): string {
  const words = name.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join('')}Url`;
}

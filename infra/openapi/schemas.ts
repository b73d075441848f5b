import * as z from 'zod/mini';
import { domainEventData } from '../../lib/domain-events/domain-event.ts';
import { checkoutSchema } from '../../lib/http/checkout-api.ts';
import { errorWords } from '../../lib/http/error-words.ts';
import { shopOrderSchema } from '../../lib/http/put-shop-order-api.ts';
import { redeliverPeriodSchema } from '../../lib/http/redeliver-period-api.ts';
import { refundSchema } from '../../lib/http/refund-api.ts';
import { resolutionSchema } from '../../lib/http/resolve-exception-api.ts';
import {
  ledgerEntry,
  ledgerPage,
  reconciliation,
  reconciliationsPage,
} from '../../lib/http/responses/books.ts';
import { payError, v2Error, v2Unauthenticated, wechatFailure } from '../../lib/http/responses/errors.ts';
import {
  exception,
  exceptionsPage,
  exceptionView,
  resolvedException,
} from '../../lib/http/responses/exceptions.ts';
import { historyItem, orderHistory } from '../../lib/http/responses/history.ts';
import {
  callbackOrder,
  listedOrder,
  orderState,
  ordersPage,
  paidAtOnce,
  paymentPage,
  paymentParameters,
  refund,
  refundsPage,
  shippingState,
} from '../../lib/http/responses/orders.ts';
import {
  deliveriesPage,
  delivery,
  redeliveredPeriod,
  webhookEndpoint,
  webhooksState,
} from '../../lib/http/responses/webhooks.ts';
import { shipmentSchema } from '../../lib/http/ship-order-api.ts';
import { instant } from './parameters.ts';
import type { JsonObject } from './types.ts';

const named = {
  CheckoutRequest: checkoutSchema,
  RefundRequest: refundSchema,
  RedeliveryRequest: redeliverPeriodSchema,
  ResolutionRequest: resolutionSchema,
  ShopOrderRequest: shopOrderSchema,
  ShipmentRequest: shipmentSchema,
  OrderState: orderState,
  ListedOrder: listedOrder,
  OrdersPage: ordersPage,
  OrderHistory: orderHistory,
  HistoryItem: historyItem,
  ShippingState: shippingState,
  PaymentPage: paymentPage,
  PaymentParameters: paymentParameters,
  PaidAtOnce: paidAtOnce,
  Refund: refund,
  RefundsPage: refundsPage,
  Exception: exception,
  ExceptionsPage: exceptionsPage,
  Reconciliation: reconciliation,
  ReconciliationsPage: reconciliationsPage,
  ExceptionView: exceptionView,
  ResolvedException: resolvedException,
  LedgerEntry: ledgerEntry,
  LedgerPage: ledgerPage,
  WebhookEndpoint: webhookEndpoint,
  WebhooksState: webhooksState,
  Delivery: delivery,
  DeliveriesPage: deliveriesPage,
  RedeliveredPeriod: redeliveredPeriod,
  CallbackOrder: callbackOrder,
  OrderPaid: domainEventData['order.paid'],
  OrderClosed: domainEventData['order.closed'],
  PaymentFailed: domainEventData['payment.failed'],
  RefundDecided: domainEventData['refund.succeeded'],
  ExceptionChanged: domainEventData['exception.raised'],
  DisputeChanged: domainEventData['dispute.opened'],
  ErrorWord: z
    .enum(errorWords)
    .check(
      z.meta({ description: 'What `settle-error` says: a word may be added, and none changes its meaning.' }),
    ),
  PayError: payError,
  V2Error: v2Error,
  V2Unauthenticated: v2Unauthenticated,
  WechatFailure: wechatFailure,
} as const satisfies Record<string, z.core.$ZodType>;

export type SchemaName = keyof typeof named;

const pathOf = (name: string) => `#/components/schemas/${name}`;

export const schemaReference = (name: SchemaName): JsonObject => ({ $ref: pathOf(name) });

/** What the fields of request bodies are for, and what bounds them besides their schema. */
const requestFields: Partial<Record<SchemaName, Readonly<Record<string, JsonObject>>>> = {
  CheckoutRequest: {
    tenant_id: { description: 'Whose order it is; also decides whose merchant is paid.' },
    amount: {
      description:
        "In the currency's own unit, with no more decimals than the provider takes. A number means the shortest decimal that spells its double: of up to 15 digits, what was written.",
      exclusiveMinimum: 0,
    },
    currency: {
      description: 'ISO 4217; CNY when it is left out. Alipay and WeChat Pay take that only.',
      pattern: '^[A-Z]{3}$',
    },
    scene: {
      description: "Where the payer is: at a computer, as when it is left out, or in a phone's browser.",
    },
    payer_client_ip: {
      description:
        "The payer's own address, which WeChat Pay asks for in the scene `mobile`, and only there. Neither stored nor logged.",
    },
    description: { description: 'What the payer sees at the provider, within what that takes.' },
    return_url: {
      description: "Where the provider's page leads back to: https, of a host that the stage allows.",
      format: 'uri',
    },
    expires_in: {
      description:
        'Seconds in which the order can be paid; two hours when it is left out. Stripe takes no less than 1800.',
    },
  },
  ShopOrderRequest: {
    user_id: { description: 'Who pays: the `sub` of their token.' },
    openid: { description: 'Of the payer, in the app; required when `amount` is more than 0.' },
    amount: {
      description: 'Yuan, with at most two decimals; 0 when points cover it.',
      minimum: 0,
    },
    points: { description: 'Shown to people, and not counted here.' },
    description: { description: 'What the payer sees at the provider: at most 127 bytes of UTF-8.' },
    appid: {
      description:
        'The mini-program in which it is paid, one of those of the `wechat` document; the usual one when it is left out.',
    },
    expires_at: {
      description: 'When the shop gives the order up, in UTC; left out, it does not.',
      format: 'date-time',
    },
  },
  ShipmentRequest: {
    items: { description: 'What is sent, in words; the payer reads it in WeChat.' },
    parcels: { description: 'Of a courier alone, and of every one: its company as WeChat codes it.' },
  },
  RefundRequest: {
    amount: {
      description: "In the order's currency; all that is left when it is left out.",
      exclusiveMinimum: 0,
    },
    reason: { description: 'Goes to the provider, which may show it to the payer.' },
    transaction_id: {
      description: 'Returns money in suspense (a late or second payment) in place of what paid the order.',
    },
  },
  RedeliveryRequest: {
    from: { description: 'Events that were recorded here from this instant on, in UTC.', ...instant },
    to: { description: 'The instant after the last; at most 31 days after `from`.', ...instant },
    state: { description: 'Only deliveries in this state; all of them when it is left out.' },
    tenant_id: { description: "Of this tenant's endpoint; without it of the stage's own." },
    cursor: { description: 'From the answer before: where to go on.' },
  },
  ResolutionRequest: {
    resolution: {
      description:
        "`attributed`: its money is the order's owner's, or the owner's to bear, or the owner's again once it has come back. `returned`: it goes back to the payer. `written_off`: it is given up. `dismissed`: there is nothing to do. Not each kind can end in each way.",
    },
    reason: { description: 'Why; kept with who said so.' },
  },
};

/** The schemas that validate requests and describe answers, as JSON Schema by their names. */
export function componentSchemas(): Record<string, JsonObject> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    // Of a request, what is sent and not what becomes of it.
    io: 'input',
    uri: pathOf,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // Said in words: generators take a field that has a default for one that is always there, and ask for it.
      delete jsonSchema.default;
      Object.assign(jsonSchema, ownChecks(zodSchema._zod.def));
    },
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _dialect, $id: _id, ...schema }]) => [
      name,
      withFields(schema as JsonObject, requestFields[name as SchemaName]),
    ]),
  );
}

/** What checks of our own ask for: their `params` say it in JSON Schema. */
function ownChecks(definition: z.core.$ZodTypeDef): JsonObject {
  const { params, checks = [] } = definition as z.core.$ZodTypeDef & Partial<z.core.$ZodCustomDef>;
  const fromChecks = checks.map(({ _zod }) => (_zod.def as Partial<z.core.$ZodCustomDef>).params);
  return Object.assign({}, params, ...fromChecks);
}

function withFields(schema: JsonObject, fields?: Readonly<Record<string, JsonObject>>): JsonObject {
  if (!fields) return schema;
  const properties = schema['properties'] as Record<string, JsonObject>;
  const described = Object.entries(fields).map(([name, more]) => {
    const field = properties[name];
    if (!field) throw new Error(`no field is named ${name}`);
    return [name, { ...field, ...more }];
  });
  return { ...schema, properties: { ...properties, ...Object.fromEntries(described) } };
}

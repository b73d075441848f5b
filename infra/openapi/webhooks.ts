import type { DomainEvent } from '../../lib/domain-events/domain-event.ts';
import type { EventType } from '../../lib/orders/kinds.ts';
import { jsonContent } from './answers.ts';
import { inHeader } from './parameters.ts';
import { type SchemaName, schemaReference } from './schemas.ts';
import type { JsonObject } from './types.ts';

interface Told<T extends EventType> {
  readonly summary: string;
  readonly description?: string;
  /** What its `data` is. */
  readonly schema: SchemaName;
  readonly example: Extract<DomainEvent, { type: T }>['data'];
}

const order = {
  order_no: 'mall-1',
  kind: 'mall',
  id: 1,
  tenant_id: null,
  amount: '19.99',
  currency: 'CNY',
} as const;
const payment = { payment_no: 'mall-1', provider: 'wechat', merchant: '1900000001' } as const;
const paidAgain = {
  order_no: 'mall-1',
  tenant_id: null,
  id: 'WyJtYWxsLTEiLCJwYWlkX3R3aWNlI3dlY2hhdCNtYWxsLTEtMiM0MjAwMDAwMDAwMDAwMDAyIl0',
  kind: 'paid_twice',
  ...payment,
  payment_no: 'mall-1-2',
  amount: '19.99',
  currency: 'CNY',
} as const;
const refund = {
  order_no: 'mall-1',
  tenant_id: null,
  refund_no: 'mall-1-r1',
  ...payment,
  amount: '5.00',
  currency: 'CNY',
} as const;
const dispute = {
  order_no: 'p01KAAC9CM0B2QWX3Z0PQ7E8KTN',
  tenant_id: 7,
  dispute_id: 'du_1SettleExample',
  payment_no: 'p01KAAC9CM0B2QWX3Z0PQ7E8KTN',
  provider: 'stripe',
  merchant: 'acct_1SettleExample.live',
  amount: '19.99',
  currency: 'USD',
} as const;

/** What is told of each event: a type that is added has to be told of. */
const told: { readonly [T in EventType]: Told<T> } = {
  'order.paid': {
    summary: 'An order is paid',
    description: 'Once in its life; refunds do not undo it.',
    schema: 'OrderPaid',
    example: {
      ...{ ...order, ...payment, version: 3, status: 'paid' },
      transaction_id: '4200000000000001',
      paid_at: '2026-11-22T08:00:00.000Z',
    },
  },
  'order.closed': {
    summary: 'An order takes no payment any more',
    description: 'Its time is over, or it was cancelled. Goods that were held for it are free.',
    schema: 'OrderClosed',
    example: { ...order, version: 4, status: 'closed' },
  },
  'payment.failed': {
    summary: 'A payment of an order failed',
    description: 'The order can be paid again.',
    schema: 'PaymentFailed',
    example: { ...order, ...payment, version: 3, status: 'failed' },
  },
  'refund.succeeded': {
    summary: 'A refund is done',
    schema: 'RefundDecided',
    example: { ...refund, version: 2, status: 'succeeded' },
  },
  'refund.failed': {
    summary: 'A refund failed, or was done and sent back',
    description: 'What it was to return is still there, and can be returned by another.',
    schema: 'RefundDecided',
    example: { ...refund, version: 2, status: 'failed' },
  },
  'exception.raised': {
    summary: 'Something genuine does not fit its order',
    description: 'Somebody has to say how it ends.',
    schema: 'ExceptionChanged',
    example: { ...paidAgain, version: 1, state: 'open', resolution: null },
  },
  'exception.resolved': {
    summary: 'An exception has ended',
    schema: 'ExceptionChanged',
    example: { ...paidAgain, version: 2, state: 'resolved', resolution: 'returned' },
  },
  'dispute.opened': {
    summary: "The payer's bank takes a payment back",
    description:
      'The money is gone until the dispute is won. Evidence is given to the provider, until `due_by`.',
    schema: 'DisputeChanged',
    example: { ...dispute, version: 1, state: 'open', due_by: '2026-12-01T00:00:00.000Z' },
  },
  'dispute.closed': {
    summary: 'A dispute is decided',
    schema: 'DisputeChanged',
    example: { ...dispute, version: 2, state: 'won', due_by: null },
  },
};

const parameters = [
  inHeader('webhook-id', "The event's id, the same whenever it is sent.", true, {
    examples: ['evt_0c5d2f7e9b1a4d3c8e6f0a1b2c3d4e5f'],
  }),
  inHeader(
    'webhook-timestamp',
    'When it was sent, in seconds since 1970. Refuse what is older than five minutes.',
    true,
    {
      pattern: '^\\d+$',
    },
  ),
  inHeader(
    'webhook-signature',
    'Of Standard Webhooks: `v1,` and the HMAC-SHA256, in base64, of id, timestamp and body, joined by dots; while the secret is rotated two of them, with a space between.',
    true,
  ),
];

const responses = {
  '2XX': { description: 'It is kept. Within 5 s: what takes longer comes after the answer.' },
  '410': { description: 'It is wanted no more: given up at once.' },
  default: {
    description:
      'Anything else, a redirect too: it is sent again after 20 s, 2 min, 10 min, 30 min, 1 h, and so on for three days.',
  },
};

/** The events that a stage sends to its shops and tenants. */
export const webhooks = (): Record<string, JsonObject> =>
  Object.fromEntries(
    Object.entries(told).map(([type, { schema, example, ...operation }]) => [
      type,
      {
        post: {
          tags: ['Webhooks'],
          ...operation,
          security: [],
          parameters,
          requestBody: {
            required: true,
            content: jsonContent(
              {
                type: 'object',
                required: ['type', 'timestamp', 'data'],
                properties: {
                  type: { const: type },
                  timestamp: {
                    type: 'string',
                    format: 'date-time',
                    description: 'When it happened; ISO 8601 in UTC.',
                  },
                  data: schemaReference(schema),
                },
              },
              { type, timestamp: '2026-11-22T08:00:00.000Z', data: example },
            ),
          },
          responses,
        },
      },
    ]),
  );

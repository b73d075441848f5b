import { deliveriesCsv } from '../../../lib/http/deliveries-api.ts';
import type { DeliveryView } from '../../../lib/http/responses/webhooks.ts';
import { eventTypes } from '../../../lib/orders/kinds.ts';
import { deliveryStates } from '../../../lib/webhooks/delivery.ts';
import {
  adminErrors,
  bodyErrors,
  fieldWords,
  jsonContent,
  listAnswer,
  parameterWords,
  payAnswers,
  sizeError,
  unwantedErrors,
} from '../answers.ts';
import { inPath, inQuery, instant, paging } from '../parameters.ts';
import { schemaReference } from '../schemas.ts';
import type { Operations } from '../types.ts';

const tags = ['Webhooks'] as const;

const ofTenant = inQuery(
  'tenant_id',
  { type: 'integer', minimum: 1 },
  "Of this tenant's endpoint; without it of the stage's own, and to a token of a tenant of its own.",
);

const delivery: DeliveryView = {
  id: 'c3RhZ2UgMjAyNi0xMS0yMlQwODowMDowMC4wMDBaIGV2dF8wYzVkMmY3ZQ',
  tenant_id: null,
  event_id: 'evt_0c5d2f7e9b1a4d3c8e6f0a1b2c3d4e5f',
  type: 'order.paid',
  timestamp: '2026-11-22T08:00:00.000Z',
  order_no: 'mall-1',
  state: 'given_up',
  due_at: null,
  attempts: [
    { at: '2026-11-25T08:00:01.000Z', status: 503, error: null, duration_ms: 41 },
    { at: '2026-11-26T08:00:01.000Z', status: null, error: 'timeout', duration_ms: 5000 },
  ],
  ended_at: '2026-11-26T08:00:06.000Z',
  reason: 'time_over',
  redelivered: null,
};

const failing = {
  tenant_id: 7,
  state: 'failing',
  failing_since: '2026-11-20T08:00:00.000Z',
  failures: 120,
  paused_until: '2026-11-22T08:15:00.000Z',
};

export const deliveryOperations: Operations = {
  'list-webhooks': {
    tags,
    role: 'viewer',
    summary: 'An endpoint and how it does, and all endpoints that fail',
    description: "The stage's own endpoint, or a tenant's. Its secrets stay in the documents.",
    parameters: [ofTenant],
    responses: {
      200: payAnswers.success('The endpoint.', schemaReference('WebhooksState'), '成功', {
        endpoint: {
          tenant_id: null,
          state: 'ok',
          failing_since: null,
          failures: 0,
          paused_until: null,
          url: 'https://shop.example.com/webhooks',
          events: null,
          tenant_events: false,
          secrets: 1,
          waiting: 0,
          last_delivered_at: '2026-11-22T08:00:00.400Z',
        },
        failing: [failing],
      }),
      ...payAnswers.errors({
        ...adminErrors,
        400: [parameterWords, 'A parameter is wrong.', 'tenant_id 须为正整数'],
      }),
    },
  },
  'list-deliveries': {
    tags,
    role: 'viewer',
    summary: 'What was sent to an endpoint and what is still to be sent, newest event first',
    description:
      'For 30 days. A page can be short, even empty, and still have a next one. A tenant sees what its own endpoint is sent.',
    parameters: [
      ofTenant,
      inQuery('state', { enum: deliveryStates }, 'Only in this state.'),
      inQuery('type', { enum: eventTypes }, 'Only of events of this type.'),
      inQuery('order_no', { type: 'string' }, 'Only of events of this order.'),
      inQuery(
        'from',
        instant,
        'Events that were recorded here from this instant on, in UTC; by default 30 days before `to`.',
      ),
      inQuery('to', instant, 'The instant after the last; by default now, at most 31 days after `from`.'),
      ...paging,
    ],
    responses: {
      200: listAnswer(
        'A page of deliveries.',
        'DeliveriesPage',
        {
          deliveries: [delivery],
          cursor: null,
        },
        deliveriesCsv,
      ),
      ...payAnswers.errors({
        ...adminErrors,
        400: [parameterWords, 'A parameter is wrong.', `state 须为 ${deliveryStates.join('、')} 之一`],
      }),
    },
  },
  redeliver: {
    tags,
    role: 'admin',
    summary: 'Send an event to an endpoint again',
    description:
      'Whatever became of it before; at once, and with all attempts before it again. The body and the id are the same.',
    parameters: [inPath('id', { type: 'string' }, delivery.id, "A delivery's `id` in the list.")],
    responses: {
      202: payAnswers.success('It is due.', schemaReference('Delivery'), '已重新投递', {
        ...delivery,
        state: 'due',
        due_at: '2026-11-27T08:05:00.000Z',
        ended_at: null,
        reason: null,
        redelivered: { by: 'admin-1', at: '2026-11-27T08:00:00.000Z' },
      }),
      ...payAnswers.errors({
        ...adminErrors,
        ...unwantedErrors,
        404: [['delivery_not_found'], "There is no such delivery, or it is another tenant's.", '投递不存在'],
        409: [['delivery_changing'], 'It changes at this moment: ask again.', '这次投递正在变更，请稍后重试'],
        ...sizeError,
      }),
    },
  },
  'redeliver-period': {
    tags,
    role: 'admin',
    summary: 'Send the events of a period to an endpoint again',
    description:
      'They wait their turn, so that new events go on. One request takes up to some hundreds: while `cursor` is not null, ask again with it.',
    requestBody: {
      required: true,
      content: jsonContent(schemaReference('RedeliveryRequest'), {
        from: '2026-11-21T16:00:00Z',
        to: '2026-11-22',
        state: 'given_up',
      }),
    },
    responses: {
      202: payAnswers.success('They are due.', schemaReference('RedeliveredPeriod'), '已重新投递', {
        redelivered: 120,
        cursor: null,
      }),
      ...payAnswers.errors({
        ...adminErrors,
        ...bodyErrors,
        400: [fieldWords, 'A field is wrong.', 'from 须早于 to'],
      }),
    },
  },
};

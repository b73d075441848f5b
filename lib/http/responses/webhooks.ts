import * as z from 'zod/mini';
import { eventTypes } from '../../orders/kinds.ts';
import { attemptErrors, deliveryStates, givenUpReasons } from '../../webhooks/delivery.ts';
import { cursor, howMany, ofTenant, orderNumber, time } from './fields.ts';

const eventType = z.enum(eventTypes);

const endpointStates = ['ok', 'paused', 'failing'] as const;

const endpointHealth = {
  tenant_id: ofTenant.check(z.meta({ description: "Whose it is; null of the stage's own." })),
  state: z.enum(endpointStates).check(
    z.meta({
      description:
        '`paused`: it has failed again and again, and new events wait until it takes one. `failing`: it has taken nothing for a day.',
    }),
  ),
  failing_since: z
    .nullable(time)
    .check(
      z.meta({ description: 'When it failed first since it last took something; null while it takes all.' }),
    ),
  failures: howMany('Attempts that failed since then.'),
  paused_until: z.nullable(time).check(z.meta({ description: 'When one of the events that wait is tried.' })),
};

const failingEndpoint = z.object(endpointHealth);

export const webhookEndpoint = z.object({
  ...endpointHealth,
  url: z
    .string()
    .check(z.meta({ description: 'Without its query.', examples: ['https://shop.example.com/webhooks'] })),
  events: z.nullable(z.array(eventType)).check(z.meta({ description: 'Of what it is told; null of all.' })),
  tenant_events: z.boolean().check(z.meta({ description: "Whether it is told of tenants' orders too." })),
  secrets: howMany('Secrets with which what is sent is signed: two during a rotation.'),
  waiting: howMany('Deliveries that wait for it, up to 1000.'),
  last_delivered_at: z
    .nullable(time)
    .check(
      z.meta({ description: 'When it took the newest event that it has taken; null of none in 30 days.' }),
    ),
});

export const webhooksState = z.object({
  endpoint: z.nullable(webhookEndpoint).check(z.meta({ description: 'Null where there is none.' })),
  failing: z
    .array(failingEndpoint)
    .check(z.meta({ description: 'All endpoints that fail: for a token of no tenant that asks for none.' })),
});

export type EndpointHealth = z.infer<typeof failingEndpoint>;

export type WebhookEndpoint = z.infer<typeof webhookEndpoint>;

export type WebhooksState = z.infer<typeof webhooksState>;

const attempt = z.object({
  at: time,
  status: z
    .nullable(z.int())
    .check(z.meta({ description: 'Of the answer; null where there was none.', examples: [204] })),
  error: z.nullable(z.enum(attemptErrors)).check(z.meta({ description: 'Why there was no answer.' })),
  duration_ms: howMany('Milliseconds.'),
});

const deliveryId = z.string().check(
  z.meta({
    description: 'By which it is sent again; opaque.',
    examples: ['c3RhZ2UgMjAyNi0xMS0yMlQwODowMDowMC4wMDBaIGV2dF8x'],
  }),
);

export const delivery = z.object({
  id: deliveryId,
  tenant_id: ofTenant.check(z.meta({ description: "Whose endpoint it is for; null of the stage's own." })),
  event_id: z.string().check(z.meta({ description: 'Its header `webhook-id`.' })),
  type: eventType,
  timestamp: time.check(
    z.meta({ description: 'When it was recorded here: by this time deliveries are listed and sent again.' }),
  ),
  order_no: z.nullable(orderNumber),
  state: z
    .enum(deliveryStates)
    .check(z.meta({ description: '`due` until it is delivered, or given up after three days of attempts.' })),
  due_at: z
    .nullable(time)
    .check(z.meta({ description: 'When it is attempted next; null while it waits, and when it is over.' })),
  attempts: z.array(attempt).check(z.meta({ description: 'The latest, oldest first.' })),
  ended_at: z.nullable(time).check(z.meta({ description: 'When it was delivered or given up.' })),
  reason: z.nullable(z.enum(givenUpReasons)).check(z.meta({ description: 'Why it was given up.' })),
  redelivered: z
    .nullable(z.object({ by: z.string().check(z.meta({ description: 'A `sub`.' })), at: time }))
    .check(z.meta({ description: 'Who last had it sent again.' })),
});

export type DeliveryView = z.infer<typeof delivery>;

export const deliveriesPage = z.object({ deliveries: z.array(delivery), cursor });

export type DeliveriesPage = z.infer<typeof deliveriesPage>;

export const redeliveredPeriod = z.object({
  redelivered: howMany('Deliveries that are sent again by this request.'),
  cursor,
});

export type RedeliveredPeriod = z.infer<typeof redeliveredPeriod>;

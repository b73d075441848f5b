import { expect, expectTypeOf, it } from 'vitest';
import type { WebhookEvent, WebhookEventData } from '../../../infra/client/webhook-events.ts';
import type { DomainEvent } from '../../../lib/domain-events/domain-event.ts';
import { eventTypes } from '../../../lib/orders/kinds.ts';

/** By type, what the schemas of the events allow. */
type Allowed = { [Event in DomainEvent as Event['type']]: Event['data'] };

it('says of each event what is published of it, and nothing else', () => {
  // The type check fails where they differ.
  expectTypeOf<WebhookEventData>().toEqualTypeOf<Allowed>();
  expectTypeOf<WebhookEvent['type']>().toEqualTypeOf<(typeof eventTypes)[number]>();
  expect(new Set(eventTypes).size).toBe(eventTypes.length);
});

import { Webhook } from 'standardwebhooks';
import type { WebhookEvent } from './webhook-events.ts';

/** What a shop keeps of its webhooks: in its database, each a table. */
export interface Inbox {
  readonly ids: Set<string>;
  /** The newest event of each order, refund, exception and dispute. */
  readonly newest: Map<string, WebhookEvent>;
}

/**
 * Answers webhooks. An event can come more than once, and after a later one: what an order, refund, exception or dispute
 * is now stands in its event of the highest version, in whatever order they came.
 * @param secret the endpoint's, `whsec_…`; while it is rotated, either of the two
 */
export function createWebhookReceiver(secret: string, inbox: Inbox): (request: Request) => Promise<Response> {
  const webhook = new Webhook(secret);
  return async (request) => {
    const body = await request.text(); // as it came: parsed and written again it is another text
    let event: WebhookEvent;
    try {
      event = webhook.verify(body, Object.fromEntries(request.headers)) as WebhookEvent;
    } catch {
      return new Response(null, { status: 401 });
    }
    keepEvent(inbox, request.headers.get('webhook-id') ?? '', event);
    return new Response(null, { status: 204 }); // within 5 s, once it is kept: what takes longer comes after
  };
}

/** In a database one transaction, with the work that follows from the event, or a note that it is to be done. */
export function keepEvent({ ids, newest }: Inbox, id: string, event: WebhookEvent): void {
  const subject = subjectOf(event);
  if (subject === null || ids.has(id)) return;
  ids.add(id);
  const known = newest.get(subject);
  if (!known || known.data.version < event.data.version) newest.set(subject, event);
}

/** What the event's version counts; null of an event of a type that is not known here. */
export function subjectOf({ type, data }: WebhookEvent): string | null {
  switch (type) {
    case 'order.paid':
    case 'order.closed':
    case 'payment.failed':
      return `order ${data.order_no}`;
    case 'refund.succeeded':
    case 'refund.failed':
      return `refund ${data.refund_no}`;
    case 'exception.raised':
    case 'exception.resolved':
      return `exception ${data.id}`;
    case 'dispute.opened':
    case 'dispute.closed':
      return `dispute ${data.dispute_id}`;
    default:
      return null;
  }
}

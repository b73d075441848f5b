import { Webhook } from 'standardwebhooks';

/** What is sent: the event's id, by which a receiver knows what it has seen, and the body. */
export interface WebhookMessage {
  readonly id: string;
  readonly body: string;
}

/**
 * The headers by which a receiver verifies a message, with a signature for each secret (Standard Webhooks).
 * @param at when it is sent; milliseconds since 1970
 */
export function signatureHeaders(
  secrets: readonly string[],
  { id, body }: WebhookMessage,
  at: number,
): Readonly<Record<string, string>> {
  const signatures = secrets.map((secret) => new Webhook(secret).sign(id, new Date(at), body));
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at / 1_000)),
    'webhook-signature': signatures.join(' '),
  };
}

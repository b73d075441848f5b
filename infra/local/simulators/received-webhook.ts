import type { WebhookEvent } from '../../client/webhook-events.ts';

/** What an inbox answers: `error` is a 500, `hang` nothing at all, `gone` a 410. */
export const inboxAnswers = ['ok', 'error', 'hang', 'gone'] as const;
export type InboxAnswer = (typeof inboxAnswers)[number];

/** Why a message is not the sender's, or is too old to be believed. */
export const refusalReasons = [
  'missing_headers',
  'malformed_headers',
  'too_old',
  'too_new',
  'no_matching_signature',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/**
 * What came of a message. `repeated`: its id was taken before. `outdated`: something newer is known. `ignored`: its type
 * is none of those known. `not_taken`: the inbox was told to answer otherwise.
 */
export const inboxOutcomes = [
  'taken',
  'repeated',
  'outdated',
  'ignored',
  'not_verified',
  'malformed',
  'not_taken',
] as const;
export type InboxOutcome = (typeof inboxOutcomes)[number];

/** A message as it came, and what the shop made of it. */
export interface ReceivedWebhook {
  /** `stage` or `tenants/<id>`, whose inbox it is. */
  readonly receiver: string;
  /** Without the signatures themselves. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Empty where the message names none. */
  readonly webhook_id: string;
  /** Of a message that is verified and well-formed; of another version of the API it may be of a type that is not known. */
  readonly event: WebhookEvent | null;
  /** Null of one that is verified. */
  readonly refusal: RefusalReason | null;
  /** How often this id has come, with this time. */
  readonly attempt: number;
  readonly outcome: InboxOutcome;
  /** Null where nothing was answered. */
  readonly status: number | null;
}

/** What a shop knows of an order, a refund, an exception or a dispute. */
export interface KnownState {
  readonly receiver: string;
  readonly about: 'order' | 'refund' | 'exception' | 'dispute';
  /** Its number or id. */
  readonly name: string;
  readonly order_no: string | null;
  readonly version: number;
  /** Its status or state. */
  readonly state: string;
  /** When what is known of it happened. */
  readonly timestamp: string;
}

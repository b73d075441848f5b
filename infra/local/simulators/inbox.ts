import type { IncomingHttpHeaders } from 'node:http';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import * as z from 'zod/mini';
import { domainEventData } from '../../../lib/domain-events/domain-event.ts';
import { keepEvent, type Inbox as ShopInbox, subjectOf } from '../../client/receive-webhook.ts';
import type { WebhookEvent } from '../../client/webhook-events.ts';
import type { WebhooksDocument } from '../documents.ts';
import { silence } from './faults.ts';
import { type Answer, type Handler, json, parseJson } from './http.ts';
import type {
  InboxAnswer,
  InboxOutcome,
  KnownState,
  ReceivedWebhook,
  RefusalReason,
} from './received-webhook.ts';
import type { Recorder } from './recorder.ts';

/** Whose inbox it is, where it is, and what it answers. */
export interface InboxReceiver {
  readonly receiver: string;
  readonly url: string;
  readonly answer: InboxAnswer;
  /** What the next message alone is answered. */
  readonly next: InboxAnswer | null;
}

export interface Inbox {
  readonly handle: Handler;
  receivers(): readonly InboxReceiver[];
  /** False when there is no such receiver. */
  setAnswer(receiver: string, answer: InboxAnswer, onlyNext: boolean): boolean;
  /** What has come, oldest first: of an order, or the latest of all. */
  received(order_no: string | null): readonly ReceivedWebhook[];
  /** What the shops know by now: of an order, or the latest of all, oldest first. */
  known(order_no: string | null): readonly KnownState[];
}

interface Receiver {
  readonly document: WebhooksDocument;
  readonly name: string;
  answer: InboxAnswer;
  next: InboxAnswer | null;
  /** How often each id has come. */
  readonly attempts: Map<string, number>;
  /** As the example of a receiver keeps it. */
  readonly shop: ShopInbox;
}

const KEPT = 1_000;
const SHOWN = 100;

/** What the package says, in a word. */
const REFUSALS: Readonly<Record<string, RefusalReason>> = {
  'Missing required headers': 'missing_headers',
  'Invalid Signature Headers': 'malformed_headers',
  'Message timestamp too old': 'too_old',
  'Message timestamp too new': 'too_new',
  'No matching signature found': 'no_matching_signature',
};

const message = z.strictObject({
  type: z.string(),
  timestamp: z.iso.datetime(),
  data: z.record(z.string(), z.unknown()),
});

/**
 * Shops that take the webhooks of the stage and of tenants, each at the path of its document's `url`. They verify what
 * comes, take each id once, and of what they know already only what is newer.
 */
export function createInbox(
  documents: ReadonlyMap<string, WebhooksDocument>,
  recorder: Pick<Recorder, 'record'>,
): Inbox {
  const kept: ReceivedWebhook[] = [];
  const receivers = new Map(
    Array.from(documents, ([name, document]): [string, Receiver] => [
      name,
      {
        ...{ name, document, answer: 'ok', next: null },
        ...{ attempts: new Map(), shop: { ids: new Set(), newest: new Map() } },
      },
    ]),
  );

  function receive(receiver: Receiver, headers: IncomingHttpHeaders, body: string): ReceivedWebhook {
    const answer = receiver.next ?? receiver.answer;
    receiver.next = null;
    const webhook_id = String(headers['webhook-id'] ?? '');
    const attempt = (receiver.attempts.get(webhook_id) ?? 0) + 1;
    receiver.attempts.set(webhook_id, attempt);
    const refusal = verify(receiver.document.secrets, headers, body);
    const event = refusal === null ? readEvent(body) : null;
    const outcome = answer === 'ok' ? take(receiver.shop, webhook_id, refusal, event) : 'not_taken';
    return {
      ...{ receiver: receiver.name, headers: withoutSignatures(headers), body, webhook_id, event },
      ...{ refusal, attempt, outcome, status: statusOf(answer, outcome) },
    };
  }

  return {
    handle({ method, path, headers, body }) {
      const receiver = receivers.get(path.slice(1));
      if (!receiver) return json(404, { error: 'nobody has an inbox here' });
      if (method !== 'POST') return json(405, { error: 'an inbox takes POST alone' }, { allow: 'POST' });
      const webhook = receive(receiver, headers, body.toString());
      kept.push(webhook);
      if (kept.length > KEPT) kept.shift();
      recorder.record({ type: 'webhook', webhook });
      return webhook.status === null ? silence() : answered(webhook.status, webhook.outcome);
    },
    receivers: () =>
      Array.from(receivers.values(), ({ name, document, answer, next }) => ({
        ...{ receiver: name, url: document.url, answer, next },
      })),
    setAnswer(name, answer, onlyNext) {
      const receiver = receivers.get(name);
      if (!receiver) return false;
      receiver.next = onlyNext ? answer : null;
      if (!onlyNext) receiver.answer = answer;
      return true;
    },
    received: (order_no) =>
      order_no === null ? kept.slice(-SHOWN) : kept.filter(({ event }) => event?.data.order_no === order_no),
    known(order_no) {
      const all = [...receivers.values()].flatMap(knownBy);
      return order_no === null
        ? all.toSorted((a, b) => (a.timestamp < b.timestamp ? -1 : 1)).slice(-SHOWN)
        : all.filter((state) => state.order_no === order_no);
    },
  };
}

const knownBy = ({ name: receiver, shop }: Receiver): KnownState[] =>
  Array.from(shop.newest, ([subject, { timestamp, data }]) => {
    const [about = '', name = ''] = subject.split(' ', 2);
    const { order_no, version } = data;
    const state = 'state' in data ? data.state : data.status;
    return { receiver, about: about as KnownState['about'], name, order_no, version, state, timestamp };
  });

/** Null where one of the secrets verifies the message. */
function verify(
  secrets: readonly string[],
  headers: IncomingHttpHeaders,
  body: string,
): RefusalReason | null {
  let refusal: RefusalReason = 'no_matching_signature';
  for (const secret of secrets) {
    try {
      new Webhook(secret).verify(body, headers as Record<string, string>, { jsonParse: false });
      return null;
    } catch (error) {
      if (!(error instanceof WebhookVerificationError)) throw error;
      refusal = REFUSALS[error.message] ?? refusal;
    }
  }
  return refusal;
}

/** Null for what is no event: of the types that are known, each says what its schema has. */
function readEvent(body: string): WebhookEvent | null {
  const event = parseJson(body);
  const { data: read } = message.safeParse(event);
  if (!read) return null;
  const schema = Object.entries(domainEventData).find(([type]) => type === read.type)?.[1];
  return !schema || schema.safeParse(read.data).success ? (event as WebhookEvent) : null;
}

function take(
  { ids, newest }: ShopInbox,
  webhook_id: string,
  refusal: RefusalReason | null,
  event: WebhookEvent | null,
): InboxOutcome {
  if (refusal !== null) return 'not_verified';
  if (!event) return 'malformed';
  const subject = subjectOf(event);
  if (subject === null) return 'ignored';
  if (ids.has(webhook_id)) return 'repeated';
  keepEvent({ ids, newest }, webhook_id, event);
  return newest.get(subject) === event ? 'taken' : 'outdated';
}

function statusOf(answer: InboxAnswer, outcome: InboxOutcome): number | null {
  switch (answer) {
    case 'error':
      return 500;
    case 'hang':
      return null;
    case 'gone':
      return 410;
    case 'ok':
      return outcome === 'not_verified' ? 401 : outcome === 'malformed' ? 400 : 200;
  }
}

const answered = (status: number, outcome: InboxOutcome): Answer => json(status, { outcome });

const withoutSignatures = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      name === 'webhook-signature' ? String(value).replace(/,\S+/g, ',…') : String(value),
    ]),
  );

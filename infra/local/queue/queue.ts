import { createHash, randomUUID } from 'node:crypto';
import type { QueueSettings } from './settings.ts';

export interface SentMessage {
  readonly id: string;
  /** Of the body, in hex: clients compare it. */
  readonly md5: string;
}

export interface ReceivedMessage extends SentMessage {
  readonly body: string;
  /** Of those who share the queue, whose it is; null where its sender named nobody. */
  readonly groupId: string | null;
  /** Good until the message is received again. */
  readonly receiptHandle: string;
  /** This time counts. */
  readonly receives: number;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
  readonly firstReceivedAt: number;
}

/** How many messages wait, are hidden while somebody works on them, and are put off; roughly, as SQS says it. */
export interface QueueCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

export interface LocalQueue {
  send(body: string, delayMs: number, groupId?: string): SentMessage;
  /**
   * At most so many; each is hidden from others until its visibility timeout is over. Of the groups, the one of which
   * the fewest messages are in flight comes first, so that none delays the others.
   */
  receive(most: number): readonly ReceivedMessage[];
  /** Ends a message; one whose handle is no longer good stays. */
  remove(receiptHandle: string): void;
  counts(): QueueCounts;
  /** What was received too often without being removed. */
  readonly deadLetters: readonly ReceivedMessage[];
}

interface Message extends SentMessage {
  readonly body: string;
  readonly groupId: string | null;
  readonly sentAt: number;
  receives: number;
  firstReceivedAt: number | null;
  receiptHandle: string;
  /** Nobody receives it before. */
  visibleAt: number;
}

/**
 * A standard queue with its dead-letter queue, in memory (SQS developer guide, "Visibility timeout", "Dead-letter
 * queues", "Amazon SQS fair queues"). @param now milliseconds since 1970
 */
export function createQueue(
  { visibilityTimeoutMs, maxReceiveCount }: Pick<QueueSettings, 'visibilityTimeoutMs' | 'maxReceiveCount'>,
  now: () => number,
): LocalQueue {
  const messages = new Set<Message>();
  const deadLetters: ReceivedMessage[] = [];

  const take = (message: Message): ReceivedMessage => {
    message.receives += 1;
    message.firstReceivedAt ??= now();
    message.receiptHandle = randomUUID();
    message.visibleAt = now() + visibilityTimeoutMs;
    return asReceived(message);
  };

  const bury = (message: Message): void => {
    messages.delete(message);
    deadLetters.push(asReceived(message));
  };

  return {
    deadLetters,
    send: (body, delayMs, groupId) => {
      const message = newMessage({ body, groupId: groupId ?? null, sentAt: now() }, delayMs);
      messages.add(message);
      return { id: message.id, md5: message.md5 };
    },
    receive: (most) => {
      const { visible = [], hidden = [] } = Object.groupBy(messages, ({ visibleAt }) =>
        visibleAt <= now() ? 'visible' : 'hidden',
      );
      for (const message of visible) if (message.receives >= maxReceiveCount) bury(message);
      const waiting = visible.filter((message) => messages.has(message));
      return fairly(waiting, hidden.filter(isInFlight), most).map(take);
    },
    remove: (receiptHandle) => {
      for (const message of messages) if (message.receiptHandle === receiptHandle) messages.delete(message);
    },
    counts: () => {
      const all = [...messages];
      const hidden = all.filter(({ visibleAt }) => visibleAt > now());
      const inFlight = hidden.filter(isInFlight).length;
      return { visible: all.length - hidden.length, inFlight, delayed: hidden.length - inFlight };
    },
  };
}

/** A hidden message that nobody has received is only put off. */
const isInFlight = ({ receives }: Message): boolean => receives > 0;

/** At most so many of those that wait, always the oldest of the group that has the fewest in flight by then. */
function fairly(waiting: readonly Message[], inFlight: readonly Message[], most: number): Message[] {
  const groups = Map.groupBy(waiting, ({ groupId }) => groupId);
  const busy = new Map<string | null, number>();
  const count = ({ groupId }: Message) => busy.set(groupId, (busy.get(groupId) ?? 0) + 1);
  inFlight.forEach(count);
  const taken: Message[] = [];
  while (taken.length < most && groups.size > 0) {
    const [groupId, group] = [...groups].reduce((least, one) =>
      (busy.get(one[0]) ?? 0) < (busy.get(least[0]) ?? 0) ? one : least,
    );
    const next = group.shift();
    if (next) taken.push(next);
    if (next) count(next);
    else groups.delete(groupId);
  }
  return taken;
}

const newMessage = (sent: Pick<Message, 'body' | 'groupId' | 'sentAt'>, delayMs: number): Message => ({
  ...sent,
  id: randomUUID(),
  md5: createHash('md5').update(sent.body).digest('hex'),
  receives: 0,
  firstReceivedAt: null,
  receiptHandle: '',
  visibleAt: sent.sentAt + delayMs,
});

const asReceived = ({ visibleAt: _, firstReceivedAt, ...message }: Message): ReceivedMessage => ({
  ...message,
  firstReceivedAt: firstReceivedAt ?? message.sentAt,
});

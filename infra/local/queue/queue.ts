import { createHash, randomUUID } from 'node:crypto';
import type { QueueSettings } from './settings.ts';

export interface SentMessage {
  readonly id: string;
  /** Of the body, in hex: clients compare it. */
  readonly md5: string;
}

export interface ReceivedMessage extends SentMessage {
  readonly body: string;
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
  send(body: string, delayMs: number): SentMessage;
  /** At most so many; each is hidden from others until its visibility timeout is over. */
  receive(most: number): readonly ReceivedMessage[];
  /** Ends a message; one whose handle is no longer good stays. */
  remove(receiptHandle: string): void;
  counts(): QueueCounts;
  /** What was received too often without being removed. */
  readonly deadLetters: readonly ReceivedMessage[];
}

interface Message extends SentMessage {
  readonly body: string;
  readonly sentAt: number;
  receives: number;
  firstReceivedAt: number | null;
  receiptHandle: string;
  /** Nobody receives it before. */
  visibleAt: number;
}

/**
 * A standard queue with its dead-letter queue, in memory (SQS developer guide, "Visibility timeout", "Dead-letter
 * queues"). @param now milliseconds since 1970
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
    send: (body, delayMs) => {
      const message = newMessage(body, now(), delayMs);
      messages.add(message);
      return { id: message.id, md5: message.md5 };
    },
    receive: (most) => {
      const visible = [...messages].filter(({ visibleAt }) => visibleAt <= now());
      for (const message of visible) if (message.receives >= maxReceiveCount) bury(message);
      return visible
        .filter((message) => messages.has(message))
        .slice(0, most)
        .map(take);
    },
    remove: (receiptHandle) => {
      for (const message of messages) if (message.receiptHandle === receiptHandle) messages.delete(message);
    },
    counts: () => {
      const all = [...messages];
      const hidden = all.filter(({ visibleAt }) => visibleAt > now());
      const delayed = hidden.filter(({ receives }) => receives === 0).length;
      return { visible: all.length - hidden.length, inFlight: hidden.length - delayed, delayed };
    },
  };
}

const newMessage = (body: string, sentAt: number, delayMs: number): Message => ({
  id: randomUUID(),
  md5: createHash('md5').update(body).digest('hex'),
  ...{ body, sentAt },
  receives: 0,
  firstReceivedAt: null,
  receiptHandle: '',
  visibleAt: sentAt + delayMs,
});

const asReceived = ({ visibleAt: _, firstReceivedAt, ...message }: Message): ReceivedMessage => ({
  ...message,
  firstReceivedAt: firstReceivedAt ?? message.sentAt,
});

import { createHash, randomUUID } from 'node:crypto';
import type { KeptMap, KeptState } from '../kept-state.ts';
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
  deadLetters(): readonly ReceivedMessage[];
}

interface Message extends SentMessage {
  readonly body: string;
  readonly groupId: string | null;
  readonly sentAt: number;
  readonly receives: number;
  readonly firstReceivedAt: number | null;
  readonly receiptHandle: string;
  /** Nobody receives it before. */
  readonly visibleAt: number;
}

/** What is in a queue and in its dead-letter queue, by the messages' identifiers. */
interface KeptQueue {
  readonly messages: KeptMap<Message>;
  readonly deadLetters: KeptMap<ReceivedMessage>;
}

const inMemory = (): KeptQueue => ({ messages: new Map(), deadLetters: new Map() });

/** A queue that is kept under its name as long as `state` is; nobody works any more on what somebody had received. */
export function keptQueue(state: KeptState, name: string): KeptQueue {
  const messages = state.map<Message>(`${name} messages`);
  for (const message of messages.values()) {
    if (isInFlight(message)) messages.set(message.id, { ...message, visibleAt: message.sentAt });
  }
  return { messages, deadLetters: state.map<ReceivedMessage>(`${name} dead letters`) };
}

/**
 * A standard queue with its dead-letter queue (SQS developer guide, "Visibility timeout", "Dead-letter
 * queues", "Amazon SQS fair queues"). @param now milliseconds since 1970
 */
export function createQueue(
  { visibilityTimeoutMs, maxReceiveCount }: Pick<QueueSettings, 'visibilityTimeoutMs' | 'maxReceiveCount'>,
  now: () => number,
  { messages, deadLetters } = inMemory(),
): LocalQueue {
  const take = (message: Message): ReceivedMessage => {
    const taken = {
      ...message,
      receives: message.receives + 1,
      firstReceivedAt: message.firstReceivedAt ?? now(),
      receiptHandle: randomUUID(),
      visibleAt: now() + visibilityTimeoutMs,
    };
    messages.set(message.id, taken);
    return asReceived(taken);
  };

  const bury = (message: Message): void => {
    messages.delete(message.id);
    deadLetters.set(message.id, asReceived(message));
  };

  return {
    deadLetters: () => [...deadLetters.values()],
    send: (body, delayMs, groupId) => {
      const message = newMessage({ body, groupId: groupId ?? null, sentAt: now() }, delayMs);
      messages.set(message.id, message);
      return { id: message.id, md5: message.md5 };
    },
    receive: (most) => {
      const { visible = [], hidden = [] } = Object.groupBy(messages.values(), ({ visibleAt }) =>
        visibleAt <= now() ? 'visible' : 'hidden',
      );
      for (const message of visible) if (message.receives >= maxReceiveCount) bury(message);
      const waiting = visible.filter(({ id }) => messages.has(id));
      return fairly(waiting, hidden.filter(isInFlight), most).map(take);
    },
    remove: (receiptHandle) => {
      for (const message of messages.values()) {
        if (message.receiptHandle === receiptHandle) messages.delete(message.id);
      }
    },
    counts: () => {
      const all = [...messages.values()];
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

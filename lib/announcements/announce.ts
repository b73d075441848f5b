import { forEachConcurrently } from '../concurrency.ts';
import { createDocumentLoader, type DocumentSource } from '../config/documents.ts';
import { parseWecomDocument } from '../config/wecom.ts';
import type { Io } from '../io.ts';
import { ANNOUNCE_MS, FIRST_CHECK_MS, shippingDeadline } from '../orders/schedule.ts';
import type { ShippingSettings } from '../orders/shipping.ts';
import { workAttributes } from '../store/items.ts';
import { orderNumberOf } from '../store/keys.ts';
import type { WorkStore } from '../store/work-store.ts';
import type { MetricValues } from '../telemetry/metrics.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { type Announcement, occurredAt } from './announcement.ts';
import { renderMessage, splitIntoMessages } from './message.ts';
import { isReadable, type OwingItem, type ReadableItem } from './owing-item.ts';
import { sendToWecom } from './wecom.ts';

export interface AnnounceContext {
  /** @returns whether there is anybody to tell */
  readonly send: (content: string) => Promise<boolean>;
  readonly store: Pick<WorkStore, 'clearWork' | 'replaceWork' | 'parkWork'>;
  readonly shipping: ShippingSettings | null;
  readonly telemetry: Telemetry;
  readonly now: () => number;
}

export interface AnnounceParts {
  readonly documents: DocumentSource;
  readonly io: Io;
  readonly store: AnnounceContext['store'];
  readonly telemetry: Telemetry;
  readonly shipping: ShippingSettings | null;
}

/** Sends a message to the group robot that the document names by then; a stage without one tells nobody. */
export function createSend({
  documents,
  io,
}: Pick<AnnounceParts, 'documents' | 'io'>): AnnounceContext['send'] {
  const loadWecom = createDocumentLoader(documents, 'wecom', parseWecomDocument, io.now);
  return async (content) => {
    const wecom = await loadWecom();
    if (wecom) await sendToWecom(wecom, io, content);
    return wecom !== null;
  };
}

export const createAnnounceContext = ({
  store,
  telemetry,
  shipping,
  ...parts
}: AnnounceParts): AnnounceContext => ({
  send: createSend(parts),
  shipping,
  store,
  telemetry,
  now: parts.io.now,
});

/** Of one run; a robot takes 20 a minute. */
const MAX_MESSAGES = 5;
export const CONCURRENT_WRITES = 10;

/** Takes the items of a message just before it is sent. @returns those that are to be announced */
export type Claim = (message: readonly ReadableItem[]) => Promise<readonly ReadableItem[]>;

/**
 * Announces what items owe, alerts first and else in their order, and sets those aside of which nothing can be made. What newer code has
 * stored stays owed, and is for that code to announce.
 * @returns how many were announced
 */
export async function announce(
  items: readonly OwingItem[],
  context: AnnounceContext,
  claim: Claim = async (message) => message,
): Promise<number> {
  reportNewer(
    items.filter(({ isNewer }) => isNewer),
    context,
  );
  await park(
    items.filter((item) => !isReadable(item) && !item.isNewer),
    context,
  );
  return sendMessages(alertsFirst(items.filter(isReadable)), context, claim);
}

/** A run sends few messages, and a robot that takes one may not take the next. */
const alertsFirst = (items: readonly ReadableItem[]): ReadableItem[] => [
  ...items.filter(({ announcement }) => announcement.type === 'exception'),
  ...items.filter(({ announcement }) => announcement.type !== 'exception'),
];

/**
 * Stops at the first message that is not taken: what is left stays owed, and the sweep announces it when it is due.
 * Delivery is at least once; order numbers let people tell repeats.
 */
async function sendMessages(
  items: readonly ReadableItem[],
  context: AnnounceContext,
  claim: Claim,
): Promise<number> {
  let announced = 0;
  const messages = splitIntoMessages(items, ({ announcement }) => announcement);
  for (const message of messages.take(MAX_MESSAGES)) {
    const claimed = await claim(message);
    if (claimed.length === 0) continue;
    if (!(await deliver(claimed, context))) break;
    await forEachConcurrently(claimed, CONCURRENT_WRITES, (item) => clear(item, context));
    announced += claimed.length;
  }
  return announced;
}

function reportNewer(items: readonly OwingItem[], { telemetry }: AnnounceContext): void {
  if (items.length === 0) return;
  const order_nos = items.map(({ key }) => orderNumberOf(key));
  const reason = 'items of a newer schema version are left to newer code';
  const metrics = { ItemUnreadable: items.length };
  telemetry.log('error', 'announcement', { order_nos, outcome: 'left', reason }, { metrics });
}

/** Sets items aside where a person finds them; those that cannot be are left to the next sweep. */
async function park(items: readonly OwingItem[], { store, telemetry }: AnnounceContext): Promise<void> {
  await forEachConcurrently(items, CONCURRENT_WRITES, async (item) => {
    const order_no = orderNumberOf(item.key);
    try {
      await store.parkWork(item.key, item.work);
      const fields = { order_no, outcome: 'parked', reason: 'the item cannot be read' };
      telemetry.log('error', 'announcement', fields, { metrics: { RecordParked: 1 } });
    } catch (error) {
      const fields = { order_no, outcome: 'failed', reason: 'the item can be neither read nor parked' };
      telemetry.log('error', 'announcement', fields, { error });
    }
  });
}

async function deliver(
  message: readonly ReadableItem[],
  { send, telemetry, now }: AnnounceContext,
): Promise<boolean> {
  const announcements = message.map(({ announcement }) => announcement);
  const order_nos = message.map(({ key }) => orderNumberOf(key));
  const started = now();
  const fields = (outcome: string) => ({ order_nos, outcome, latency_ms: now() - started });
  try {
    if (!(await send(renderMessage(announcements)))) {
      telemetry.log('info', 'announcement', fields('nobody_to_tell'));
      return true;
    }
    const metrics = { NotificationSent: 1, ...describeWait(announcements, now()) };
    telemetry.log('info', 'announcement', fields('delivered'), { metrics });
    return true;
  } catch (error) {
    telemetry.log('error', 'announcement', fields('not_delivered'), {
      error,
      metrics: { NotificationFailed: 1 },
    });
    return false;
  }
}

/** For how long people have been waiting for what they are told now. */
function describeWait(announcements: readonly Announcement[], now: number): MetricValues {
  const waited = announcements.map((announcement) => now - occurredAt(announcement));
  const late = waited.filter((waited_ms) => waited_ms > ANNOUNCE_MS).length;
  return {
    NotificationLatency: Math.max(0, ...waited),
    ...(late > 0 && { NotificationLate: late }),
  };
}

/** When it is seen to that a paid order's provider knows that it was sent; null of what is not sent. */
function shippingDue(announcement: Announcement, settings: ShippingSettings, now: number): number | null {
  if (
    announcement.type !== 'payment' ||
    announcement.provider !== 'wechat' ||
    announcement.kind === 'tenant'
  ) {
    return null;
  }
  const isFetched = settings.mealPickup && announcement.kind === 'meal';
  // WeChat's other API may not know a payment for up to a minute.
  return isFetched ? now + FIRST_CHECK_MS : shippingDeadline(announcement.paid_at, settings.withinHours);
}

async function clear({ key, work, announcement }: ReadableItem, context: AnnounceContext): Promise<void> {
  const { store, telemetry, shipping, now } = context;
  const order_no = orderNumberOf(key);
  const due = shipping && shippingDue(announcement, shipping, now());
  try {
    if (due === null) await store.clearWork(key, work);
    else await store.replaceWork(key, work, workAttributes(order_no, { kind: 'check', due }));
  } catch (error) {
    const reason = 'announced, but still marked as owed';
    const fields = { order_no, outcome: 'not_cleared', reason };
    telemetry.log('error', 'announcement', fields, { error });
  }
}

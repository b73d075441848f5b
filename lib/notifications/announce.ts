import { forEachConcurrently } from '../concurrency.ts';
import { createDocumentLoader, type ReadDocument } from '../config/documents.ts';
import { parseWecomDocument } from '../config/wecom.ts';
import type { Io } from '../io.ts';
import type { CurrencyFormat } from '../money.ts';
import type { Provider } from '../orders/order.ts';
import { orderNumberOf } from '../store/keys.ts';
import type { WorkStore } from '../store/work-store.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { type FindCurrencyFormat, renderMessage, splitIntoMessages } from './message.ts';
import type { OwedItem, OwingItem } from './owed-item.ts';
import { sendToWecom } from './wecom.ts';

export interface AnnounceContext {
  readonly send: (content: string) => Promise<void>;
  readonly store: WorkStore;
  readonly findFormat: FindCurrencyFormat;
  readonly telemetry: Telemetry;
}

export interface AnnounceParts {
  readonly read: ReadDocument;
  readonly io: Io;
  readonly store: WorkStore;
  readonly currencyFormat: (provider: Provider, currency: string) => CurrencyFormat | undefined;
  readonly telemetry: Telemetry;
}

export function createAnnounceContext({
  read,
  io,
  store,
  currencyFormat,
  telemetry,
}: AnnounceParts): AnnounceContext {
  const loadWecom = createDocumentLoader(read, 'wecom', parseWecomDocument);
  return {
    send: async (content) => sendToWecom(await loadWecom(), io, content),
    store,
    // An order that costs nothing has no provider; it is in CNY, as every shop order is.
    findFormat: (provider, currency) => currencyFormat(provider ?? 'wechat', currency),
    telemetry,
  };
}

/** A robot takes 20 messages a minute. */
const MAX_MESSAGES = 5;
const CONCURRENT_WRITES = 10;

/**
 * Announces items, in their order, and settles what was announced. It stops at the first message that is not taken:
 * what is left stays owed, and the sweep announces it when it is due. Delivery is at least once; order numbers let
 * people tell repeats.
 * @returns whether every item was announced
 */
export async function announce(items: readonly OwedItem[], context: AnnounceContext): Promise<boolean> {
  let sent = 0;
  for (const message of splitIntoMessages(items, ({ announcement }) => announcement, context.findFormat)) {
    if (sent === MAX_MESSAGES || !(await deliver(message, context))) return false;
    sent += 1;
    await forEachConcurrently(message, CONCURRENT_WRITES, (item) => clear(item, context));
  }
  return true;
}

/** Sets items aside that owe an announcement which cannot be made, where a person finds them. */
export function park(items: readonly OwingItem[], { store, telemetry }: AnnounceContext): Promise<void> {
  return forEachConcurrently(items, CONCURRENT_WRITES, async ({ key, work }) => {
    const fields = { order_no: orderNumberOf(key) };
    telemetry.log('error', 'an item that owes an announcement cannot be read and is parked', fields);
    telemetry.count('RecordParked');
    try {
      await store.parkWork(key, work);
    } catch (error) {
      telemetry.log('error', 'the unreadable item could not be parked', fields, error);
    }
  });
}

async function deliver(
  message: readonly OwedItem[],
  { send, findFormat, telemetry }: AnnounceContext,
): Promise<boolean> {
  const announcements = message.map(({ announcement }) => announcement);
  const order_nos = announcements.map(({ order_no }) => order_no);
  try {
    await send(renderMessage(announcements, findFormat));
    telemetry.log('info', 'announced', { order_nos });
    telemetry.count('NotificationSent');
    return true;
  } catch (error) {
    telemetry.log('error', 'the announcement was not delivered', { order_nos }, error);
    telemetry.count('NotificationFailed');
    return false;
  }
}

async function clear({ key, work }: OwingItem, { store, telemetry }: AnnounceContext): Promise<void> {
  try {
    await store.clearWork(key, work);
  } catch (error) {
    telemetry.log('error', 'announced, but still marked as owed', { order_no: orderNumberOf(key) }, error);
  }
}

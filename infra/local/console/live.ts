import type { ServerResponse } from 'node:http';
import type { Journal } from './journal.ts';
import type { Measurements } from './measurements.ts';
import type { OrderBook } from './order-book.ts';
import {
  type Hello,
  type OrderRow,
  type Update,
  WEBHOOKS_KEPT,
  type WebhookRow,
  type WecomMessage,
} from './rows.ts';
import { readWecomCall, webhookRow } from './story.ts';

export interface Live {
  /** Keeps the response open and tells it everything from now on, as server-sent events. */
  connect(response: ServerResponse, payees: Hello['payees']): void;
}

export interface LiveParts {
  readonly journal: Journal;
  readonly book: OrderBook;
  readonly measurements: Measurements;
  readonly offer: Omit<Hello, 'counts' | 'measurements' | 'wecom' | 'webhooks' | 'payees'>;
}

/** Changes are gathered for so long, so that a burst is a few messages and not thousands. */
const GATHER_MS = 100;
const WECOM_KEPT = 20;
/** A page that has fallen so far behind is cut off; it comes back and starts anew. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024;

export function createLive({ journal, book, measurements, offer }: LiveParts): Live {
  const pages = new Set<ServerResponse>();
  const rows = new Map<string, OrderRow>();
  const told = new Set<string>();
  let wecom: readonly WecomMessage[] = [];
  let fresh: WecomMessage[] = [];
  let webhooks: readonly WebhookRow[] = [];
  let freshWebhooks: WebhookRow[] = [];
  let scheduled = false;

  function flush(): void {
    scheduled = false;
    const update: Update = {
      rows: [...rows.values()],
      counts: book.counts(),
      told: [...told],
      measurements: measurements.changed(),
      wecom: fresh,
      webhooks: freshWebhooks.slice(-WEBHOOKS_KEPT),
    };
    rows.clear();
    told.clear();
    fresh = [];
    freshWebhooks = [];
    for (const page of pages) {
      if (page.writableLength > MAX_UNSENT_BYTES) page.destroy();
      else send(page, 'update', update);
    }
  }
  const schedule = () => {
    if (!scheduled) setTimeout(flush, GATHER_MS).unref();
    scheduled = true;
  };

  book.subscribe((row) => {
    rows.set(row.order_no, row);
    told.add(row.order_no);
    schedule();
  });
  journal.subscribe((entry, line) => {
    measurements.note(entry, line);
    for (const order_no of entry.order_nos) told.add(order_no);
    if (!line && entry.type === 'call' && entry.to === 'wecom') {
      const message = { at: entry.at, ...readWecomCall(entry) };
      fresh.push(message);
      wecom = [...wecom, message].slice(-WECOM_KEPT);
    }
    if (entry.type === 'webhook') {
      const row = webhookRow(entry);
      freshWebhooks.push(row);
      webhooks = [...webhooks, row].slice(-WEBHOOKS_KEPT);
    }
    schedule();
  });

  return {
    connect(response, payees) {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      const now = { counts: book.counts(), measurements: measurements.list(), wecom, webhooks };
      const hello: Hello = { ...offer, payees, ...now };
      send(response, 'hello', hello);
      pages.add(response);
      response.on('close', () => pages.delete(response));
    },
  };
}

function send(response: ServerResponse, event: string, data: Hello | Update): void {
  response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

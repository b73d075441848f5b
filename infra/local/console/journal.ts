import type { DomainEvent } from '../../../lib/domain-events/domain-event.ts';
import { shopKinds } from '../../../lib/orders/kinds.ts';
import type { Happening, Recorder } from '../simulators/recorder.ts';
import { orderNumbersIn } from './order-numbers.ts';

/** A request to the API, as it came through the gateway, and what it was answered. */
export interface ApiRequest {
  readonly type: 'request';
  readonly request_id: string;
  readonly function: string;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Null when the function gave no result. */
  readonly status: number | null;
  readonly answer: string;
  readonly started_at: string;
  readonly duration_ms: number;
}

/** An event that the stage's bus took. */
export interface PublishedEvent {
  readonly type: 'event';
  readonly event: DomainEvent;
}

type Noted = Happening | ApiRequest | PublishedEvent;

/** A line that a function logged about one request. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly request_id: string };

export type Entry = Noted & {
  readonly id: number;
  readonly at: string;
  /** The orders it is about, as far as it says so itself. */
  readonly order_nos: readonly string[];
  readonly log: readonly LogLine[];
};

export interface Journal {
  add(happening: Noted): void;
  /** Keeps a line with its request; lines that are about no request are left out. */
  addLog(line: string): void;
  /** The latest, oldest first. */
  entries(): readonly Entry[];
  get(id: number): Entry | undefined;
  /** Calls `listener` with everything from now on, and again with an entry that a log line was added to. */
  subscribe(listener: (entry: Entry, line: LogLine | null) => void): void;
}

const KEPT = 5_000;
const SHOP_ORDER = new RegExp(`^/v2/orders/(${shopKinds.join('|')})/(\\d+)`);

/** What happened at the API and at the providers, bounded. `now` in milliseconds. */
export function createJournal(now: () => number): Journal {
  const kept: (Entry & { order_nos: readonly string[]; log: LogLine[] })[] = [];
  const requests = new Map<string, (typeof kept)[number]>();
  /** Lines of requests that are not answered yet. */
  const early = new Map<string, LogLine[]>();
  const listeners: ((entry: Entry, line: LogLine | null) => void)[] = [];
  let lastId = 0;

  const publish = (entry: Entry, line: LogLine | null) => {
    for (const listener of listeners) listener(entry, line);
  };

  function attach(entry: (typeof kept)[number], line: LogLine): void {
    entry.log.push(line);
    const named = orderNumbersIn(String(line['order_no'] ?? ''));
    entry.order_nos = [...new Set([...entry.order_nos, ...named])];
    publish(entry, line);
  }

  function dropOldest(): void {
    const dropped = kept.shift();
    if (dropped?.type === 'request') requests.delete(dropped.request_id);
  }

  return {
    add(happening) {
      lastId += 1;
      const at = new Date(now()).toISOString();
      const entry = { ...happening, id: lastId, at, order_nos: ordersOf(happening), log: [] };
      kept.push(entry);
      if (kept.length > KEPT) dropOldest();
      publish(entry, null);
      if (entry.type !== 'request') return;
      requests.set(entry.request_id, entry);
      for (const line of early.get(entry.request_id) ?? []) attach(entry, line);
      early.delete(entry.request_id);
    },
    addLog(text) {
      const line = parseLine(text);
      if (!line) return;
      const entry = requests.get(line.request_id);
      if (entry) attach(entry, line);
      else hold(early, line);
    },
    entries: () => kept,
    get: (id) => kept[id - (kept[0]?.id ?? 0)],
    subscribe: (listener) => {
      listeners.push(listener);
    },
  };
}

/** Copies everything that the simulators record. */
export function followRecorder(journal: Journal, recorder: Recorder): void {
  recorder.subscribe(({ at: _at, ...happening }) => journal.add(happening));
}

function ordersOf(happening: Noted): readonly string[] {
  switch (happening.type) {
    case 'request': {
      const path = SHOP_ORDER.exec(happening.target);
      const own = path ? [`${path[1]}-${path[2]}`] : [];
      return [
        ...new Set([...own, ...orderNumbersIn(`${happening.target} ${happening.body} ${happening.answer}`)]),
      ];
    }
    case 'call':
      return orderNumbersIn(`${happening.path} ${happening.body} ${happening.answer}`);
    case 'payment':
      return orderNumbersIn(happening.payment.payment_no);
    case 'delivery':
      return orderNumbersIn(happening.delivery.payment_no);
    case 'event':
      return orderNumbersIn(happening.event.data.order_no ?? '');
    case 'webhook': {
      const { event, body } = happening.webhook;
      // One that is not verified says nothing; whose it would be shows where its story is told.
      return orderNumbersIn(event ? (event.data.order_no ?? '') : body);
    }
  }
}

function hold(early: Map<string, LogLine[]>, line: LogLine): void {
  const lines = early.get(line.request_id) ?? [];
  lines.push(line);
  early.set(line.request_id, lines);
  const [oldest] = early.keys();
  if (early.size > KEPT && oldest !== undefined) early.delete(oldest);
}

function parseLine(text: string): LogLine | null {
  try {
    const line: unknown = JSON.parse(text);
    const named = typeof line === 'object' && line !== null && 'request_id' in line;
    return named && typeof line.request_id === 'string' ? (line as LogLine) : null;
  } catch {
    return null;
  }
}

import { randomUUID } from 'node:crypto';
import { isJsonObject } from '../../../lib/json.ts';
import type { LocalQueue } from '../queue/queue.ts';
import { type BusRule, groupOf } from './rules.ts';

/** What is put on the bus; each of an entry's parts can be missing (EventBridge API reference, "PutEventsRequestEntry"). */
export interface BusEntry {
  readonly Source?: string | undefined;
  readonly DetailType?: string | undefined;
  /** JSON of an object. */
  readonly Detail?: string | undefined;
  /** Seconds since 1970; now without it. */
  readonly Time?: number | undefined;
}

export type EntryResult =
  | { readonly EventId: string }
  | { readonly ErrorCode: string; readonly ErrorMessage: string };

/** An event as EventBridge hands it over (EventBridge user guide, "Events"). */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: object;
}

export interface LocalEventBus {
  put(entry: BusEntry): EntryResult;
  /** So many of the entries that come next are answered as not taken, each for itself, and can be put again. */
  failNext(entries: number): void;
}

/** The bus of a stage, whose rules put events into a queue. @param now milliseconds since 1970 */
export function createEventBus(
  rules: readonly BusRule[],
  queue: Pick<LocalQueue, 'send'>,
  now: () => number,
): LocalEventBus {
  let toFail = 0;

  const deliver = (event: BusEvent) => {
    const body = JSON.stringify(event);
    for (const rule of rules) if (rule.matches(event)) queue.send(body, 0, groupOf(rule, event));
  };

  return {
    failNext: (entries) => {
      toFail = entries;
    },
    put: ({ Source, DetailType, Detail, Time = now() / 1_000 }) => {
      if (!Source || !DetailType || !Detail) {
        return refused('InvalidArgument', 'Source, DetailType and Detail are required.');
      }
      if (toFail > 0) {
        toFail -= 1;
        return refused('InternalFailure', 'The entry was not taken.');
      }
      const detail = readDetail(Detail);
      if (!detail) return refused('MalformedDetail', 'Detail is malformed.');
      const id = randomUUID();
      deliver({
        version: '0',
        id,
        'detail-type': DetailType,
        source: Source,
        account: '000000000000',
        // In whole seconds.
        time: new Date(Time * 1_000).toISOString().replace(/\.\d+Z$/, 'Z'),
        region: 'local',
        resources: [],
        detail,
      });
      return { EventId: id };
    },
  };
}

function readDetail(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

const refused = (ErrorCode: string, ErrorMessage: string): EntryResult => ({ ErrorCode, ErrorMessage });

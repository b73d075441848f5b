import type { Entry, LogLine } from './journal.ts';
import { MEASURED_SECONDS, MEASUREMENTS_KEPT, type Measurement } from './rows.ts';

export interface Measurements {
  /** Counts what a callback's log line says came of it, and how long the API took to answer it. */
  note(entry: Entry, line: LogLine | null): void;
  /** Oldest first. */
  list(): readonly Measurement[];
  /** Those that have changed since this was last asked. */
  changed(): readonly Measurement[];
}

interface Bucket {
  readonly time: number;
  readonly outcomes: Record<string, number>;
  readonly latencies: number[];
}

/** Beyond so many in one bucket, latencies say nothing more. */
const SAMPLES = 2_000;

/** Callbacks of the last minutes, in buckets of a few seconds. `now` in milliseconds. */
export function createMeasurements(
  isCallback: (functionName: string) => boolean,
  now: () => number,
): Measurements {
  const buckets = new Map<number, Bucket>();
  const dirty = new Set<number>();

  function bucket(): Bucket {
    const time = Math.floor(now() / 1_000 / MEASURED_SECONDS) * MEASURED_SECONDS;
    const found = buckets.get(time) ?? { time, outcomes: {}, latencies: [] };
    buckets.set(time, found);
    const [oldest] = buckets.keys();
    if (buckets.size > MEASUREMENTS_KEPT && oldest !== undefined) buckets.delete(oldest);
    dirty.add(time);
    return found;
  }

  return {
    note(entry, line) {
      if (entry.type !== 'request' || !isCallback(entry.function)) return;
      const current = bucket();
      if (!line) {
        if (current.latencies.length < SAMPLES) current.latencies.push(entry.duration_ms);
      } else if (line['message'] === 'callback') {
        const key = `${line['provider']} ${line['outcome']}`;
        current.outcomes[key] = (current.outcomes[key] ?? 0) + 1;
      }
    },
    list: () => [...buckets.values()].map(summarise),
    changed() {
      const changed = [...dirty].flatMap((time) => buckets.get(time) ?? []).map(summarise);
      dirty.clear();
      return changed;
    },
  };
}

function summarise({ time, outcomes, latencies }: Bucket): Measurement {
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? null;
  return { time, outcomes: { ...outcomes }, p50_ms: at(0.5), p95_ms: at(0.95), max_ms: at(1) };
}

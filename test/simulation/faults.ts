import type { Random } from './prng.ts';

/** What can go wrong, from requests that are lost to providers that err. */
export const faultKinds = [
  'request_lost',
  'reply_lost',
  'hang',
  'server_error',
  'throttled',
  'transaction_conflict',
  'cancellation_mixed',
  'cancellation_unknown',
  'index_behind',
  'slow',
  'crash',
  'clock_jump',
  'callback_lost',
  'callback_never_sent',
  'callback_duplicated',
  'callback_delayed',
  'callback_forged',
  'callback_mismatched',
  'callback_replayed',
  'key_rotated',
  'stream_repeated',
  'stream_lost',
  'poison_record',
  'provider_request_lost',
  'provider_reply_lost',
  'provider_error',
  'provider_outage',
  'provider_busy',
  'paid_twice',
  'paid_after_close',
  'paid_late',
  'refund_sent_back',
  'wecom_down',
  'wecom_refuses',
  'wecom_reply_lost',
] as const;

export type FaultKind = (typeof faultKinds)[number];
export type FaultCounts = Record<FaultKind, number>;

export interface Faults {
  /** Whether this fault happens now; counted when it does. */
  happens(kind: FaultKind): boolean;
  /** How likely a fault of this kind is in this run. */
  rate(kind: FaultKind): number;
  count(kind: FaultKind): void;
  stop(): void;
  readonly counts: FaultCounts;
}

export const noFaultCounts = (): FaultCounts =>
  Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as FaultCounts;

const RATES = [0.01, 0.04, 0.15] as const;

/** For what has few occasions in a run. */
const HIGH_RATES = [0.1, 0.3, 0.6] as const;
const seldom: ReadonlySet<FaultKind> = new Set([
  'provider_busy',
  'provider_outage',
  'poison_record',
  'refund_sent_back',
]);

/** Some of the kinds are left out of each run, so that one does not hide what another would show. */
export function createFaults(random: Random): Faults {
  const rates = new Map(
    faultKinds.map((kind) => [
      kind,
      random.chance(0.5) ? 0 : random.pick(seldom.has(kind) ? HIGH_RATES : RATES),
    ]),
  );
  const counts = noFaultCounts();
  const rate = (kind: FaultKind) => rates.get(kind) ?? 0;
  return {
    counts,
    rate,
    count: (kind) => {
      counts[kind] += 1;
    },
    happens(kind) {
      const chance = rate(kind);
      const does = chance > 0 && random.chance(chance);
      if (does) counts[kind] += 1;
      return does;
    },
    stop: () => rates.clear(),
  };
}

export function addFaults(sum: FaultCounts, counts: FaultCounts): void {
  for (const kind of faultKinds) sum[kind] += counts[kind];
}

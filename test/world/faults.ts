import type { Marks } from './marks.ts';
import type { Random } from './random.ts';

/** How often a fault befalls what it can befall, in a run that has it at all. */
const likelihoods = {
  db_request_lost: 0.03,
  db_hang: 0.01,
  db_server_error: 0.03,
  db_throttled: 0.03,
  db_conflict: 0.05,
  db_cancelled_mixed: 0.05,
  db_cancelled_strangely: 0.02,
  db_reply_lost: 0.04,
  index_behind: 0.2,
  function_dies: 0.01,
  cold_start: 0.15,
  secrets_unavailable: 0.15,
  clock_off: 0.05,
  record_repeated: 0.15,
  records_out_of_step: 0.25,
  batch_fails: 0.1,
  bus_unreachable: 0.1,
  bus_reply_lost: 0.05,
  bus_refuses_some: 0.1,
  event_repeated: 0.1,
  event_late: 0.2,
  wecom_down: 0.3,
  wecom_refuses: 0.15,
  wecom_reply_lost: 0.1,
  provider_request_lost: 0.05,
  provider_reply_lost: 0.06,
  provider_server_error: 0.06,
  provider_hangs: 0.02,
  provider_slow: 0.12,
  provider_bad_signature: 0.04,
  provider_other_order: 0.03,
  provider_unsigned: 0.04,
  client_reply_lost: 0.08,
  wechat_app_busy: 0.15,
  wechat_app_forgets_token: 0.1,
} as const;

export type FaultName = keyof typeof likelihoods;

export const faultNames = Object.keys(likelihoods) as FaultName[];

export interface Faults {
  happens(name: FaultName): boolean;
  /** From here on nothing goes wrong by itself. */
  stop(): void;
  readonly stopped: boolean;
}

/** A run has some of the faults and not the others, so that each is met both alone and among others. */
export function createFaults(
  random: Random,
  marks: Marks,
  isQuiet: boolean,
  certain: readonly FaultName[] = [],
): Faults {
  const chosen = new Map<FaultName, number>();
  const share = random.pick([0.1, 0.3, 0.6]);
  for (const name of faultNames) {
    const weight = random.pick([0.5, 1, 3]);
    if (random.chance(share) && !isQuiet) chosen.set(name, likelihoods[name] * weight);
    if (certain.includes(name)) chosen.set(name, likelihoods[name] * 3);
  }
  let stopped = false;
  return {
    happens(name) {
      const happens = !stopped && random.chance(chosen.get(name) ?? 0);
      if (happens) marks.take(name);
      return happens;
    },
    stop: () => {
      stopped = true;
    },
    get stopped() {
      return stopped;
    },
  };
}

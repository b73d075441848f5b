import { robotPause } from '../orders/schedule.ts';

/** Whether a robot that has refused messages is still left alone. */
export interface BackOff {
  readonly isWaiting: () => boolean;
  readonly refused: () => void;
  readonly taken: () => void;
}

/** Kept by an execution environment: another may try once more, which one request tells it. */
export function createBackOff(now: () => number): BackOff {
  let refusals = 0;
  let until = 0;
  return {
    isWaiting: () => now() < until,
    refused: () => {
      refusals += 1;
      until = now() + robotPause(refusals);
    },
    taken: () => {
      refusals = 0;
    },
  };
}

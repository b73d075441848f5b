import type { System } from './actors.ts';
import type { Mail } from './mail.ts';
import type { Wecom } from './wecom.ts';

/** Everything that takes part in a run. */
export interface Stage extends System {
  readonly mail: Mail;
  readonly wecom: Wecom;
}

/** Somebody who does not give up at once. @returns whether an answer came */
export async function persist(call: () => Promise<{ readonly state: string }>): Promise<boolean> {
  for (let tries = 0; tries < 3; tries++) {
    if ((await call()).state === 'answered') return true;
  }
  return false;
}

/** A time within so many milliseconds. */
export const later = ({ world: { scheduler, random } }: Stage, within_ms: number): number =>
  scheduler.now() + random.below(within_ms);

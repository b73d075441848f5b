export type CrashTime = 'before' | 'after';

/** Wraps calls, the first of which to go by the name of `place` is lost once, before or after it took effect. */
export function createCrash(place: string, time: CrashTime) {
  let crashed = false;
  return {
    hasCrashed: () => crashed,
    crashing:
      <A extends unknown[], R>(name: string, call: (...input: A) => Promise<R>) =>
      async (...input: A): Promise<R> => {
        if (name !== place || crashed) return call(...input);
        crashed = true;
        if (time === 'after') await call(...input);
        throw new Error('crash');
      },
  };
}

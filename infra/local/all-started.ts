/** A part of the system that somebody must end. */
export interface Stoppable {
  stop(): Promise<void>;
}

/** Waits for every part, so that nothing is still starting when one has failed. @throws the first failure */
export async function allStarted<T extends readonly unknown[]>(...parts: T) {
  await Promise.allSettled(parts);
  return Promise.all(parts);
}

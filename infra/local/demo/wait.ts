import { setTimeout as sleep } from 'node:timers/promises';

/** What `read` gives once that is no longer open, or last gave when the time is over. */
export async function waitWhile(
  isOpen: (came: string) => boolean,
  within_ms: number,
  read: () => Promise<string>,
  every_ms = 100,
): Promise<string> {
  const deadline = Date.now() + within_ms;
  for (;;) {
    const came = await read();
    if (!isOpen(came) || Date.now() > deadline) return came;
    await sleep(every_ms);
  }
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Invocation } from './first-invocation.ts';
import type { FirstInvocation } from './invocations.ts';

/**
 * Starts a process, loads the bundle in it and invokes its handler once.
 * @param runner the address of the bundle of `first-invocation.ts`
 * @throws Error when the function fails or does not do its work
 */
export async function invokeCold(
  runner: string,
  bundle: string,
  { createEvent, status }: FirstInvocation,
  environment: Readonly<Record<string, string>>,
): Promise<Invocation> {
  const event = JSON.stringify(await createEvent());
  const child = spawn(process.execPath, [fileURLToPath(runner), bundle, event], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const [written, log, errors] = await Promise.all([
    text(child.stdio[3] as Readable),
    text(child.stdout as Readable),
    text(child.stderr as Readable),
    once(child, 'close'),
  ]);
  if (written === '') throw new Error(`the function failed: ${errors.slice(0, 2_000)}`);
  const invocation: Invocation = JSON.parse(written);
  const { statusCode, body } = (invocation.result ?? {}) as { statusCode?: number; body?: string };
  if (status !== null && statusCode !== status) {
    throw new Error(`the function answered ${statusCode} ${body ?? ''} in place of ${status}: ${log}`);
  }
  return invocation;
}

import { createHmac, subtle, timingSafeEqual } from 'node:crypto';
import type { Clock } from './clock.ts';

/**
 * What the code under test, and the packages that it uses, take from the process itself: timers and work on other
 * threads. While a run lasts, timers are of virtual time, and the clock waits for the threads.
 */
export interface VirtualTimers {
  /** How much of the work on other threads is not done. */
  readonly pending: () => number;
  /** When what holds this signal gives up; infinite when it does not. */
  readonly deadlineOf: (signal: AbortSignal | null | undefined) => number;
  readonly use: (clock: Clock) => void;
  readonly restore: () => void;
}

const watched = [
  'digest',
  'importKey',
  'sign',
  'verify',
  'decrypt',
  'encrypt',
  'deriveBits',
  'exportKey',
] as const;

type Operation = (...parameters: unknown[]) => Promise<unknown>;

export function installVirtualTimers(): VirtualTimers {
  let pending = 0;
  let clock: Clock | null = null;
  const secrets: Secrets = new WeakMap();
  const deadlines = new WeakMap<AbortSignal, number>();
  const real = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    timeout: AbortSignal.timeout,
  };
  const cancelled = new WeakSet<object>();

  const prototype = Object.getPrototypeOf(subtle) as Record<string, Operation>;
  const originals = new Map(watched.map((name) => [name, prototype[name]] as const));
  for (const [name, original] of originals) {
    if (!original) continue;
    Object.defineProperty(prototype, name, {
      configurable: true,
      writable: true,
      value: async function counted(this: unknown, ...parameters: unknown[]) {
        const verified = name === 'verify' ? verifyHmac(secrets, parameters) : null;
        if (verified !== null) return verified;
        pending += 1;
        try {
          const made = await original.apply(this, parameters);
          if (name === 'importKey') keepSecret(secrets, made, parameters);
          return made;
        } finally {
          pending -= 1;
        }
      },
    });
  }
  const virtualTimeout = (
    act: (...parameters: unknown[]) => void,
    delay_ms = 0,
    ...parameters: unknown[]
  ) => {
    const handle = { ref: () => handle, unref: () => handle, hasRef: () => false };
    clock?.after(delay_ms, () => {
      if (!cancelled.has(handle)) act(...parameters);
    });
    return handle;
  };
  return {
    pending: () => pending,
    deadlineOf: (signal) =>
      signal ? (deadlines.get(signal) ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY,
    use(next) {
      clock = next;
      globalThis.setTimeout = virtualTimeout as unknown as typeof setTimeout;
      globalThis.clearTimeout = ((handle: unknown) => {
        if (typeof handle === 'object' && handle !== null) cancelled.add(handle);
      }) as typeof clearTimeout;
      AbortSignal.timeout = (delay_ms) => {
        const { signal } = new AbortController();
        deadlines.set(signal, next.now() + delay_ms);
        return signal;
      };
    },
    restore() {
      globalThis.setTimeout = real.setTimeout;
      globalThis.clearTimeout = real.clearTimeout;
      AbortSignal.timeout = real.timeout;
      for (const [name, original] of originals) if (original) prototype[name] = original;
      clock = null;
    },
  };
}

/** A secret and its hash, by the key that was made of it. */
type Secrets = WeakMap<object, { readonly secret: Buffer; readonly hash: string }>;

function keepSecret(secrets: Secrets, key: unknown, [format, data, algorithm]: readonly unknown[]): void {
  if (format !== 'raw' || !isHmac(algorithm)) return;
  const { hash } = algorithm as { hash: string | { name: string } };
  const name = (typeof hash === 'string' ? hash : hash.name).replace('-', '').toLowerCase();
  secrets.set(key as object, { secret: Buffer.from(data as Uint8Array), hash: name });
}

/** A token's signature is checked here and now: to wait for a thread takes longer than to do it. */
function verifyHmac(secrets: Secrets, [algorithm, key, signature, data]: readonly unknown[]): boolean | null {
  const known = isHmac(algorithm) ? secrets.get(key as object) : undefined;
  if (!known) return null;
  const expected = createHmac(known.hash, known.secret)
    .update(data as Uint8Array)
    .digest();
  const given = Buffer.from(signature as Uint8Array);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

const isHmac = (algorithm: unknown): boolean =>
  algorithm === 'HMAC' || (algorithm as { name?: string } | null)?.name === 'HMAC';

import type { Instance } from './instance.ts';
import { passage } from './instance.ts';
import type { Surroundings } from './surroundings.ts';
import type { WireAnswer, WireRequest } from './wire.ts';

/** Somebody whom the functions call. */
export interface Host {
  readonly hosts: readonly string[];
  readonly isWecom: boolean;
  readonly handle: (request: WireRequest) => WireAnswer;
}

/** Where a planted bug changes what goes out, or what comes back. */
export interface NetworkBug {
  readonly request?: (request: WireRequest, instance: Instance) => WireRequest | WireAnswer;
  readonly answer?: (answer: WireAnswer, request: WireRequest, instance: Instance) => WireAnswer;
}

export interface NetworkParts {
  readonly world: Surroundings;
  readonly hosts: readonly Host[];
  readonly deadlineOf: (signal: AbortSignal | null | undefined) => number;
  readonly bug: NetworkBug | null;
}

/** What is not answered by anybody comes back as an error after so long. */
const GIVEN_UP_MS = 60_000;

/** HTTP from a function to the providers: it takes time, and may be lost on the way there or back. */
export function createFetch(
  { world, hosts, deadlineOf, bug }: NetworkParts,
  instance: Instance,
): typeof fetch {
  const { clock, random, faults } = world;
  const travel = async (duration_ms: number, signal: AbortSignal | null) => {
    const deadline = deadlineOf(signal);
    const due = clock.now() + duration_ms;
    if (due > deadline) {
      await passage(world, instance, deadline - clock.now());
      throw new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    }
    const aborted = onceAborted(signal);
    await (aborted
      ? Promise.race([passage(world, instance, duration_ms), aborted])
      : passage(world, instance, duration_ms));
  };
  const latency = () =>
    faults.happens('provider_slow') ? random.between(1_000, 9_000) : random.between(20, 250);
  return async (input, init = {}) => {
    const request = toWire(input, init);
    const signal = init.signal ?? (input instanceof Request ? input.signal : null);
    const host = hosts.find(({ hosts: names }) => names.includes(request.url.host));
    if (!host) throw new TypeError(`nobody is at ${request.url.host}`);
    const lost = host.isWecom ? faults.happens('wecom_down') : faults.happens('provider_request_lost');
    await travel(latency(), signal);
    if (lost) {
      if (random.chance(0.5)) await travel(GIVEN_UP_MS, signal);
      throw new TypeError('fetch failed');
    }
    const told = bug?.request ? bug.request(request, instance) : request;
    const answer = 'status' in told ? told : answerOf(host, told);
    const back = host.isWecom ? faults.happens('wecom_reply_lost') : faults.happens('provider_reply_lost');
    if (back || (!host.isWecom && faults.happens('provider_hangs'))) {
      world.tell(`the answer of ${request.url.host} to ${request.method} ${request.url.pathname} is lost`);
      await travel(GIVEN_UP_MS, signal);
      throw new TypeError('fetch failed');
    }
    await travel(latency(), signal);
    return toResponse(bug?.answer ? bug.answer(answer, request, instance) : answer);
  };

  function answerOf(host: Host, request: WireRequest): WireAnswer {
    if (!host.isWecom && faults.happens('provider_server_error')) {
      // Before it has done anything, or after.
      if (random.chance(0.5)) host.handle(request);
      return {
        status: random.pick([500, 502, 503]),
        headers: { 'content-type': 'text/html' },
        body: '<html>bad gateway</html>',
      };
    }
    return host.handle(request);
  }
}

function onceAborted(signal: AbortSignal | null): Promise<never> | null {
  if (!signal) return null;
  const reason = () =>
    signal.reason instanceof Error ? signal.reason : new DOMException('aborted', 'AbortError');
  if (signal.aborted) return Promise.reject(reason());
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(reason()), { once: true }));
}

function toWire(input: string | URL | Request, init: RequestInit): WireRequest {
  if (input instanceof Request) throw new TypeError('a Request is not understood here');
  const { body } = init;
  return {
    method: init.method ?? 'GET',
    url: new URL(input),
    headers: new Headers(init.headers),
    body: body === null || body === undefined ? '' : textOf(body),
  };
}

function textOf(body: unknown): string {
  if (typeof body === 'string') return body;
  if (body instanceof Uint8Array) return Buffer.from(body).toString();
  if (body instanceof URLSearchParams) return body.toString();
  throw new TypeError('a body that is not understood here');
}

function toResponse({ status, headers, body }: WireAnswer): Response {
  const isEmpty = status === 204 || body.length === 0;
  return new Response(isEmpty ? null : new Uint8Array(Buffer.from(body)), { status, headers });
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Provider } from '../../../lib/orders/kinds.ts';

/** A message on its way to the notify address. */
export interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One attempt to bring a message, and what came back; `status` is null when nothing did. */
export interface Delivery extends Message {
  readonly provider: Provider;
  readonly payment_no: string;
  /** From 1; more than one only for retries. */
  readonly attempt: number;
  readonly url: string;
  readonly status: number | null;
  readonly answer: string;
}

export interface Job {
  readonly provider: Provider;
  readonly payment_no: string;
  readonly url: string;
  /** Signed anew for every retry, as the providers do; null when there is nothing to tell. */
  readonly message: () => Message | null;
  readonly acknowledged: (status: number, answer: string) => boolean;
  /** The provider's real waits between attempts, in seconds; they are shortened here. Empty: one attempt. */
  readonly retryAfterSeconds: readonly number[];
  readonly times: number;
  /** How many of them are on their way at once. */
  readonly concurrency: number;
  /** Whether what the first attempt is answered gets lost on the way back. */
  readonly dropAnswer?: boolean;
}

export interface Courier {
  /** Sends all copies and answers with their outcome; when none is acknowledged, goes on with retries behind. */
  deliver(job: Job): Promise<Delivery[]>;
  /** Calls `run` after so many milliseconds, unless it is stopped before. */
  later(ms: number, run: () => Promise<unknown>): void;
  /** Ends deliveries, retries and what is to come later. */
  stop(): void;
}

/** WeChat Pay wants its answer within 5 s; the others are held to the same. */
const ANSWER_WITHIN_MS = 5_000;
const UNANSWERED = { status: null, answer: '' } as const;

/** Whoever keeps what becomes of a delivery. */
export interface DeliveryRecorder {
  record(happening: { readonly type: 'delivery'; readonly delivery: Delivery }): void;
}

export function createCourier(post: typeof fetch, recorder: DeliveryRecorder): Courier {
  const stopping = new AbortController();

  async function bring(job: Job, message: Message, attempt: number): Promise<Delivery> {
    const { provider, payment_no, url, dropAnswer } = job;
    const sent = await send(url, message).catch(() => UNANSWERED);
    const outcome = dropAnswer && attempt === 1 ? UNANSWERED : sent;
    const delivery = { provider, payment_no, attempt, url, ...message, ...outcome };
    recorder.record({ type: 'delivery', delivery });
    return delivery;
  }

  async function send(url: string, { headers, body }: Message) {
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
    const response = await post(url, { method: 'POST', headers, body, redirect: 'manual', signal });
    return { status: response.status, answer: await response.text() };
  }

  async function retry(job: Job): Promise<void> {
    for (const [index, seconds] of job.retryAfterSeconds.entries()) {
      await sleep(shorten(seconds), undefined, { signal: stopping.signal });
      const message = job.message();
      if (!message || isAcknowledged(job, await bring(job, message, index + 2))) return;
    }
  }

  return {
    async deliver(job) {
      const message = job.message();
      if (!message) return [];
      const deliveries = await inParallel(job.times, job.concurrency, () => bring(job, message, 1));
      if (!deliveries.some((delivery) => isAcknowledged(job, delivery))) {
        // Only being stopped ends it early.
        retry(job).catch(() => {});
      }
      return deliveries;
    },
    later(ms, run) {
      sleep(ms, undefined, { signal: stopping.signal })
        .then(run)
        .catch(() => {});
    },
    stop: () => stopping.abort(),
  };
}

/** A provider's wait of a quarter of a minute to half a day, as a tenth of a second to two seconds. */
export const shorten = (seconds: number): number => Math.min(2_000, Math.max(100, seconds * (1_000 / 600)));

/** Simulators call nobody but this machine, whatever address they are given. */
export function isLocalAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
}

const isAcknowledged = (job: Job, { status, answer }: Delivery): boolean =>
  status !== null && job.acknowledged(status, answer);

async function inParallel<T>(times: number, concurrency: number, run: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let started = 0;
  const worker = async () => {
    while (started < times) {
      started += 1;
      results.push(await run());
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, times) }, worker));
  return results;
}

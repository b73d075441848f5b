import type { Provider } from '../../../lib/orders/kinds.ts';
import type { Delivery } from './delivery.ts';
import type { Payment } from './payments.ts';
import type { ReceivedWebhook } from './received-webhook.ts';

/** Whoever is called here: `weixin` is the API of mini-programs. */
export type Counterpart = Provider | 'weixin' | 'wecom';

/** Everything that happens at the simulators. */
export type Happening =
  | {
      readonly type: 'call';
      readonly to: Counterpart;
      readonly method: string;
      /** Without the query, which holds WeCom's key, Alipay's signature and access tokens. */
      readonly path: string;
      readonly body: string;
      readonly status: number;
      readonly answer: string;
      /** When it came; the happening itself is when it was answered. */
      readonly started_at: string;
    }
  | { readonly type: 'payment'; readonly payment: Payment }
  | { readonly type: 'delivery'; readonly delivery: Delivery }
  | { readonly type: 'webhook'; readonly webhook: ReceivedWebhook };

export type Recorded = Happening & { readonly at: string };

export interface Recorder {
  record(happening: Happening): void;
  /** The latest, oldest first. */
  recorded(): readonly Recorded[];
  /** Calls `listener` with everything from now on; the answer ends it. */
  subscribe(listener: (recorded: Recorded) => void): () => void;
}

const KEPT = 2_000;

export function createRecorder(now: () => number): Recorder {
  const kept: Recorded[] = [];
  const listeners = new Set<(recorded: Recorded) => void>();
  return {
    record(happening) {
      const recorded = { ...happening, at: new Date(now()).toISOString() };
      kept.push(recorded);
      if (kept.length > KEPT) kept.shift();
      for (const listener of listeners) listener(recorded);
    },
    recorded: () => [...kept],
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

import * as z from 'zod/mini';
import type { Provider } from '../../../lib/orders/kinds.ts';
import type { Courier } from './delivery.ts';
import { type Answer, type Handler, json } from './http.ts';

/**
 * `http`: answers 500. `hang`: answers nothing and does nothing. `lose_answers`: does what it is asked and answers
 * nothing. `drop_callbacks`: its messages get lost, and are not sent again. Null: works.
 */
export const providerFault = z.nullable(z.enum(['http', 'hang', 'lose_answers', 'drop_callbacks']));

export type ProviderFault = z.infer<typeof providerFault>;

export interface Faults {
  get(provider: Provider): ProviderFault;
  all(): Readonly<Partial<Record<Provider, ProviderFault>>>;
  set(provider: Provider, fault: ProviderFault): void;
}

export function createFaults(): Faults {
  const faults = new Map<Provider, ProviderFault>();
  return {
    get: (provider) => faults.get(provider) ?? null,
    all: () => Object.fromEntries(faults),
    set: (provider, fault) => void faults.set(provider, fault),
  };
}

/** What WeChat Pay says of itself; the same request may be made again. */
const SYSTEM_ERROR = { code: 'SYSTEM_ERROR', message: '系统异常，请用相同参数重新调用' };

/** The provider's API under its fault. */
export function faulty(provider: Provider, handle: Handler, faults: Faults): Handler {
  return async (call) => {
    switch (faults.get(provider)) {
      case 'http':
        return json(500, provider === 'wechat' ? SYSTEM_ERROR : {});
      case 'hang':
        return silence();
      case 'lose_answers':
        await handle(call);
        return silence();
      default:
        return handle(call);
    }
  };
}

/** A courier that loses what comes from a provider under `drop_callbacks`. */
export const lossy = (courier: Courier, faults: Faults): Courier => ({
  ...courier,
  deliver: async (job) => (faults.get(job.provider) === 'drop_callbacks' ? [] : courier.deliver(job)),
});

/** Ends with the connection, which the other side gives up. */
export const silence = (): Promise<Answer> => new Promise(() => {});

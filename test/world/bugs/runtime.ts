import type { ProviderGateway } from '../../../lib/orders/provider-gateway.ts';
import type { ReceivedEvent } from '../../../lib/providers/provider.ts';
import type { Runtime } from '../../../lib/runtime.ts';

/** How planted bugs change what the functions are made of. */

/** The runtime with other gateways to its providers. */
export const withGateway =
  (change: (gateway: ProviderGateway) => Partial<ProviderGateway>) =>
  (runtime: Runtime): Runtime => ({
    ...runtime,
    merchants: (faces) => {
      const merchants = runtime.merchants(faces);
      const changed = <T extends { readonly gateway: ProviderGateway } | null>(merchant: T): T =>
        merchant && { ...merchant, gateway: { ...merchant.gateway, ...change(merchant.gateway) } };
      return {
        current: async (provider) => changed(await merchants.current(provider)),
        find: async (provider, name) => changed(await merchants.find(provider, name)),
      };
    },
  });

/** The runtime whose messages mean something else. */
export const withMessages =
  (change: (event: NonNullable<ReceivedEvent>) => ReceivedEvent) =>
  (runtime: Runtime): Runtime => ({
    ...runtime,
    receivers: (provider, receive) => {
      const load = runtime.receivers(provider, receive);
      return async () => {
        const { native, flat } = await load();
        const changed = (event: ReceivedEvent) => event && change(event);
        return {
          native: async (message) => changed(await native(message)),
          flat: async (message) => changed(await flat(message)),
        };
      };
    },
  });

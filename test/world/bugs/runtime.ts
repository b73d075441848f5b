import type { PaymentEvent } from '../../../lib/orders/event.ts';
import type { ProviderGateway } from '../../../lib/orders/provider-gateway.ts';
import type { ReceivedEvent } from '../../../lib/providers/message.ts';
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
        current: async (...payee) => changed(await merchants.current(...payee)),
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
      const find = runtime.receivers(provider, receive);
      return async (tenant_id) => {
        const receiveAddressed = await find(tenant_id);
        if (!receiveAddressed) return null;
        return async (form, message) => {
          const event = await receiveAddressed(form, message);
          return event && change(event);
        };
      };
    },
  });

/** The runtime whose addresses take what verifies under the keys of several owners. */
export const withKeysOf =
  (ownersAt: (tenant_id: number | null) => readonly (number | null)[]) =>
  (runtime: Runtime): Runtime => ({
    ...runtime,
    receivers: (provider, receive) => {
      const find = runtime.receivers(provider, receive);
      return async (tenant_id) => {
        const found = await Promise.all(ownersAt(tenant_id).map((owner) => find(owner)));
        const [first, ...others] = found.filter((one) => one !== null);
        if (!first) return null;
        return async (form, message) => {
          try {
            return await first(form, message);
          } catch (error) {
            for (const other of others) return other(form, message);
            throw error;
          }
        };
      };
    },
  });

/** The runtime to which providers' words on payments, told or asked for, mean something else. */
export const withAnswers =
  (change: (event: PaymentEvent) => PaymentEvent) =>
  (runtime: Runtime): Runtime => {
    const asked = withGateway(({ query }) => ({
      query: async (payment) => {
        const answer = await query(payment);
        return answer.state === 'decided' ? { ...answer, event: change(answer.event) } : answer;
      },
    }))(runtime);
    return withMessages((event) =>
      event.type === 'dispute' || 'refund_no' in event ? event : change(event),
    )(asked);
  };

/** Refunds are known by their amount, and not by their number. */
export function takingForOurs(): (runtime: Runtime) => Runtime {
  const asked: { readonly payment_no: string; readonly refund_no: string; readonly amount: number }[] = [];
  return (runtime) =>
    withMessages((event) => {
      if (!('refund_no' in event)) return event;
      const ours = asked.find(
        ({ payment_no, amount }) => payment_no === event.payment_no && amount === event.amount,
      );
      return ours ? { ...event, refund_no: ours.refund_no } : event;
    })(
      withGateway(({ refund }) => ({
        refund: (request) => {
          asked.push(request);
          return refund(request);
        },
      }))(runtime),
    );
}

import { settle } from '../../lib/orders/settle.ts';
import { settleRefund } from '../../lib/orders/settle-refund.ts';
import { type SweepPorts, sweepChecks } from '../../lib/orders/sweep.ts';
import type { StoreContext } from '../../lib/store/client.ts';
import { createOrderStore } from '../../lib/store/order-store.ts';
import { createSweepStore } from '../../lib/store/sweep-store.ts';

/** One run of the sweep at a time, on a real store, with the merchants that the test stands for. */
export function sweepAt(
  context: StoreContext,
  at: number,
  ports: Pick<SweepPorts, 'merchants' | 'onFailure'> & Partial<SweepPorts>,
) {
  const commit = { store: createOrderStore(context), io: { ...context.io, now: () => at } };
  return sweepChecks({
    ...commit,
    settle: (event) => settle(commit, event),
    settleRefund: (event) => settleRefund(commit, event),
    work: createSweepStore(context),
    shipping: null,
    report: () => {},
    ...ports,
  });
}

import { settle } from '../../lib/orders/settle.ts';
import { settleRefund } from '../../lib/orders/settle-refund.ts';
import { type SweepPorts, sweepChecks } from '../../lib/orders/sweep.ts';
import type { StoreContext } from '../../lib/store/client.ts';
import { createEventStore } from '../../lib/store/event-store.ts';
import { createSweepStore } from '../../lib/store/sweep-store.ts';

/** One run of the sweep at a time, on a real store, with the providers that the test stands for. */
export function sweepAt(
  context: StoreContext,
  at: number,
  ports: Pick<SweepPorts, 'gateway' | 'onFailure'> & Partial<SweepPorts>,
) {
  const events = createEventStore(context);
  return sweepChecks({
    store: createSweepStore(context),
    settle: (event) => settle(events, event, () => at),
    settleRefund: (event) => settleRefund(events, event, () => at),
    now: () => at,
    report: () => {},
    ...ports,
  });
}

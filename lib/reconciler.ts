import type { Io } from './io.ts';
import { queryPayment } from './orders/check-payment.ts';
import type { MerchantName } from './orders/ledger.ts';
import type { Payment } from './orders/payment.ts';
import type { Merchants, RefundReference } from './orders/provider-gateway.ts';
import { applyEvent } from './orders/settle.ts';
import { billFacts } from './providers/facts.ts';
import type { ComparisonPorts } from './reconciliation/comparison.ts';
import type { MerchantDay } from './reconciliation/day-result.ts';
import { compareDay, type DayOutcome, type OpenRows, reconcileDay } from './reconciliation/reconcile-day.ts';
import type { Tally } from './reconciliation/tally.ts';
import type { StoreContext } from './store/client.ts';
import { createMerchantStore } from './store/merchant-store.ts';
import { createOrderStore } from './store/order-store.ts';
import { createReconciliationStore } from './store/reconciliation-store.ts';
import { reported, reportedPorts } from './telemetry/reported-settlement.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

export interface ReconcilerParts {
  readonly io: Io;
  readonly store: StoreContext;
  readonly orderPrefix: string;
  readonly merchants: Pick<Merchants, 'find'>;
  readonly telemetry: Telemetry;
}

/** Who looks on, and says when there is no time for more. */
export type Watch = Pick<ComparisonPorts, 'onDifference' | 'onProgress' | 'shouldStop'>;

/** Reconciles the days of a stage's merchants on its table, for a function and for an operator alike. */
export interface Reconciler {
  /** As `reconcileDay`. */
  reconcile(
    day: MerchantDay,
    openRows: OpenRows,
    watch: Watch,
    options?: { readonly afresh?: boolean },
  ): Promise<DayOutcome>;
  /** Only looks: nothing is written. @throws as `compareDay` */
  compare(day: MerchantDay, openRows: OpenRows, watch: Watch): Promise<Tally>;
}

export function createReconciler({
  io,
  store,
  orderPrefix,
  merchants,
  telemetry,
}: ReconcilerParts): Reconciler {
  const orders = createOrderStore(store);
  const { days, putMerchantEntry, putMerchantException } = createMerchantStore(store);
  const commitPorts = { io, store: orders };
  const asking = reportedPorts({ ...commitPorts, merchants }, telemetry);
  const settling = {
    ...commitPorts,
    putMerchantException,
    applyEvent: reported((event) => applyEvent(commitPorts, event), telemetry, io.now),
    askAbout: (payment: Payment) => queryPayment(asking, payment),
    askAboutRefund: async ({ provider, merchant }: MerchantName, refund: RefundReference) =>
      (await merchants.find(provider, merchant))?.gateway.queryRefund(refund) ??
      ({ state: 'absent' } as const),
  };
  const looking = { store: createReconciliationStore(store), days, orderPrefix };
  return {
    reconcile: (day, openRows, watch, options) =>
      reconcileDay(
        { ...looking, ...watch, settling, putMerchantEntry },
        billFacts[day.provider],
        day,
        openRows,
        options,
      ),
    compare: async (day, openRows, watch) => {
      const ports = { ...looking, ...watch, settling: null };
      const { compared } = await compareDay(ports, billFacts[day.provider], day, openRows);
      return compared;
    },
  };
}

import { closeAtProvider } from '../../../lib/orders/check-payment.ts';
import type { PaymentEvent, RefundEvent } from '../../../lib/orders/event.ts';
import type { Payment } from '../../../lib/orders/payment.ts';
import type { Refund } from '../../../lib/orders/refund.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { settleRefund } from '../../../lib/orders/settle-refund.ts';
import type { Shipping } from '../../../lib/orders/shipping.ts';
import type { Checked, CheckResult } from '../../../lib/orders/sweep.ts';
import { NOW } from '../../support/orders.ts';
import { createFakeMerchants } from './fake-merchants.ts';
import { createMemoryStore, type Seed } from './memory-store.ts';

/** A store and merchants at a time that only a test and sleeping move: whatever the rules of orders ask for. */
export function createWorld(...seeds: readonly Seed[]) {
  const store = createMemoryStore(...seeds);
  const merchants = createFakeMerchants();
  const clock = { now: NOW };
  const failures: unknown[] = [];
  const reports: [Checked, CheckResult][] = [];
  let randomness = 0;
  const io = {
    now: () => clock.now,
    sleep: async (duration_ms: number) => {
      clock.now += duration_ms;
    },
    randomBytes: (size: number) => Buffer.alloc(size, (++randomness * 8) % 256),
  };
  const commitPorts = { store, io };
  const asking = { store, io, merchants, settle: (event: PaymentEvent) => settle(commitPorts, event) };
  const fails = (_subject: Checked | Payment | Refund | Shipping, error: unknown) =>
    void failures.push(error);
  return {
    store,
    merchants,
    clock,
    failures,
    reports,
    ports: {
      ...asking,
      orderPrefix: '',
      work: store.work,
      shipping: null,
      settleRefund: (event: RefundEvent) => settleRefund(commitPorts, event),
      closeAtProvider: (payment: Payment) => closeAtProvider(asking, payment),
      onProviderFailure: fails,
      onFailure: fails,
      report: (check: Checked, result: CheckResult) => void reports.push([check, result]),
    },
  };
}

export type World = ReturnType<typeof createWorld>;

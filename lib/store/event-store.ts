import type { EventStore } from '../orders/apply-event.ts';
import type { StoreContext } from './client.ts';
import { createRefundSettlementStore } from './refund-store.ts';
import { createSettlementStore } from './settlement-store.ts';

/** Everything that an event from a provider can change, on DynamoDB. */
export const createEventStore = (context: StoreContext): EventStore => ({
  ...createSettlementStore(context),
  ...createRefundSettlementStore(context),
});

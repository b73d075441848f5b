import { type AnnounceContext, createAnnounceContext } from '../../lib/notifications/announce.ts';
import { consumeStream } from '../../lib/notifications/stream.ts';
import { sweepAnnouncements } from '../../lib/notifications/sweep.ts';
import { settle } from '../../lib/orders/settle.ts';
import { settleRefund } from '../../lib/orders/settle-refund.ts';
import { sweepChecks } from '../../lib/orders/sweep.ts';
import { currencyFormat } from '../../lib/providers/currencies.ts';
import { createEventStore } from '../../lib/store/event-store.ts';
import { createSweepStore } from '../../lib/store/sweep-store.ts';
import { createWorkStore } from '../../lib/store/work-store.ts';
import { reportChecks } from '../../lib/telemetry/sweep-report.ts';
import type { Providers } from './gateways.ts';
import type { Invocation, World } from './world.ts';

const WEBHOOK = JSON.stringify({ webhook_url: 'https://wecom.example/send?key=simulated' });

function announceContext(world: World, { context, io }: Invocation): AnnounceContext {
  const store = createWorkStore(context);
  const documents = { read: async () => WEBHOOK, onFailure: () => {} };
  const parts = { documents, io, store, currencyFormat, telemetry: world.telemetry };
  const made = createAnnounceContext(parts);
  return world.bug?.wrapAnnounce?.(made) ?? made;
}

type StreamEvent = Parameters<typeof consumeStream>[0];

/** The stream's consumer, as its function composes it. */
export const runConsumer = (world: World, records: StreamEvent) =>
  world.invoke('stream', '', (invocation) => consumeStream(records, announceContext(world, invocation)));

/** The sweep, as its function composes it. */
export const runSweep = (world: World, providers: Providers) =>
  world.invoke('sweep', '', async (invocation) => {
    const { context, io } = invocation;
    const store = createEventStore(context);
    const events = world.bug?.wrapEventStore?.(store) ?? store;
    await Promise.all([
      sweepChecks({
        store: createSweepStore(context),
        gateway: providers.gateway(invocation),
        settle: (event) => settle(events, event, io.now),
        settleRefund: (event) => settleRefund(events, event, io.now),
        now: io.now,
        ...reportChecks(world.telemetry),
      }),
      sweepAnnouncements({
        context: announceContext(world, invocation),
        work: createWorkStore(context),
        now: io.now,
      }),
    ]);
  });

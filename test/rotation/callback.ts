import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { expect } from 'vitest';
import type { DocumentSource } from '../../lib/config/documents.ts';
import { envelopeAcknowledgement } from '../../lib/http/acknowledgement.ts';
import { createCallback } from '../../lib/http/callback.ts';
import type { Io } from '../../lib/io.ts';
import type { Order, Provider } from '../../lib/orders/order.ts';
import type { RawMessage, ReceiveMessage } from '../../lib/providers/provider.ts';
import { createTelemetry } from '../../lib/telemetry/telemetry.ts';
import { createMemoryStore } from '../lib/orders/memory-store.ts';

/** Hands a message to a provider's callback. */
export type Deliver = (message: RawMessage, order: Order) => Promise<'booked' | 'refused'>;

/** A callback as its function composes it, with a store of one pending order for each message. */
export const startCallback =
  (
    provider: Provider,
    createReceiver: (documents: DocumentSource, io: Io) => () => Promise<ReceiveMessage>,
  ) =>
  (documents: DocumentSource, io: Io): Deliver => {
    const receiver = createReceiver(documents, io);
    return async ({ headers, body }, order) => {
      const store = createMemoryStore(order);
      const handle = createCallback({
        provider,
        chooseForm: () => ({ receiver, acknowledgement: envelopeAcknowledgement }),
        openStore: () => store,
        telemetry: createTelemetry({ stage: 'rehearsal', function: 'callback' }, () => {}),
        now: io.now,
      });
      const event = { headers, body: body.toString('base64'), isBase64Encoded: true };
      const { statusCode } = await handle(
        event as unknown as APIGatewayProxyEventV2,
        { awsRequestId: 'rehearsal' } as Context,
      );
      const isBooked = store.order?.status === 'paid' && store.entries.length === 1;
      expect(statusCode === 200).toBe(isBooked);
      return isBooked ? 'booked' : 'refused';
    };
  };

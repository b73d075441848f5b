import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { expect } from 'vitest';
import type { DocumentSource } from '../../lib/config/documents.ts';
import { createCallback } from '../../lib/http/callback.ts';
import { callbackForms } from '../../lib/http/callback-form.ts';
import type { Io } from '../../lib/io.ts';
import { createMerchants } from '../../lib/merchants/merchants.ts';
import { createReceivers } from '../../lib/merchants/receivers.ts';
import type { Provider } from '../../lib/orders/kinds.ts';
import type { Merchant, Merchants } from '../../lib/orders/provider-gateway.ts';
import type { RawMessage, Receivers } from '../../lib/providers/message.ts';
import type { FromDocument, ProviderFace } from '../../lib/providers/provider.ts';
import { createTelemetry } from '../../lib/telemetry/telemetry.ts';
import { createMemoryStore } from '../lib/orders/memory-store.ts';
import { emptyRegister } from '../support/merchant-documents.ts';
import type { Begun } from '../support/parties.ts';

/** Hands a message to a provider's callback. */
export type Deliver = (message: RawMessage, begun: Begun) => Promise<'booked' | 'refused'>;

const stage = { publicUrl: 'https://pay.example', orderPrefix: '', register: emptyRegister };

/** The merchants of a provider, as a function of the stage has them. */
export const startMerchants =
  (face: ProviderFace) =>
  (documents: DocumentSource, io: Io): Merchants =>
    createMerchants({ documents, io, ...stage }, [face]);

/** @throws Error where nobody is paid */
export async function currentMerchant(merchants: Merchants, provider: Provider): Promise<Merchant> {
  const merchant = await merchants.current(provider, null);
  if (!merchant) throw new Error(`nobody is paid at ${provider}`);
  return merchant;
}

/** A callback as its function composes it, with a store of one pending order for each message. */
export const startCallback =
  (provider: Provider, receive: FromDocument<Receivers>) =>
  (documents: DocumentSource, io: Io): Deliver => {
    const findReceiver = createReceivers({ documents, io, ...stage }, provider, receive);
    const telemetry = createTelemetry({ stage: 'rehearsal', function: 'callback' }, () => {});
    return async ({ headers, body }, { order, payment }) => {
      const store = createMemoryStore({ order, payments: [payment] });
      const handle = createCallback(
        { telemetry, io },
        {
          provider,
          findReceiver,
          chooseForm: callbackForms[provider],
          openStore: () => store,
        },
      );
      const event = { headers, body: body.toString('base64'), isBase64Encoded: true };
      const { statusCode } = await handle(
        event as unknown as APIGatewayProxyEventV2,
        { awsRequestId: 'rehearsal' } as Context,
      );
      const stored = store.stored(order);
      const isBooked = stored.order.status === 'paid' && stored.payments[0]?.booking != null;
      expect(statusCode === 200).toBe(isBooked);
      return isBooked ? 'booked' : 'refused';
    };
  };

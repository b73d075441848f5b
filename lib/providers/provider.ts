import type { PaymentEvent } from '../orders/payment-event.ts';
import type { RefundEvent } from '../orders/refund-event.ts';

/** An HTTP message as it arrived: header names in lower case, the body's own bytes. */
export interface RawMessage {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/**
 * Verifies a message and says what it means; null when it is genuine and asks for nothing.
 * @throws VerificationError, MalformedMessageError
 */
export type ReceiveMessage = (message: RawMessage) => ReceivedEvent | Promise<ReceivedEvent>;

export type ReceivedEvent = PaymentEvent | RefundEvent | null;

/** A payment page to be made for an order that is already stored. */
export interface CheckoutRequest {
  readonly order_no: string;
  readonly amount: number;
  readonly currency: string;
  readonly description: string;
  /** ISO 8601; goes to the provider unchanged. */
  readonly expires_at: string;
}

export type {
  CloseAnswer,
  PaymentAnswer,
  PaymentReference,
  ProviderGateway,
  RefundAnswer,
  RefundRequest,
} from '../orders/provider-gateway.ts';

import type { Io } from '../io.ts';
import type { CurrencyTable } from '../money.ts';
import type { ProviderEvent } from '../orders/event.ts';
import type { Provider } from '../orders/kinds.ts';
import type { Merchant, PaymentLimits } from '../orders/provider-gateway.ts';

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

export type ReceivedEvent = ProviderEvent | null;

/** The two forms in which a provider's callback comes: its own message, and the flat body of a relay. */
export interface Receivers {
  readonly native: ReceiveMessage;
  readonly flat: ReceiveMessage;
}

/** What a provider is, whoever is paid there. */
export interface ProviderFacts {
  /** As people call it. */
  readonly label: string;
  readonly currencies: CurrencyTable;
  readonly limits: PaymentLimits;
}

export interface OpenParts {
  readonly io: Io;
  /** The address that providers reach us at. */
  readonly publicUrl: string;
  /** Of the stage's order numbers. */
  readonly orderPrefix: string;
}

/**
 * What makes something of a provider's configuration document, one for each execution environment: what is learned on
 * the way outlives a document that is replaced.
 * @throws DocumentError
 */
export type FromDocument<T> = (parts: OpenParts) => (document: unknown) => T;

/** A provider, as everything outside its folder knows it. A callback, which asks nobody, takes `receive` alone. */
export interface ProviderFace {
  readonly name: Provider;
  readonly facts: ProviderFacts;
  readonly receive: FromDocument<Receivers>;
  /** The merchant of the document, and how it is asked. */
  readonly open: FromDocument<Merchant>;
}

import type { KeptState } from '../kept-state.ts';
import type { Courier, Message } from './delivery.ts';
import type { Disputes } from './disputes.ts';
import type { FlatFields } from './flat-body.ts';
import type { Handler } from './http.ts';
import type { Payment, Payments } from './payments.ts';
import type { Recorder } from './recorder.ts';
import type { Refund, RefundSteps, Refunds } from './refunds.ts';

/** What every simulator is given. */
export interface SimulatorContext {
  /** The address of the console, under which the simulators serve. */
  readonly consoleUrl: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly recorder: Recorder;
  /** Brings what a provider says by itself, such as that a refund came to its end. */
  readonly courier: Courier;
  /** What the simulators know, which may outlive them. */
  readonly state: KeptState;
}

/** `signature`: by somebody without the key. `probe`: WeChat Pay's own test of a verifier. */
export type Forgery = 'signature' | 'probe';

/** How a message differs from the one that the provider would send. */
export interface Changes {
  readonly forge?: Forgery | undefined;
  /** Names another merchant account; Stripe, which names none, the other mode. */
  readonly otherMerchant?: boolean | undefined;
}

/** What the provider keeps of what moves, in smallest units; below zero what it gives back. */
export interface Fees {
  payment(amount: number): number;
  refund(amount: number): number;
}

/** Six in a thousand, which go back with the money: as WeChat Pay and Alipay do it. */
export const proportionalFees: Fees = {
  payment: (amount) => Math.round((amount * 6) / 1000),
  refund: (amount) => -Math.round((amount * 6) / 1000) || 0,
};

/** One merchant at a provider: its payments and refunds, and the messages that are sent about them. */
export interface MerchantSimulator<T extends Payment = Payment, R extends Refund = Refund> {
  /** In one name fit for paths, as Settle has it. */
  readonly merchant: string;
  /** What is registered at the provider for whatever names no address of its own. */
  readonly callbackUrl: string;
  /** Serves the merchant's requests; the call's path begins behind the provider's name. */
  readonly handle: Handler;
  readonly payments: Payments<T>;
  readonly refunds: Refunds<R>;
  newTransactionId(): string;
  /** The message about a payment in this state, freshly signed; null where the provider says nothing. */
  message(payment: T, changes?: Changes): Message | null;
  /** The messages about a refund in this state, freshly signed, in the order in which they are sent. */
  refundMessages(refund: R, changes?: Changes): Message[];
  readonly refundSteps: RefundSteps;
  /** A refund of so much as the merchant's console makes it; not kept yet. */
  consoleRefund(payment: T, amount: number): R;
  /** What payers' banks dispute; null where they cannot. */
  readonly disputes: Disputes | null;
  readonly fees: Fees;
  /** Whether its messages tell what of a payment its payer did not pay. */
  readonly discounts: boolean;
  /** A flat body of these fields, authenticated as it must be. */
  flatMessage(fields: FlatFields): Message;
  acknowledged(status: number, answer: string): boolean;
  /** The provider's real waits between deliveries, in seconds. */
  readonly retryAfterSeconds: readonly number[];
}

/** A provider, with all merchants that it serves at once. None of them sees what is another's. */
export interface ProviderSimulator {
  readonly merchants: readonly MerchantSimulator[];
  /** Serves each request for the merchant that it proves to be of. */
  readonly handle: Handler;
}

/** A merchant as the provider knows it. */
export interface RegisteredMerchant<T> {
  readonly counterpart: T;
  readonly callbackUrl: string;
}

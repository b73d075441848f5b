import type { Io } from '../io.ts';
import type { CurrencyTable } from '../money.ts';
import type { PaymentEvent } from '../orders/event.ts';
import type { Provider } from '../orders/kinds.ts';
import type { BillFacts, BillRow, Merchant, PaymentLimits } from '../orders/provider-gateway.ts';
import type { Receivers } from './message.ts';

/** What each `status` of a flat body means. */
export type FlatStatuses = Readonly<Record<string, PaymentEvent['type']>>;

/** How long a text may be, in what its provider counts. */
export interface TextLimit {
  readonly most: number;
  readonly unit: 'bytes' | 'characters';
}

/** What of ours is sent to providers as text. */
export type SentText = 'payment_no' | 'refund_no' | 'notify_url' | 'description' | 'openid' | 'reason';

/** Of one payment, in the currency's smallest unit. */
export interface AmountLimits {
  readonly least: number;
  readonly most: number;
}

/** What every provider's document says. */
export interface MerchantConfig {
  /** As `OfMerchant` names it. */
  readonly merchant: string;
  readonly former: readonly string[];
}

/** What a provider is, whoever is paid there. */
export interface ProviderFacts {
  /** As people call it. */
  readonly label: string;
  readonly currencies: CurrencyTable;
  /** The words of its own that the `status` of a flat body may be, besides those that every provider's may. */
  readonly flatStatuses: FlatStatuses;
  readonly limits: PaymentLimits;
  readonly bill: BillFacts;
  /** Null for what it is not sent. */
  readonly texts: Readonly<Record<SentText, TextLimit | null>>;
  /** Of a currency that it takes. */
  readonly amounts: (currency: string) => AmountLimits;
}

export interface OpenParts {
  readonly io: Io;
  /** The address that providers reach us at. */
  readonly publicUrl: string;
  /** Of the stage's order numbers. */
  readonly orderPrefix: string;
  /** Whose merchant it is: a tenant's own, or, with null, the stage's. */
  readonly tenant_id: number | null;
}

/** What is made of a merchant's document says whose it is. */
export interface OfMerchant {
  /** As the provider's own messages name it, in one name fit for paths. */
  readonly name: string;
  /** The merchants whose place it took, and whose documents are kept under their names. */
  readonly former: readonly string[];
}

/**
 * What makes something of a provider's configuration document, one for each execution environment: what is learned on
 * the way outlives a document that is replaced.
 * @throws DocumentError
 */
export type FromDocument<T extends OfMerchant> = (parts: OpenParts) => (document: unknown) => T;

/** Where the messages about the payments of a tenant's own merchant come in, or of the stage's, below our address. */
export const callbackPath = (provider: Provider, tenant_id: number | null): string =>
  `/api/pay/callback/${provider}${tenant_id === null ? '' : `/${tenant_id}`}`;

/** A provider, as everything outside its folder knows it. A callback takes `receive` alone. */
export interface ProviderFace {
  readonly name: Provider;
  readonly facts: ProviderFacts;
  /** What its configuration document says. @throws DocumentError */
  readonly parseDocument: (document: unknown) => MerchantConfig;
  readonly receive: FromDocument<Receivers>;
  /** The merchant of the document, and how it is asked. */
  readonly open: FromDocument<Merchant>;
}

/** Which bill is meant. */
export interface BillReference {
  /** YYYY-MM-DD, by the provider's calendar. */
  readonly date: string;
  /** A bill that was downloaded before; null when it is to be downloaded. */
  readonly file: string | null;
}

/** What a provider says that it took and returned for a merchant, day by day. */
export interface Bills extends OfMerchant {
  /** Iterating throws what is wrong with the bill, ProviderCallError and BillNotReadyError. */
  rows(bill: BillReference): AsyncIterable<BillRow>;
}

import type { LogisticsType, Provider, ShippingState } from './kinds.ts';

/** What is sent by a courier, in one parcel. */
export interface Parcel {
  /** As the provider codes it. */
  readonly express_company: string;
  readonly tracking_no: string;
  /** Of who receives it, masked but for its last four digits; null where the company asks for none. */
  readonly contact: string | null;
}

/** What was sent to whom bought it, in whatever way. */
export interface Shipment {
  readonly logistics_type: LogisticsType;
  /** What is sent, in words. */
  readonly items: string;
  /** Of a courier alone. */
  readonly parcels: readonly Parcel[];
}

/** That an order was sent, which its provider is told of: until then it keeps the money. */
export interface Shipping extends Shipment {
  readonly order_no: string;
  /** The payment that paid the order. */
  readonly payment: number;
  readonly payment_no: string;
  readonly provider: Provider;
  readonly state: ShippingState;
  readonly version: number;
  /** How often the provider took it: it lets itself be corrected once. */
  readonly told: number;
  /** Why it did not, in the provider's own code; null unless it is refused. */
  readonly refusal: string | null;
  readonly requested_at: string;
  readonly told_at: string | null;
}

/** How soon a stage's goods have to be sent, and what is sent without being asked for. */
export interface ShippingSettings {
  /** Hours from the payment on until the provider has to know. */
  readonly withinHours: number;
  /** Meals are told of as fetched as soon as they are paid. */
  readonly mealPickup: boolean;
}

/** How often a provider takes what was sent: once, and one correction. */
export const MAX_TOLD = 2;

/** What was sent is told of in so many characters (docs: "发货信息录入", `item_desc`). */
export const MOST_ITEMS_CHARACTERS = 120;

/** As long as a mobile's number, or a landline's with the code of its place. */
const FULL_NUMBER = 11;

/**
 * A person's number but for what a courier needs to tell people apart: its last four digits, and of a whole one the first
 * three. What is masked so already stays as it is.
 */
export function maskContact(contact: string): string {
  const shown = contact.replace(/[^\d*]/g, '').length < FULL_NUMBER ? 0 : 3;
  return contact.replace(/\d(?=(?:\D*\d){4})/g, (digit, offset: number) => (offset < shown ? digit : '*'));
}

/** Whether it says the same. */
export const isSameShipment = (one: Shipment, other: Shipment): boolean =>
  JSON.stringify([one.logistics_type, one.items, one.parcels.map(parcelText)]) ===
  JSON.stringify([other.logistics_type, other.items, other.parcels.map(parcelText)]);

const parcelText = ({ express_company, tracking_no, contact }: Parcel) => [
  express_company,
  tracking_no,
  contact,
];

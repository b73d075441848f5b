import { ulid } from 'ulid';
import { type ShopKind, shopKinds } from './kinds.ts';

/**
 * The numbers of orders and of their payments. `mall-123`, `meal-123`, and for tenants `p` + ULID; before it the prefix
 * of its stage, if that has one: then stages that share a merchant tell their orders apart. An order's first payment
 * has the order's number, its n-th `<order_no>-<n>`: with a prefix of 2 characters at most 32 in all, which is what
 * WeChat Pay takes as `out_trade_no`.
 */
export interface PaymentNumber {
  readonly prefix: string;
  readonly order_no: string;
  readonly n: number;
}

/** An order can have had so many payments. */
export const MAX_PAYMENTS = 99;

const SHOP = `(?:${shopKinds.join('|')})-[1-9][0-9]{0,15}`;
const ULID = '[0-7][0-9A-HJKMNP-TV-Z]{25}';
const PAYMENT = new RegExp(`^(([a-z0-9]{0,2})(?:${SHOP}|p${ULID}))(?:-([2-9]|[1-9][0-9]))?$`);

/** Begins with the prefix of its stage. */
export const PREFIX = /^[a-z0-9]{0,2}$/;

export const shopOrderNumber = (kind: ShopKind, id: number, prefix = ''): string => `${prefix}${kind}-${id}`;

/** A new number for a tenant's order. `now` in milliseconds; `random` gives so many bytes. */
export function tenantOrderNumber(now: number, random: (size: number) => Buffer, prefix = ''): string {
  const bytes = random(16).values();
  return `${prefix}p${ulid(now, () => (bytes.next().value ?? 0) / 256)}`;
}

/** The number under which a provider holds the n-th payment of an order. */
export const paymentNumber = (order_no: string, n: number): string =>
  n === 1 ? order_no : `${order_no}-${n}`;

/** Which payment of which order a number names, of whichever stage; null when it is none of ours. */
export function parsePaymentNumber(payment_no: string): PaymentNumber | null {
  // Stryker disable next-line ArrayDeclaration,StringLiteral: of a match the prefix is text, and nobody reads the whole
  const [, order_no, prefix = '', n = '1'] = PAYMENT.exec(payment_no) ?? [];
  if (order_no === undefined) return null;
  return { prefix, order_no, n: Number(n) };
}

/** Whether a number is an order's, and not that of a further payment of it. */
export const isOrderNumber = (order_no: string): boolean =>
  parsePaymentNumber(order_no)?.order_no === order_no;

/** Whether a number is one of the stage with this prefix. */
export const isNumberOf = (prefix: string, payment_no: string): boolean =>
  parsePaymentNumber(payment_no)?.prefix === prefix;

/** The kind of a shop order by its number; null for a tenant's. */
export const shopKindOf = ({ order_no, prefix }: PaymentNumber): ShopKind | null =>
  shopKinds.find((kind) => order_no.startsWith(`${prefix}${kind}-`)) ?? null;

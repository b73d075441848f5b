import type { Order, ShopKind } from './order.ts';

/**
 * An order's number says whose it is, so that a callback can be booked to the right account without a look-up:
 * `mall-123`, `meal-123` (`mall-123-2` for its second payment at the provider), and for tenants `p` + ULID, in which
 * eleven of the sixteen characters that a ULID leaves to chance hold the tenant's id. Before it comes the prefix of
 * its stage, if that has one: then stages that share a merchant account tell their orders apart.
 */
export type OrderOwner = { readonly prefix: string } & (
  | { readonly kind: ShopKind; readonly id: number; readonly attempt: number }
  | { readonly kind: 'tenant'; readonly tenant_id: number }
);

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SHOP = /^([a-z0-9]{0,4})(mall|meal)-([1-9][0-9]{0,15})(?:-([2-9]|[1-9][0-9]{1,3}))?$/;
const TENANT = /^([a-z0-9]{0,4})p[0-7][0-9A-HJKMNP-TV-Z]{9}([0-9A-HJKMNP-TV-Z]{11})[0-9A-HJKMNP-TV-Z]{5}$/;

type ShopMatch = readonly [all: string, prefix: string, kind: ShopKind, id: string, attempt?: string];
type TenantMatch = readonly [all: string, prefix: string, tenant_id: string];

/** Base 32 in Crockford's alphabet, as ULID has it; exact for every safe integer. */
function encode(value: number, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest = Math.floor(rest / 32))
    text = ALPHABET[rest % 32] + text;
  return text;
}

function decode(text: string): number {
  let value = 0;
  for (const character of text) value = value * 32 + ALPHABET.indexOf(character);
  return value;
}

export const shopOrderNumber = (kind: ShopKind, id: number, prefix = ''): string => `${prefix}${kind}-${id}`;

/** The order's own number, whichever of its payments a number names. */
export const ownOrderNumber = (payment_no: string, owner: OrderOwner): string =>
  owner.kind === 'tenant' ? payment_no : shopOrderNumber(owner.kind, owner.id, owner.prefix);

/** The number under which the provider holds the order's payment: the order's own, until that cannot be used again. */
export function paymentNumber(order: Order): string {
  return order.kind === 'tenant' || order.attempt === 1
    ? order.order_no
    : `${order.order_no}-${order.attempt}`;
}

/** A new number for a tenant's order. `now` in milliseconds; takes four random bytes. */
export function tenantOrderNumber(tenant_id: number, now: number, random: Buffer, prefix = ''): string {
  return `${prefix}p${encode(now, 10)}${encode(tenant_id, 11)}${encode(random.readUInt32BE() % 2 ** 25, 5)}`;
}

/** Whose order a number names, of whichever stage; null when it is none of ours. */
export function parseOrderNumber(order_no: string): OrderOwner | null {
  const shop = SHOP.exec(order_no);
  if (shop) {
    const [, prefix, kind, digits, attempt = 1] = shop as unknown as ShopMatch;
    const id = Number(digits);
    return Number.isSafeInteger(id) ? { prefix, kind, id, attempt: Number(attempt) } : null;
  }
  const tenant = TENANT.exec(order_no);
  if (!tenant) return null;
  const [, prefix, digits] = tenant as unknown as TenantMatch;
  const tenant_id = decode(digits);
  return tenant_id >= 1 && Number.isSafeInteger(tenant_id) ? { prefix, kind: 'tenant', tenant_id } : null;
}

/** Whether a number is one of the stage with this prefix. */
export const isOrderNumberOf = (prefix: string, order_no: string): boolean =>
  parseOrderNumber(order_no)?.prefix === prefix;

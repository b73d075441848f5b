import * as z from 'zod/mini';
import { orderStatuses, providers } from '../../orders/kinds.ts';

/** Field types that replies share. Replies are written and not parsed: their schemas are for documents and tests. */

export const time = z
  .string()
  .check(
    z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    z.meta({ description: 'ISO 8601 in UTC.', examples: ['2026-11-22T08:00:00.000Z'] }),
  );

export const amount = z
  .string()
  .check(
    z.regex(/^\d+(\.\d+)?$/),
    z.meta({ description: "In the currency's own unit, with all of its decimals.", examples: ['19.99'] }),
  );

export const currency = z
  .string()
  .check(z.regex(/^[A-Z]{3}$/), z.meta({ description: 'ISO 4217.', examples: ['CNY'] }));

export const orderNumber = z
  .string()
  .check(z.meta({ description: '`mall-<id>`, `meal-<id>`, or `p` and a ULID.', examples: ['mall-1'] }));

export const transactionId = z
  .string()
  .check(z.meta({ description: "The provider's number for the payment.", examples: ['4200000000000001'] }));

export const cursor = z
  .nullable(z.string())
  .check(z.meta({ description: 'Hand it back to go on; null at the end.' }));

export const paymentNumber = z.string().check(
  z.meta({
    description: "The payment's number at its provider: the order's, `<order_no>-<n>` for its n-th.",
    examples: ['mall-1-2'],
  }),
);

export const refundNumber = z
  .string()
  .check(z.meta({ description: 'The number under which the provider holds it.', examples: ['mall-1-r1'] }));

export const provider = z.enum(providers);

export const merchant = z
  .string()
  .check(z.meta({ description: 'Who is paid at the provider.', examples: ['1900000001'] }));

export const orderStatus = z.enum(orderStatuses);

export const subject = z.string().check(z.meta({ description: 'A `sub`.', examples: ['operator-1'] }));

export const ofTenant = z.nullable(z.int().check(z.gte(1)));

export const account = z.string().check(z.meta({ examples: ['shop:mall'] }));

export const date = z.string().check(z.regex(/^\d{4}-\d\d-\d\d$/), z.meta({ examples: ['2026-11-22'] }));

export const howMany = (description: string) => z.int().check(z.gte(0), z.meta({ description }));

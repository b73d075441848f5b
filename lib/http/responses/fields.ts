import * as z from 'zod/mini';
import { type ExceptionKind, exceptionKinds, orderStatuses, providers } from '../../orders/kinds.ts';

/** Field types of answers. Answers are written and not parsed: their schemas are for documents and tests. */

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

const exceptionMeanings: Readonly<Record<ExceptionKind, string>> = {
  mismatch: 'it disagrees with the payment',
  paid_after_close: 'money for an order that was given up',
  paid_twice: 'money for an order or payment that is paid already',
  paid_superseded: 'money for a payment that the order has given up for another',
  number_spent: 'the number was used for a payment of before',
  numbers_exhausted: 'the order has had all the payments that it can have',
  merchant_missing: 'the merchant of the payment is not configured any more',
  unknown_refund: 'a refund that was not made here',
};

export const exceptionKind = z.enum(exceptionKinds).check(
  z.meta({
    description: exceptionKinds.map((kind) => `\`${kind}\`: ${exceptionMeanings[kind]}.`).join(' '),
  }),
);

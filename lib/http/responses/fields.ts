import * as z from 'zod/mini';
import type { ExceptionKind } from '../../orders/exception.ts';
import type { OrderStatus, Provider } from '../../orders/order.ts';

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

export const provider = z.enum(['wechat', 'alipay', 'stripe'] satisfies Provider[]);

export const orderStatus = z.enum([
  'pending',
  'paid',
  'failed',
  'closed',
  'refunding',
  'refunded',
] satisfies OrderStatus[]);

export const exceptionKind = z
  .enum([
    'mismatch',
    'paid_after_close',
    'paid_twice',
    'paid_superseded',
    'unknown_refund',
  ] satisfies ExceptionKind[])
  .check(
    z.meta({
      description:
        '`mismatch`: it disagrees with the order. `paid_after_close`, `paid_twice`, `paid_superseded`: money that the order does not take. `unknown_refund`: a refund that was not made here.',
    }),
  );

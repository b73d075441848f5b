import * as z from 'zod/mini';
import { AmountError, type CurrencyFormat, formatAmount, parseAmount } from '../money.ts';
import type { TextLimit } from '../providers/provider.ts';

/**
 * Field types of request bodies; each message follows the field's name. What a check of our own asks for stands in its
 * `params` as JSON Schema says it, for the API's document.
 */

export const positiveInteger = z.int({ error: '须为整数' }).check(z.positive({ error: '须大于等于 1' }));

export const nonNegativeInteger = z
  .int({ error: '须为整数' })
  .check(z.nonnegative({ error: '须大于等于 0' }));

export const text = (longest: number) => sentText({ most: longest, unit: 'characters' });

/** Text that goes to a provider, as long as that takes it. */
export const sentText = (limit: TextLimit) =>
  z.string({ error: '须为字符串' }).check(
    z.refine((value) => value.isWellFormed() && value.length >= 1 && fits(value, limit), {
      error: tooLong(limit),
      params: { minLength: 1, maxLength: limit.most },
    }),
  );

export const fits = (value: string, { most, unit }: TextLimit): boolean =>
  (unit === 'bytes' ? Buffer.byteLength(value) : [...value].length) <= most;

/** What is wrong with a text that does not fit. */
export const tooLong = ({ most, unit }: TextLimit): string =>
  `长度须为 1 到 ${most} ${unit === 'bytes' ? '字节（UTF-8）' : '个字符'}`;

/**
 * Money as a JSON number, which means the shortest decimal that spells its double; as that text, to be read by the
 * currency's rules. What JavaScript would write with an exponent is too large or too fine for any currency.
 */
export const amountText = z.pipe(
  z.number({ error: '须为数字' }).check(
    z.refine((value) => value >= 0 && !Object.is(value, -0), { error: '不能带负号' }),
    z.lte(Number.MAX_SAFE_INTEGER, { error: '超出可表示的范围' }),
    z.refine((value) => value <= 0 || value >= 1e-6, { error: '小数位数过多' }),
  ),
  z.transform(String),
);

/** A request body: a JSON object of these fields and no others, so that a misspelt one is never taken for left out. */
export const bodyFields = <Shape extends z.core.$ZodShape>(shape: Shape) =>
  z.strictObject(shape, { error: '须为 JSON 对象' });

/** Refuses a field that is wrong only together with another. */
export function refuseField(context: z.core.ParsePayload, field: string, message: string): never {
  context.issues.push({ code: 'custom', path: [field], message, input: undefined });
  return z.NEVER;
}

/** The amount in smallest units, or what is wrong with it. */
export function readAmount(
  text: string,
  format: CurrencyFormat,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number | { readonly error: string } {
  try {
    const amount = parseAmount(text, format);
    if (amount > most) return { error: `不能高于 ${formatAmount(most, format)}` };
    if (amount >= least) return amount;
    return { error: least === 1 ? '须大于 0' : `不能低于 ${formatAmount(least, format)}` };
  } catch (error) {
    if (error instanceof AmountError) return { error: error.message };
    throw error;
  }
}

const IDENTIFIER = /^[1-9][0-9]{0,15}$/;

/** A positive integer in a path; null when it is none. */
export function pathInteger(value: string | undefined): number | null {
  const number = IDENTIFIER.test(value ?? '') ? Number(value) : 0;
  return number > 0 && Number.isSafeInteger(number) ? number : null;
}

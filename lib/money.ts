import type { Wording } from './wording.ts';

/**
 * How a provider counts a currency: `digits` decimals make up its smallest unit, and an amount in that unit
 * must be a multiple of `step`.
 */
export interface CurrencyFormat {
  readonly digits: number;
  readonly step: number;
}

export type CurrencyTable = Readonly<Record<string, CurrencyFormat>>;

/** A decimal text that is not an amount of its currency. The message says what is wrong, without the text. */
export class AmountError extends Error {
  override readonly name = 'AmountError';
  readonly wording: Wording;

  constructor(wording: Wording) {
    super(wording.zh);
    this.wording = wording;
  }
}

const DECIMAL = /^(0|[1-9][0-9]{0,15})(?:\.([0-9]{1,30}))?$/;

/**
 * The amount in the currency's smallest unit, exactly. Plain ASCII decimals only: no sign, exponent or grouping.
 * Zeros at the end of the fraction do not count as decimals, since JSON writers add and drop them freely.
 * @throws AmountError
 */
export function parseAmount(text: string, { digits, step }: CurrencyFormat): number {
  const match = DECIMAL.exec(text);
  if (!match)
    throw new AmountError({
      zh: '须为不带符号和指数的十进制数',
      en: 'must be a decimal number without sign and exponent',
    });
  const fraction = (match[2] ?? '').replace(/0+$/, '');
  if (fraction.length > digits)
    throw new AmountError({
      zh: `小数位数不能超过 ${digits} 位`,
      en: `must not have more than ${digits} decimals`,
    });
  const amount = Number(`${match[1]}${fraction.padEnd(digits, '0')}`);
  if (!Number.isSafeInteger(amount)) throw new AmountError({ zh: '超出可表示的范围', en: 'is out of range' });
  if (amount % step !== 0)
    throw new AmountError({
      zh: `须为最小单位的 ${step} 倍`,
      en: `must be a multiple of ${step} of the smallest unit`,
    });
  return amount;
}

/** The decimal text of an amount in smallest units, with all of the currency's decimals. */
export function formatAmount(amount: number | bigint, { digits }: CurrencyFormat): string {
  const text = String(amount).padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

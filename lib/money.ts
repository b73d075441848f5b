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
}

const DECIMAL = /^(0|[1-9][0-9]{0,15})(?:\.([0-9]{1,30}))?$/;

/**
 * The amount in the currency's smallest unit, exactly. Plain ASCII decimals only: no sign, exponent or grouping.
 * Zeros at the end of the fraction do not count as decimals, since JSON writers add and drop them freely.
 * @throws AmountError
 */
export function parseAmount(text: string, { digits, step }: CurrencyFormat): number {
  const match = DECIMAL.exec(text);
  if (!match) throw new AmountError('须为不带符号和指数的十进制数');
  const fraction = (match[2] ?? '').replace(/0+$/, '');
  if (fraction.length > digits) throw new AmountError(`小数位数不能超过 ${digits} 位`);
  const amount = Number(`${match[1]}${fraction.padEnd(digits, '0')}`);
  if (!Number.isSafeInteger(amount)) throw new AmountError('超出可表示的范围');
  if (amount % step !== 0) throw new AmountError(`须为最小单位的 ${step} 倍`);
  return amount;
}

/** The decimal text of an amount in smallest units, with all of the currency's decimals. */
export function formatAmount(amount: number | bigint, { digits }: CurrencyFormat): string {
  const text = String(amount).padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

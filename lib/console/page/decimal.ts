/** The sum of decimal texts, exact, with as many decimals as the one that has most; `0` of none. */
export function sumOfDecimals(texts: readonly string[]): string {
  const digits = Math.max(0, ...texts.map(decimalsOf));
  const sum = texts.reduce((total, text) => total + scaled(text, digits), 0n);
  const text = String(sum < 0n ? -sum : sum).padStart(digits + 1, '0');
  const unsigned = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
  return sum < 0n ? `-${unsigned}` : unsigned;
}

/** A decimal text with the other sign. */
export const negated = (text: string): string => (text.startsWith('-') ? text.slice(1) : `-${text}`);

/** Without so many zeros at most at the end of its fraction: fees are counted in thousandths of a smallest unit. */
export const withoutZeros = (text: string, most: number): string =>
  text.replace(new RegExp(`(?<=\\.\\d*)0{1,${most}}$`), '').replace(/\.$/, '');

const decimalsOf = (text: string): number => (text.split('.')[1] ?? '').length;

const scaled = (text: string, digits: number): bigint => {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(digits, '0'));
};

import { shopKinds } from '../../../lib/orders/kinds.ts';

const ORDER_NUMBER = new RegExp(
  `\\b[a-z0-9]{0,2}(?:(?:${shopKinds.join('|')})-[1-9]\\d{0,15}|p[0-7][0-9A-HJKMNP-TV-Z]{25})\\b`,
  'g',
);

/**
 * The orders that a text names, each once: a message's path and body say so, whichever provider's it is. The number of
 * a further payment or of a refund begins with its order's.
 */
export function orderNumbersIn(text: string): readonly string[] {
  return [...new Set(text.match(ORDER_NUMBER))];
}

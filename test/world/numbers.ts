/** Order and payment numbers as the contract has them: `mall-<id>`, `meal-<id>`, `p` + ULID, and `-<n>` from the second payment on; before it the stage's prefix. */
const PAYMENT = /^([a-z0-9]{0,2}(?:(?:mall|meal)-[1-9]\d*|p[0-9A-HJKMNP-TV-Z]{26}))(?:-([2-9]|[1-9]\d))?$/;

export function parseNumber(number: string): { readonly order_no: string; readonly n: number } | null {
  const [, order_no, n = '1'] = PAYMENT.exec(number) ?? [];
  return order_no === undefined ? null : { order_no, n: Number(n) };
}

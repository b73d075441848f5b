import * as z from 'zod/mini';
import { isOneOf, type ShopKind, shopKinds } from '../orders/kinds.ts';
import { currencyFormat } from '../providers/facts.ts';
import { ApiError } from './api-error.ts';
import {
  amountText,
  nonNegativeInteger,
  pathInteger,
  readAmount,
  refuseField,
  text,
  textInBytes,
} from './fields.ts';

const fields = z.object({
  user_id: text(256),
  openid: z.optional(z.nullable(text(128))),
  amount: amountText,
  points: nonNegativeInteger,
  description: textInBytes(127),
});

export interface ShopOrderBody {
  readonly user_id: string;
  readonly openid: string | null;
  readonly amount: number;
  readonly points: number;
  readonly description: string;
}

/** The body of a shop order that is handed over, with its amount in fen. */
export const shopOrderSchema: z.ZodMiniType<ShopOrderBody> = z.pipe(
  fields,
  z.transform(({ openid = null, amount: text, ...rest }, context) => {
    const format = currencyFormat('wechat', 'CNY');
    const amount = format ? readAmount(text, format, 0) : { error: '无效' };
    if (typeof amount !== 'number') return refuseField(context, 'amount', amount.error);
    if (amount > 0 && openid === null) return refuseField(context, 'openid', '在金额大于 0 时必填');
    return { ...rest, openid, amount };
  }),
);

/** The order that a path names. @throws ApiError */
export function shopOrderPath({ kind = '', id }: Readonly<Record<string, string | undefined>>): {
  kind: ShopKind;
  id: number;
} {
  if (!isOneOf(shopKinds, kind)) throw new ApiError(400, `kind 须为 ${shopKinds.join(' 或 ')}`);
  const number = pathInteger(id);
  if (number === null) throw new ApiError(400, 'id 须为正整数');
  return { kind, id: number };
}

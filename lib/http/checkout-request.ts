import * as z from 'zod/mini';
import type { CheckoutOrderRequest, IdempotentCaller } from '../orders/checkout.ts';
import { currencyFormat } from '../providers/currencies.ts';
import { ApiError } from './api-error.ts';
import { amountText, positiveInteger, readAmount, refuseField } from './fields.ts';

const fields = z.object({
  tenant_id: positiveInteger,
  amount: amountText,
  currency: z._default(z.string({ error: '须为字符串' }), 'CNY'),
  provider: z.enum(['alipay', 'wechat', 'stripe'], { error: '须为 alipay、wechat 或 stripe' }),
});

/** The body of a checkout, with its amount in the provider's smallest unit. */
export const checkoutSchema: z.ZodMiniType<CheckoutOrderRequest> = z.pipe(
  fields,
  z.transform(({ tenant_id, amount: text, currency, provider }, context) => {
    const format = currencyFormat(provider, currency);
    if (!format) return refuseField(context, 'currency', `不是 ${provider} 支持的 ISO 4217 货币代码`);
    const amount = readAmount(text, format, 1);
    return typeof amount === 'number'
      ? { tenant_id, amount, currency, provider }
      : refuseField(context, 'amount', amount.error);
  }),
);

export const idempotencyKeyForm = /^[\x20-\x7e]{1,255}$/;

/** The caller's idempotency key, if there is one. @throws ApiError */
export function idempotentCaller(subject: string, key: string | undefined): IdempotentCaller | null {
  if (key === undefined) return null;
  if (!idempotencyKeyForm.test(key))
    throw new ApiError(400, 'Idempotency-Key 须为 1 到 255 个可打印 ASCII 字符');
  return { subject, key };
}

import * as z from 'zod/mini';
import type { CheckoutRequest } from '../orders/checkout.ts';
import { providers } from '../orders/kinds.ts';
import { currencyFormat } from '../providers/facts.ts';
import { amountText, positiveInteger, readAmount, refuseField } from './fields.ts';

const fields = z.object({
  tenant_id: positiveInteger,
  amount: amountText,
  currency: z._default(z.string({ error: '须为字符串' }), 'CNY'),
  provider: z.enum(providers, { error: `须为 ${providers.join('、')} 之一` }),
});

/** The body of a checkout, with its amount in the provider's smallest unit. */
export const checkoutSchema: z.ZodMiniType<CheckoutRequest> = z.pipe(
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

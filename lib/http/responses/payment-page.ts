import * as z from 'zod/mini';
import { orderNumber } from './fields.ts';

export const paymentPage = z.object({
  order_no: orderNumber,
  pay_url: z.string().check(
    z.meta({
      description:
        'Where the payer pays: a page of Alipay or Stripe, or a `weixin://` address to be shown as a QR code.',
      examples: ['weixin://wxpay/bizpayurl?pr=p4lpSuKzz'],
    }),
  ),
});

export type PaymentPage = z.infer<typeof paymentPage>;

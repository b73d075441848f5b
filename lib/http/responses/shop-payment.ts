import * as z from 'zod/mini';

/** What a mini-program hands to `wx.requestPayment`, with the app's id. */
export const paymentParameters = z.object({
  appId: z.string(),
  timeStamp: z.string().check(z.regex(/^\d+$/), z.meta({ description: 'Seconds since 1970.' })),
  nonceStr: z.string(),
  package: z.string().check(z.regex(/^prepay_id=/)),
  signType: z.literal('RSA'),
  paySign: z.string(),
});

export type PaymentParameters = z.infer<typeof paymentParameters>;

/** The order cost nothing and is paid. */
export const paidAtOnce = z.object({ paid: z.literal(true) });

export type PaidAtOnce = z.infer<typeof paidAtOnce>;

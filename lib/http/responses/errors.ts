import * as z from 'zod/mini';

const status = z.int().check(z.gte(400), z.lte(599), z.meta({ description: 'The HTTP status.' }));

const message = z.string().check(z.meta({ description: 'What is wrong; of a field, which one.' }));

/** Of `/api/pay/*`. */
export const payError = z.object({ code: status, msg: message, data: z.null() });

/** Of `/v2/*`. */
export const v2Error = z.object({ code: status, message, data: z.null() });

/** Of `/v2/*` at 401. */
export const v2Unauthenticated = z.object({ code: z.literal(401), message: z.literal('用户未认证') });

/** To WeChat Pay, of a message that it must send again. */
export const wechatFailure = z.object({ code: z.literal('FAIL'), message: z.string() });

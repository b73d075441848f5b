import type { IdempotentCaller } from '../orders/idempotency.ts';
import { ApiError } from './reply.ts';

export const idempotencyKeyForm = /^[\x20-\x7e]{1,255}$/;

/** The caller's idempotency key, if there is one. @throws ApiError */
export function idempotentCaller(
  operation: IdempotentCaller['operation'],
  subject: string,
  key: string | undefined,
): IdempotentCaller | null {
  if (key === undefined) return null;
  if (!idempotencyKeyForm.test(key))
    throw new ApiError(400, 'Idempotency-Key 须为 1 到 255 个可打印 ASCII 字符');
  return { operation, subject, key };
}

import type { IdempotentCaller } from '../orders/idempotency.ts';
import { invalidField } from './api-error.ts';

export const idempotencyKeyForm = /^[\x20-\x7e]{1,255}$/;

/** The caller's idempotency key, if there is one. @throws ApiError */
export function idempotentCaller(
  operation: IdempotentCaller['operation'],
  subject: string,
  key: string | undefined,
): IdempotentCaller | null {
  if (key === undefined) return null;
  if (!idempotencyKeyForm.test(key)) {
    throw invalidField('Idempotency-Key', {
      zh: '须为 1 到 255 个可打印 ASCII 字符',
      en: 'must be 1 to 255 printable ASCII characters',
    });
  }
  return { operation, subject, key };
}

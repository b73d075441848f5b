import { JsonError } from '../json.ts';
import { MalformedMessageError } from './errors.ts';

/** A payment's number as a provider's message repeats it. @throws MalformedMessageError */
export function readPaymentNumber(value: unknown, field: string): string {
  return readText(value, field, /^[0-9A-Za-z_\-|*]{1,64}$/);
}

/** A provider's own number for a transaction. @throws MalformedMessageError */
export function readTransactionId(value: unknown, field: string): string {
  return readText(value, field, /^[!-~]{1,64}$/);
}

/** @throws MalformedMessageError */
export function readText(value: unknown, field: string, form: RegExp): string {
  if (value === undefined || value === null || value === '')
    throw new MalformedMessageError(field, '不能为空');
  if (typeof value !== 'string') throw new MalformedMessageError(field, '须为字符串');
  if (!form.test(value)) throw new MalformedMessageError(field, '格式不正确');
  return value;
}

/** What `read` makes of JSON that `field` holds, or that is the message. @throws MalformedMessageError */
export function readJson<T>(field: string | null, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof JsonError ? new MalformedMessageError(field, error.message) : error;
  }
}

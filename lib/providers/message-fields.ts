import { MalformedMessageError } from './errors.ts';

/** An order number as a provider's message repeats it. @throws MalformedMessageError */
export function readOrderNumber(value: unknown, field: string): string {
  return readText(value, field, /^[0-9A-Za-z_\-|*]{1,64}$/);
}

/** A provider's own number for a transaction. @throws MalformedMessageError */
export function readTransactionId(value: unknown, field: string): string {
  return readText(value, field, /^[!-~]{1,64}$/);
}

/** @throws MalformedMessageError */
export function readText(value: unknown, field: string, form: RegExp): string {
  if (value === undefined || value === '') throw new MalformedMessageError(field, '不能为空');
  if (typeof value !== 'string') throw new MalformedMessageError(field, '须为字符串');
  if (!form.test(value)) throw new MalformedMessageError(field, '格式不正确');
  return value;
}

import { JsonError } from '../json.ts';
import type { ProviderEvent } from '../orders/event.ts';
import type { Merchant } from '../orders/provider-gateway.ts';
import type { Wording } from '../wording.ts';

/** An HTTP message as it arrived: header names in lower case, the body's own bytes. */
export interface RawMessage {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/**
 * Verifies a message and says what it means; null when it is genuine and asks for nothing.
 * @throws VerificationError, MalformedMessageError
 */
export type ReceiveMessage = (message: RawMessage) => ReceivedEvent | Promise<ReceivedEvent>;

export type ReceivedEvent = ProviderEvent | null;

/** The two forms in which a provider's callback comes: its own message, and the flat body of a relay. */
export type MessageForm = 'native' | 'flat';

/** How a merchant's messages are received. */
export interface Receivers
  extends Pick<Merchant, 'name' | 'former'>,
    Readonly<Record<MessageForm, ReceiveMessage>> {}

export type VerificationReason =
  | 'signature_missing'
  | 'signature_malformed'
  | 'signature_mismatch'
  | 'timestamp_out_of_range'
  | 'unknown_key'
  | 'probe';

/** A message that is not proven to come from the provider. Nothing in it may be used. */
export class VerificationError extends Error {
  override readonly name = 'VerificationError';
  readonly reason: VerificationReason;

  constructor(reason: VerificationReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/**
 * A message whose form is wrong; `field` is the field to mend, or null when it is the whole. Before a message is verified
 * its sender may be anybody: `reason`, which is for the log, then says so in words of ours alone.
 */
export class MalformedMessageError extends Error {
  override readonly name = 'MalformedMessageError';
  readonly field: string | null;
  readonly wording: Wording;
  readonly reason: string;

  constructor(
    field: string | null,
    wording: Wording,
    reason = field === null ? wording.zh : `${field} ${wording.zh}`,
  ) {
    super(wording.zh);
    this.field = field;
    this.wording = wording;
    this.reason = reason;
  }
}

/** What is wrong with fields of messages, whatever their provider. */
export const wordings = {
  missing: { zh: '必填', en: 'is required' },
  empty: { zh: '不能为空', en: 'must not be empty' },
  notText: { zh: '须为字符串', en: 'must be a string' },
  notObject: { zh: '须为 JSON 对象', en: 'must be a JSON object' },
  malformed: { zh: '格式不正确', en: 'is malformed' },
  unsupported: { zh: '不受支持', en: 'is not supported' },
  unknown: { zh: '不是允许的字段', en: 'is not a known field' },
  repeated: { zh: '重复出现', en: 'occurs more than once' },
} as const satisfies Readonly<Record<string, Wording>>;

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
  if (value === undefined || value === null) throw new MalformedMessageError(field, wordings.missing);
  if (value === '') throw new MalformedMessageError(field, wordings.empty);
  if (typeof value !== 'string') throw new MalformedMessageError(field, wordings.notText);
  if (!form.test(value)) throw new MalformedMessageError(field, wordings.malformed);
  return value;
}

/** What `read` makes of JSON that `field` holds, or that is the message. @throws MalformedMessageError */
export function readJson<T>(field: string | null, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof JsonError ? new MalformedMessageError(field, error.wording) : error;
  }
}

import { randomUUID } from 'node:crypto';
import type { WechatCounterpart } from '../../documents.ts';
import { rfc3339Beijing } from '../beijing-time.ts';
import type { Message } from '../delivery.ts';
import type { Forgery } from '../provider-simulator.ts';
import { encrypted } from './encrypted.ts';
import { signatureHeaders } from './signature.ts';

/** What a notification tells of, and how it is named. */
export interface NoticeContent {
  readonly event_type: string;
  readonly summary: string;
  readonly original_type: 'transaction' | 'refund';
  readonly content: unknown;
}

/**
 * The notification of a payment or a refund: what it tells of encrypted with the APIv3 key, the whole signed with the
 * platform's key (wechatpay-java NotificationParser reads it). `now` in milliseconds.
 */
export function notification(
  { event_type, summary, original_type, content }: NoticeContent,
  counterpart: WechatCounterpart,
  now: number,
  forgery?: Forgery,
): Message {
  const body = JSON.stringify({
    id: randomUUID(),
    create_time: rfc3339Beijing(now),
    resource_type: 'encrypt-resource',
    event_type,
    summary,
    resource: {
      original_type,
      ...encrypted(JSON.stringify(content), counterpart.document.apiv3_key, original_type),
    },
  });
  return {
    headers: { 'content-type': 'application/json', ...signatureHeaders(body, counterpart, now, forgery) },
    body,
  };
}

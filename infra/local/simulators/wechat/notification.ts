import { createCipheriv, randomUUID } from 'node:crypto';
import type { WechatCounterpart } from '../../documents.ts';
import { rfc3339Beijing } from '../beijing-time.ts';
import type { Message } from '../delivery.ts';
import type { Forgery } from '../provider-simulator.ts';
import { randomText } from '../random.ts';
import { signatureHeaders } from './signature.ts';

const ASSOCIATED_DATA = 'transaction';

/**
 * The notification of a payment: the transaction encrypted with the APIv3 key, the whole signed with the platform's
 * key (wechatpay-java NotificationParser reads it). `now` in milliseconds.
 */
export function notification(
  transaction: unknown,
  counterpart: WechatCounterpart,
  now: number,
  forgery?: Forgery,
): Message {
  const nonce = randomText(12);
  const body = JSON.stringify({
    id: randomUUID(),
    create_time: rfc3339Beijing(now),
    resource_type: 'encrypt-resource',
    event_type: 'TRANSACTION.SUCCESS',
    summary: '支付成功',
    resource: {
      original_type: 'transaction',
      algorithm: 'AEAD_AES_256_GCM',
      ciphertext: encrypt(JSON.stringify(transaction), counterpart.document.apiv3_key, nonce),
      associated_data: ASSOCIATED_DATA,
      nonce,
    },
  });
  return {
    headers: { 'content-type': 'application/json', ...signatureHeaders(body, counterpart, now, forgery) },
    body,
  };
}

/** AES-256-GCM in base64, the tag behind the ciphertext. */
function encrypt(text: string, key: string, nonce: string): string {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(ASSOCIATED_DATA));
  return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

import type { WechatConfig } from '../../config/wechat.ts';
import { parseJsonObject } from '../../json.ts';
import { readJson, readText } from '../message-fields.ts';
import type { ReceiveMessage } from '../provider.ts';
import { decryptResource } from './decrypt.ts';
import { readRefundNotice, refundNotices } from './refund-notice.ts';
import { readTransactionEvent } from './transaction-event.ts';
import { verifyWechatMessage } from './verify.ts';

/** Receives WeChat Pay's notifications; `now` gives milliseconds. */
export function receiveWechatNotification(
  { publicKeys, apiv3Keys }: Pick<WechatConfig, 'publicKeys' | 'apiv3Keys'>,
  now: () => number,
): ReceiveMessage {
  return async (message) => {
    await verifyWechatMessage(publicKeys, message, now());
    const { event_type, resource } = readJson(null, () => parseJsonObject(message.body));
    const type = readText(event_type, 'event_type', /^[!-~]{1,64}$/);
    const refund = refundNotices.get(type);
    if (type !== 'TRANSACTION.SUCCESS' && !refund) return null;
    const plaintext = decryptResource(resource, apiv3Keys);
    const fields = readJson('resource.ciphertext', () => parseJsonObject(plaintext));
    return refund ? readRefundNotice(refund, fields) : readTransactionEvent(fields);
  };
}

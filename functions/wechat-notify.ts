import { createCallback } from '../lib/http/callback.ts';
import { wechatNotifyAcknowledgement } from '../lib/http/callback-form.ts';
import { receiveWechat } from '../lib/providers/wechat/message.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { withDeadline } from '../lib/store/client.ts';
import { createOrderStore } from '../lib/store/order-store.ts';

/** POST /v2/payments/notify: WeChat Pay's own message of a shop order. */
export const create = (runtime: Runtime) =>
  createCallback(runtime, {
    provider: 'wechat',
    findReceiver: runtime.receivers('wechat', receiveWechat),
    chooseForm: () => ({ receiver: 'native', acknowledgement: wechatNotifyAcknowledgement }),
    openStore: () => createOrderStore(withDeadline(runtime.store)),
  });

export const handler = start('wechat-notify', create);

import { createCallback } from '../lib/http/callback.ts';
import { callbackForms } from '../lib/http/callback-form.ts';
import { receiveWechat } from '../lib/providers/wechat/message.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { withDeadline } from '../lib/store/client.ts';
import { createOrderStore } from '../lib/store/order-store.ts';

/** POST /api/pay/callback/wechat: the provider's own message, or the flat body of a relay. */
export const create = (runtime: Runtime) =>
  createCallback(runtime, {
    provider: 'wechat',
    findReceiver: runtime.receivers('wechat', receiveWechat),
    chooseForm: callbackForms.wechat,
    openStore: () => createOrderStore(withDeadline(runtime.store)),
  });

export const handler = start('wechat-callback', create);

import { createCallback } from '../lib/http/callback.ts';
import { callbackForms } from '../lib/http/callback-form.ts';
import { receiveAlipay } from '../lib/providers/alipay/message.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { withDeadline } from '../lib/store/client.ts';
import { createOrderStore } from '../lib/store/order-store.ts';

/** POST /api/pay/callback/alipay: the provider's own message, or the flat body of a relay. */
export const create = (runtime: Runtime) =>
  createCallback(runtime, {
    provider: 'alipay',
    findReceiver: runtime.receivers('alipay', receiveAlipay),
    chooseForm: callbackForms.alipay,
    openStore: () => createOrderStore(withDeadline(runtime.store)),
  });

export const handler = start('alipay-callback', create);

import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { flatSignature } from '../../lib/providers/flat-callback.ts';
import { tenantOrder } from '../support/orders.ts';
import { type Deliver, startCallback } from './callback.ts';
import { createStage, type Rehearsal } from './stage.ts';

interface Relayed {
  readonly provider: 'wechat' | 'alipay';
  readonly document: { readonly callback_keys: readonly string[] };
  readonly createReceiver: Parameters<typeof startCallback>[1];
}

/** The keys that relays sign flat bodies with. */
export const relayKeys =
  ({ provider, document, createReceiver }: Relayed): Rehearsal =>
  async () => {
    const [before = ''] = document.callback_keys;
    const after = randomBytes(32).toString('hex');
    const stage = await createStage({
      documents: { [provider]: document },
      start: startCallback(provider, createReceiver),
    });
    const deliver =
      (key: string, expected: 'booked' | 'refused' = 'booked') =>
      async (call: Deliver) => {
        const order = tenantOrder({ provider, currency: 'CNY' });
        const fields = { order_no: order.order_no, status: 'succeeded', amount: '19.99', currency: 'CNY' };
        const sig = flatSignature(new Map(Object.entries(fields)), Buffer.from(key));
        const body = Buffer.from(JSON.stringify({ ...fields, sig }));
        expect(await call({ headers: { 'content-type': 'application/json' }, body }, order)).toBe(expected);
      };

    await stage.live(deliver(before));
    stage.put(provider, { callback_keys: [after, before] });
    await stage.live(deliver(before));
    // The relays are given the new key, one after the other.
    await stage.live(async (call) => {
      await deliver(before)(call);
      await deliver(after)(call);
    });
    stage.put(provider, { callback_keys: [after] });
    await stage.live(deliver(after));
    await stage.everywhere(deliver(before, 'refused'));
  };

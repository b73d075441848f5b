import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import type { Provider } from '../../lib/orders/kinds.ts';
import { flatSignature } from '../../lib/providers/flat-callback.ts';
import type { Receivers } from '../../lib/providers/message.ts';
import type { FromDocument } from '../../lib/providers/provider.ts';
import { tenantOrder } from '../support/orders.ts';
import { beginPayment } from '../support/parties.ts';
import { type Deliver, startCallback } from './callback.ts';
import { createStage, type Rehearsal } from './stage.ts';

/** The keys that relays sign flat bodies with. `merchant` is that of the document. */
export const relayKeys =
  (
    provider: Provider,
    receive: FromDocument<Receivers>,
    document: { readonly callback_keys: readonly string[] },
    merchant: string,
  ): Rehearsal =>
  async () => {
    const [before = ''] = document.callback_keys;
    const after = randomBytes(32).toString('hex');
    const stage = await createStage({
      documents: { [provider]: document },
      start: startCallback(provider, receive),
    });
    const deliver =
      (key: string, expected: 'booked' | 'refused' = 'booked') =>
      async (call: Deliver) => {
        const payee = { provider, merchant, appid: null };
        const begun = beginPayment(tenantOrder({ currency: 'CNY' }), payee);
        const fields = {
          order_no: begun.payment.payment_no,
          status: 'succeeded',
          amount: '19.99',
          currency: 'CNY',
        };
        const sig = flatSignature(new Map(Object.entries(fields)), Buffer.from(key));
        const body = Buffer.from(JSON.stringify({ ...fields, sig }));
        expect(await call({ headers: { 'content-type': 'application/json' }, body }, begun)).toBe(expected);
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

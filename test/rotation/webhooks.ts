import { Webhook } from 'standardwebhooks';
import { expect } from 'vitest';
import { createFindEndpoint } from '../../lib/webhooks/endpoints.ts';
import { signatureHeaders } from '../../lib/webhooks/sign.ts';
import { webhookSecret } from '../support/webhook-secret.ts';
import { createStage, type Rehearsal } from './stage.ts';

const [before, after] = [webhookSecret(1), webhookSecret(2)];
const message = { id: 'evt_1', body: '{"type":"order.paid"}' };

/** The shop learns the new secret while what is sent is signed with both. */
const secretOfWebhooks: Rehearsal = async () => {
  type Sign = () => Promise<Readonly<Record<string, string>>>;
  const stage = await createStage({
    documents: { webhooks: { url: 'https://shop.example.com/settle', secrets: [before] } },
    start: (documents, { now }): Sign => {
      const register = { find: async () => null };
      const findEndpoint = createFindEndpoint({ documents, register, allowLoopback: false, now });
      // By the clock of this machine, which the shop's package goes by.
      return async () => signatureHeaders((await findEndpoint('stage'))?.secrets ?? [], message, Date.now());
    },
  });
  let shop = new Webhook(before);
  const deliver = async (sign: Sign) => {
    expect(shop.verify(message.body, await sign())).toEqual(JSON.parse(message.body));
  };

  await stage.live(deliver);
  stage.put('webhooks', { secrets: [after, before] });
  await stage.live(deliver);
  shop = new Webhook(after);
  await stage.live(deliver);
  stage.put('webhooks', { secrets: [after] });
  await stage.live(deliver);
  shop = new Webhook(before);
  await expect(stage.everywhere(deliver)).rejects.toThrow('No matching signature found');
};

export const webhookRehearsals: Readonly<Record<string, Rehearsal>> = {
  'Secret of webhooks': secretOfWebhooks,
};

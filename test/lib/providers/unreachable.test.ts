import { describe, expect, it } from 'vitest';
import { sendToWecom } from '../../../lib/announcements/wecom.ts';
import { systemIo, unansweredReason } from '../../../lib/io.ts';
import { allProviders } from '../../../lib/providers/all.ts';
import { startLoopbackServer } from '../../support/loopback-server.ts';
import { createParties } from '../../support/parties.ts';

const { documents } = createParties();
const payment = {
  payment_no: 'mall-1',
  amount: 1999,
  currency: 'CNY',
  appid: null,
  begun_at: '2026-11-22T08:00:00.000Z',
  expires_at: '2026-11-22T10:00:00.000Z',
  description: '租户 7 订单',
  attempt: 1,
  return_url: null,
  handed_out: null,
};

/** An address of this machine that nothing listens at any more. */
async function closedAddress(): Promise<string> {
  const server = await startLoopbackServer(() => ({ body: '' }));
  await server.close();
  return server.baseUrl;
}

const failed = (code: string, cause: unknown = undefined) =>
  Object.assign(new TypeError('fetch failed'), {
    cause: Object.assign(new Error('secret', { cause }), { code }),
  });

describe('whoever cannot be reached', () => {
  it.each(allProviders.map((face) => [face.name, face] as const))(
    'is told of with the cause: %s',
    async (name, face) => {
      const address = await closedAddress();
      const addresses = { base_url: address, gateway_url: `${address}/gateway.do` };
      const parts = { io: systemIo, publicUrl: 'https://pay.example', orderPrefix: '', tenant_id: null };
      const { gateway } = face.open(parts)({ ...documents[name], ...addresses });
      const asked = [() => gateway.query(payment), () => gateway.close(payment)];
      for (const ask of asked) {
        await expect(ask()).rejects.toThrow(
          expect.objectContaining({
            name: 'ProviderCallError',
            status: null,
            message: expect.stringMatching(/\bECONNREFUSED\b/),
          }),
        );
      }
    },
  );

  it('is told of with the cause: the group robot', async () => {
    const webhookUrl = new URL(`${await closedAddress()}/send?key=secret`);
    await expect(sendToWecom({ webhookUrl }, systemIo, 'text')).rejects.toThrow(
      'no answer from WeCom (ECONNREFUSED)',
    );
  });

  it.each([
    [failed('ETIMEDOUT'), 'ETIMEDOUT'],
    [failed('UND_ERR_CONNECT_TIMEOUT'), 'UND_ERR_CONNECT_TIMEOUT'],
    [failed('DEPTH_ZERO_SELF_SIGNED_CERT'), 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    [Object.assign(new Error('outer'), { cause: failed('ENOTFOUND') }), 'ENOTFOUND'],
    [new DOMException('', 'TimeoutError'), 'TimeoutError'],
    [failed('a text of\nsomebody'), 'TypeError'],
    [new TypeError('fetch failed', { cause: new Error('unexpected redirect') }), 'redirected'],
    ['a text', 'no answer'],
  ])('is told of in words of the system, and nothing of an address: %#', (error, reason) => {
    expect(unansweredReason(error)).toBe(reason);
  });
});

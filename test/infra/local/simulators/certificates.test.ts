import { createPrivateKey, createPublicKey } from 'node:crypto';
import { expect, it } from 'vitest';
import { parseWechatDocument } from '../../../../lib/config/wechat.ts';
import { systemIo } from '../../../../lib/io.ts';
import { withPlatformCertificates } from '../../../../lib/providers/wechat/certificates.ts';
import { receiveWechatMessage } from '../../../../lib/providers/wechat/message.ts';
import { createCertificate } from '../../../support/certificate.ts';
import { type Bench, startBench, uniqueOrderNumber } from './bench.ts';
import { createWechatMerchant, settled } from './wechat-merchant.ts';

const SERIAL = '5157F09EFDC096DE15EBE81A47057A7232F1B8E1';

/** WeChat Pay uses a platform certificate, of which the merchant's document does not know. */
const startWithCertificate = () =>
  startBench((counterparts) => {
    if (!counterparts.wechat) throw new Error('WeChat Pay is not simulated');
    const issuerKey = createPrivateKey(counterparts.wechat.platformPrivateKey);
    const platformCertificate = createCertificate({
      publicKey: createPublicKey(issuerKey),
      issuerKey,
      serial: SERIAL,
      validFrom: Date.now() - 3_600_000,
      validUntil: Date.now() + 3_600_000,
    });
    return {
      ...counterparts,
      wechat: { ...counterparts.wechat, platformSerial: SERIAL, platformCertificate },
    };
  });

async function notified(bench: Bench) {
  const merchant = createWechatMerchant(bench);
  const { document } = bench.counterparts.wechat;
  const order_no = uniqueOrderNumber();
  // The client cannot verify the answer: it does not know the certificate.
  await merchant.create(merchant.jsapi(order_no)).catch(() => {});
  await bench.act(`wechat/${order_no}/pay`);
  const message = bench.received.at(-1);
  if (!message) throw new Error('nothing was sent');
  const { headers, body } = message;
  const config = withPlatformCertificates(parseWechatDocument(document), { ...systemIo });
  const receive = receiveWechatMessage(config, Date.now);
  return { order_no, headers, event: await receive({ headers, body: Buffer.from(body) }) };
}

it('a platform certificate is handed out to a merchant that does not know it', async () => {
  const bench = await startWithCertificate();
  try {
    const { order_no, headers, event } = await notified(bench);
    expect(headers['wechatpay-serial']).toBe(SERIAL);
    expect(event).toMatchObject({ type: 'succeeded', payment_no: order_no });
  } finally {
    await bench.stop();
  }
});

it('a merchant that uses a public key has none', async () => {
  const bench = await startBench();
  try {
    const merchant = createWechatMerchant(bench);
    const answer = await settled(merchant.client().chain('v3/certificates').get());
    expect(answer).toMatchObject({ status: 404, data: { code: 'NOT_FOUND' } });
  } finally {
    await bench.stop();
  }
});

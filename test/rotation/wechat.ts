import { expect } from 'vitest';
import { Formatter, Rsa } from 'wechatpay-axios-plugin';
import { isoTime } from '../../lib/io.ts';
import { wechat as face } from '../../lib/providers/wechat/index.ts';
import { receiveWechat } from '../../lib/providers/wechat/message.ts';
import { createCertificate } from '../support/certificate.ts';
import { paymentOf, shopOrder } from '../support/orders.ts';
import { type Begun, beginPayment } from '../support/parties.ts';
import { rsaKeys } from '../support/rsa-keys.ts';
import { createWechatParty, signWechatBody } from '../support/wechat.ts';
import { currentMerchant, type Deliver, startCallback, startMerchants } from './callback.ts';
import { relayKeys } from './relay.ts';
import { createStage, type Rehearsal } from './stage.ts';

const DAY_MS = 86_400_000;

type Party = ReturnType<typeof createWechatParty>;
type Sealing = Pick<Party, 'encrypt'>;

const beginFor = ({ document: { mchid, appid } }: Party): Begun =>
  beginPayment(shopOrder({ amount: 1999 }), { provider: 'wechat', merchant: mchid, appid });

const notificationText = (party: Party, { payment }: Begun, { encrypt }: Sealing = party) =>
  JSON.stringify({
    event_type: 'TRANSACTION.SUCCESS',
    resource: encrypt(JSON.stringify(party.transaction(payment.payment_no, payment.amount))),
  });

const startNotify = startCallback('wechat', receiveWechat);

/** The next key is chosen by us, so that it is known everywhere before WeChat Pay seals anything with it. */
const apiv3Key: Rehearsal = async () => {
  const party = createWechatParty();
  const next = createWechatParty();
  const [before, after] = [party.document.apiv3_key, next.document.apiv3_key];
  const stage = await createStage({ documents: { wechat: party.document }, start: startNotify });
  const deliver = (sealing: Sealing, expected: 'booked' | 'refused') => async (notify: Deliver) => {
    const begun = beginFor(party);
    const message = party.signText(notificationText(party, begun, sealing), stage.now());
    expect(await notify(message, begun)).toBe(expected);
  };
  const deliverBoth = async (notify: Deliver) => {
    await deliver(party, 'booked')(notify);
    await deliver(next, 'booked')(notify);
  };

  await stage.live(deliver(party, 'booked'));
  stage.put('wechat', { apiv3_key: [after, before] });
  await stage.live(deliver(party, 'booked'));
  // The key is changed at WeChat Pay; what it sealed before is still on its way.
  await stage.live(deliverBoth);
  stage.put('wechat', { apiv3_key: after });
  await stage.live(deliver(next, 'booked'));
  await stage.everywhere(deliver(party, 'refused'));
};

/** The key of a public key id, and the certificate of another time, sign side by side while WeChat Pay switches. */
const platformKey: Rehearsal = async () => {
  const party = createWechatParty();
  const certificateKeys = rsaKeys();
  const serial = '5157F09EFDC096DE15EBE81A47057A7232F1B8E1';
  const certificate = createCertificate({
    publicKey: certificateKeys.publicKey,
    issuerKey: certificateKeys.privateKey,
    serial,
    validFrom: 0,
    validUntil: Date.parse('2040-01-01'),
  });
  const before = { name: serial, key: certificateKeys.privateKey };
  const after = { name: party.serial, key: party.platform.privateKey };
  const { public_keys: next } = party.document;
  const stage = await createStage({
    documents: { wechat: { ...party.document, public_keys: { [serial]: certificate } } },
    start: startNotify,
    // The certificate can be downloaded no more once it is over.
    fetch: async () => new Response(null, { status: 404 }),
  });
  const deliver =
    ({ name, key }: typeof before, expected: 'booked' | 'refused' = 'booked') =>
    async (notify: Deliver) => {
      const begun = beginFor(party);
      const text = notificationText(party, begun);
      const message = { headers: signWechatBody(name, key, text, stage.now()), body: Buffer.from(text) };
      expect(await notify(message, begun)).toBe(expected);
    };
  const deliverBoth = async (notify: Deliver) => {
    await deliver(before)(notify);
    await deliver(after)(notify);
  };

  await stage.live(deliver(before));
  stage.put('wechat', { public_keys: { ...next, [serial]: certificate } });
  await stage.live(deliver(before));
  // The switch is begun at WeChat Pay, which signs with both, and ends it.
  await stage.live(deliverBoth);
  stage.put('wechat', { public_keys: next });
  await stage.live(deliver(after));
  await stage.everywhere(deliver(before, 'refused'));
};

/** What a mini-program pays with. */
type PayParameters = Readonly<Record<string, string>>;

/** WeChat Pay as far as it looks at who asks: a request must be signed by a certificate that is in force. */
function createWechatPay(party: Party, now: () => number) {
  const certificates = new Map([[party.document.serial_no, party.merchant.publicKey]]);
  const isSigned = async (request: Request) => {
    const header = request.headers.get('authorization') ?? '';
    const field = (name: string) => new RegExp(`${name}="([^"]+)"`).exec(header)?.[1] ?? '';
    const key = certificates.get(field('serial_no'));
    const { pathname } = new URL(request.url);
    const body = await request.text();
    const text = Formatter.request('POST', pathname, field('timestamp'), field('nonce_str'), body);
    return key !== undefined && Rsa.verify(text, field('signature'), key);
  };
  return {
    certificates,
    /** Whether the payer's WeChat takes these parameters. */
    takes: ({ appId, timeStamp, nonceStr, package: prepay, paySign = '' }: PayParameters) => {
      const text = [appId, timeStamp, nonceStr, prepay].map((line) => `${line}\n`).join('');
      return [...certificates.values()].some((key) => Rsa.verify(text, paySign, key));
    },
    fetch: async (...parameters: Parameters<typeof fetch>) => {
      const isGenuine = await isSigned(new Request(...parameters));
      const text = JSON.stringify(isGenuine ? { prepay_id: 'wx1' } : { code: 'SIGN_ERROR' });
      const headers = party.signBody(text, now());
      return new Response(text, { status: isGenuine ? 200 : 401, headers });
    },
  };
}

/** Up to three of a merchant's certificates are in force at once. */
const merchantCertificate: Rehearsal = async () => {
  const party = createWechatParty();
  const next = createWechatParty();
  const { serial_no, private_key } = next.document;
  let now = () => 0;
  const wechatPay = createWechatPay(party, () => now());
  type Pay = () => Promise<PayParameters>;
  const stage = await createStage({
    documents: { wechat: party.document },
    start: (documents, io): Pay => {
      const merchants = startMerchants(face)(documents, io);
      return async () => {
        const { gateway, name, appids } = await currentMerchant(merchants, 'wechat');
        const payment = paymentOf(shopOrder(), {
          merchant: name,
          appid: appids[0] ?? null,
          expires_at: isoTime(io.now() + DAY_MS),
        });
        const created = await gateway.createPayment({
          ...payment,
          openid: 'openid-1',
          payer_client_ip: null,
        });
        if (created.outcome !== 'created') throw new Error(`the prepay was ${created.outcome}`);
        return gateway.clientParameters(payment, created.page);
      };
    },
    fetch: wechatPay.fetch,
  });
  now = stage.now;
  const pay = async (ask: Pay) => expect(wechatPay.takes(await ask())).toBe(true);

  await stage.live(pay);
  wechatPay.certificates.set(serial_no, next.merchant.publicKey);
  await stage.live(pay);
  stage.put('wechat', { serial_no, private_key });
  await stage.live(pay);
  // Payment parameters that were given out before are good for two hours.
  await stage.live(pay, 2 * 3_600_000);
  wechatPay.certificates.delete(party.document.serial_no);
  await stage.live(pay);
  stage.put('wechat', party.document);
  await expect(stage.live(pay)).rejects.toThrow('SIGN_ERROR');
};

const relayed = createWechatParty();

export const wechatRehearsals: Readonly<Record<string, Rehearsal>> = {
  'WeChat Pay APIv3 key': apiv3Key,
  'WeChat Pay merchant certificate': merchantCertificate,
  'WeChat Pay public key or platform certificate': platformKey,
  'WeChat Pay relay key': relayKeys('wechat', receiveWechat, relayed.document, relayed.document.mchid),
};

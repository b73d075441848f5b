import { type KeyObject, verify } from 'node:crypto';
import { expect } from 'vitest';
import { parseAlipayDocument } from '../../lib/config/alipay.ts';
import type { DocumentSource } from '../../lib/config/documents.ts';
import { type Io, isoTime } from '../../lib/io.ts';
import { alipay as face } from '../../lib/providers/alipay/index.ts';
import { receiveAlipay } from '../../lib/providers/alipay/message.ts';
import { createAlipayParty } from '../support/alipay.ts';
import { createCertificate } from '../support/certificate.ts';
import { NOW, paymentOf, tenantOrder } from '../support/orders.ts';
import { type Begun, beginPayment } from '../support/parties.ts';
import { rsaKeys } from '../support/rsa-keys.ts';
import { currentMerchant, type Deliver, startCallback, startMerchants } from './callback.ts';
import { relayKeys } from './relay.ts';
import { createStage, type Rehearsal } from './stage.ts';

const DAY_MS = 86_400_000;
const QUERY = 'alipay.trade.query';

type Party = ReturnType<typeof createAlipayParty>;

const merchantOf = ({ document }: Pick<Party, 'document'>) => `${document.app_id}.${document.seller_id}`;

const beginFor = (party: Party): Begun =>
  beginPayment(tenantOrder({ currency: 'CNY' }), {
    provider: 'alipay',
    merchant: merchantOf(party),
    appid: null,
  });

type PayUrl = () => Promise<URL>;

const startPagePay = (documents: DocumentSource, io: Io): PayUrl => {
  const merchants = startMerchants(face)(documents, io);
  return async () => {
    const { gateway, name } = await currentMerchant(merchants, 'alipay');
    const payment = paymentOf(tenantOrder({ currency: 'CNY' }), {
      provider: 'alipay',
      merchant: name,
      begun_at: isoTime(io.now()),
      expires_at: isoTime(io.now() + 2 * 3_600_000),
    });
    const created = await gateway.createPayment({ ...payment, openid: null, payer_client_ip: null });
    if (created.outcome !== 'created') throw new Error(`Alipay's page was ${created.outcome}`);
    return new URL(created.page);
  };
};

/** Alipay as far as it looks at who asks: the parameters must be signed by a key of the app that is in force. */
function createAlipay(...keys: readonly KeyObject[]) {
  const inForce = new Set(keys);
  const takes = ({ searchParams }: URL) => {
    const { sign = '', ...fields } = Object.fromEntries(searchParams);
    const names = Object.keys(fields).toSorted();
    const text = Buffer.from(names.map((name) => `${name}=${fields[name]}`).join('&'));
    return [...inForce].some((key) => verify('RSA-SHA256', text, key, Buffer.from(sign, 'base64')));
  };
  return { inForce, takes };
}

/** The new key is in force at once, and the one before for seven days more. */
const appKey: Rehearsal = async () => {
  const party = createAlipayParty();
  const next = createAlipayParty();
  const alipay = createAlipay(party.app.publicKey);
  const stage = await createStage({ documents: { alipay: party.document }, start: startPagePay });
  const givenOut: URL[] = [];
  const pay = async (payUrl: PayUrl) => {
    const url = await payUrl();
    givenOut.push(url);
    expect(alipay.takes(url)).toBe(true);
  };

  await stage.live(pay);
  alipay.inForce.add(next.app.publicKey);
  await stage.live(pay);
  stage.put('alipay', { private_key: next.document.private_key });
  await stage.live(pay);
  expect(givenOut.every(alipay.takes)).toBe(true);
  // A payment page is good for two hours.
  await stage.live(pay, 2 * 3_600_000);
  alipay.inForce.delete(party.app.publicKey);
  await stage.live(pay);
  stage.put('alipay', { private_key: party.document.private_key });
  await expect(stage.live(pay)).rejects.toThrow();
};

interface AlipayFunction {
  readonly notify: Deliver;
  readonly query: (begun: Begun) => Promise<unknown>;
}

const startBoth = (documents: DocumentSource, io: Io): AlipayFunction => {
  const merchants = startMerchants(face)(documents, io);
  return {
    notify: startCallback('alipay', receiveAlipay)(documents, io),
    query: async ({ payment }) => (await currentMerchant(merchants, 'alipay')).gateway.query(payment),
  };
};

/** Alipay shows its next key only when it is in force: what it signs before we know the key, it sends again. */
const alipayKey: Rehearsal = async () => {
  const party = createAlipayParty();
  const next = createAlipayParty();
  let answer = '';
  const stage = await createStage({
    documents: { alipay: party.document },
    start: startBoth,
    fetch: async () => new Response(answer),
  });
  const notify =
    (signer: Party, expected: 'booked' | 'refused' = 'booked') =>
    async ({ notify }: AlipayFunction) => {
      const begun = beginFor(party);
      const trade = signer.trade(begun.payment.payment_no, '19.99');
      expect(await notify(signer.signNotification(trade), begun)).toBe(expected);
    };
  const genuine =
    (...signers: readonly Party[]) =>
    async (part: AlipayFunction) => {
      for (const signer of signers) {
        await notify(signer)(part);
        const begun = beginFor(party);
        const trade = { out_trade_no: begun.payment.payment_no, trade_status: 'WAIT_BUYER_PAY' };
        answer = signer.signAnswer(QUERY, { code: '10000', ...trade });
        expect(await part.query(begun)).toEqual({ state: 'open' });
      }
    };

  await stage.live(genuine(party));
  // Changed at Alipay. Until the document is put, and read again, a message under the new key is refused …
  await stage.everywhere(notify(next, 'refused'));
  stage.put('alipay', {
    alipay_public_key: [next.document.alipay_public_key, party.document.alipay_public_key],
  });
  await stage.live(genuine(party));
  // … and booked when Alipay sends it again.
  await stage.live(genuine(next, party));
  stage.put('alipay', { alipay_public_key: next.document.alipay_public_key });
  await stage.live(genuine(next));
  await stage.everywhere(notify(party, 'refused'));
};

/** A certificate that goes with an app's or Alipay's key. */
function certify({ publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject }, serial: string) {
  const validFrom = NOW - DAY_MS;
  return createCertificate({
    publicKey,
    issuerKey: privateKey,
    serial,
    validFrom,
    validUntil: NOW + 365 * DAY_MS,
  });
}

/** An app and Alipay, with certificates for the keys of both. */
function certified(serial: string, alipay_root_cert: string) {
  const party = createAlipayParty();
  const document = {
    ...party.document,
    app_cert: certify(party.app, serial),
    alipay_root_cert,
    alipay_public_key: certify(party.alipay, `${serial}01`),
  };
  return { party, document };
}

type Certified = ReturnType<typeof certified>;

/** The app's certificate and its key change in one document; Alipay's certificates, of before and now, verify meanwhile. */
const certificates: Rehearsal = async () => {
  const root = certify(rsaKeys(), '10');
  const [before, after] = [certified('20', root), certified('21', root)];
  const certificateOf = ({ document }: Certified) => parseAlipayDocument(document).certificates?.appCertSn;
  const alipay = createAlipay(before.party.app.publicKey);
  const stage = await createStage({
    documents: { alipay: before.document },
    start: (documents, io) => ({ payUrl: startPagePay(documents, io), ...startBoth(documents, io) }),
  });
  type Part = AlipayFunction & { readonly payUrl: PayUrl };
  const genuine =
    (...signers: readonly Certified[]) =>
    async ({ payUrl, notify }: Part) => {
      const url = await payUrl();
      expect(alipay.takes(url)).toBe(true);
      // The certificate that is named is that of the key that signed.
      const signer = createAlipay(before.party.app.publicKey).takes(url) ? before : after;
      expect(url.searchParams.get('app_cert_sn')).toBe(certificateOf(signer));
      for (const { party } of signers) {
        const begun = beginFor(before.party);
        const trade = party.trade(begun.payment.payment_no, '19.99');
        expect(await notify(party.signNotification(trade), begun)).toBe('booked');
      }
    };

  await stage.live(genuine(before));
  const { alipay_public_key, app_cert, private_key } = after.document;
  stage.put('alipay', { alipay_public_key: [alipay_public_key, before.document.alipay_public_key] });
  await stage.live(genuine(before));
  // Alipay has both certificates of the app for seven days.
  alipay.inForce.add(after.party.app.publicKey);
  await stage.live(genuine(before, after));
  stage.put('alipay', { app_cert, private_key });
  await stage.live(genuine(before, after));
  await stage.live(genuine(after), 2 * 3_600_000);
  alipay.inForce.delete(before.party.app.publicKey);
  stage.put('alipay', { alipay_public_key });
  await stage.live(genuine(after));
  await expect(stage.everywhere(genuine(before))).rejects.toThrow('booked');
};

const relayed = createAlipayParty();

export const alipayRehearsals: Readonly<Record<string, Rehearsal>> = {
  'Alipay app key': appKey,
  "Alipay's own public key": alipayKey,
  'Alipay certificates': certificates,
  'Alipay relay key': relayKeys('alipay', receiveAlipay, relayed.document, merchantOf(relayed)),
};

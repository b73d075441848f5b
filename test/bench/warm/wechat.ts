import { createDecipheriv, createSecretKey, type KeyObject, verify } from 'node:crypto';
import { Aes, Formatter, Rsa } from 'wechatpay-axios-plugin';
import { parseWechatDocument } from '../../../lib/config/wechat.ts';
import { receiveWechatMessage } from '../../../lib/providers/wechat/message.ts';
import { createWechatParty, type WechatParty } from '../../support/wechat.ts';
import { createWechatClient } from '../peers/wechat-client.ts';
import {
  assertGenuine,
  type Contest,
  type Contestant,
  header,
  orderNumbers,
  type Peer,
  receiveWithSettle,
} from './contest.ts';
import { measureCallback } from './measure.ts';

interface Notification {
  readonly resource: {
    readonly ciphertext: string;
    readonly nonce: string;
    readonly associated_data: string;
  };
}

interface Transaction {
  readonly out_trade_no: string;
}

const omits = 'the clock; strict base64, UTF-8, nesting and names; every field but the order number';

export const measure = () => measureCallback(createWechatContest());

/** WeChat Pay's notice of a payment: RSA-SHA256 over the message, AES-256-GCM within. */
function createWechatContest(): Contest {
  const party = createWechatParty();
  const { document } = party;
  const secret = createSecretKey(document.apiv3_key, 'utf8');
  return {
    provider: 'wechat',
    messages: orderNumbers.map((number) => party.signNotification(party.transaction(number, 1999))),
    document,
    settle: receiveWithSettle(receiveWechatMessage(parseWechatDocument(document), Date.now)),
    floor: bareWechat(party),
    floorGoal: 1.2,
    peers: [
      { ...axiosPlugin(party, document.apiv3_key), goal: 1.2 },
      { ...axiosPlugin(party, secret), name: 'wechatpay-axios-plugin given a KeyObject', goal: null },
      nodeV3(party),
    ],
  };
}

/** In the forms that are fastest in Node 24. */
function bareWechat({ serial, platform, document }: WechatParty): Contestant {
  const keys = new Map([[serial, platform.publicKey]]);
  const secret = createSecretKey(document.apiv3_key, 'utf8');
  return {
    name: 'node:crypto and JSON.parse',
    omits,
    receive(message) {
      const key = keys.get(header(message, 'wechatpay-serial')) as KeyObject;
      const body = message.body.toString();
      const text = `${header(message, 'wechatpay-timestamp')}\n${header(message, 'wechatpay-nonce')}\n${body}\n`;
      const signature = Buffer.from(header(message, 'wechatpay-signature'), 'base64');
      assertGenuine(verify('RSA-SHA256', Buffer.from(text), key, signature));
      const { resource } = JSON.parse(body) as Notification;
      const sealed = Buffer.from(resource.ciphertext, 'base64');
      const decipher = createDecipheriv('aes-256-gcm', secret, resource.nonce, { authTagLength: 16 });
      decipher.setAAD(Buffer.from(resource.associated_data)).setAuthTag(sealed.subarray(-16));
      const plaintext = decipher.update(sealed.subarray(0, -16));
      decipher.final();
      return (JSON.parse(plaintext.toString()) as Transaction).out_trade_no;
    },
  };
}

/** By its README, which hands the secret over as text; its types allow a KeyObject. */
function axiosPlugin({ serial, platform }: WechatParty, secret: string | KeyObject): Contestant {
  const publicKey = platform.publicKey.export({ type: 'spki', format: 'pem' });
  const keys = new Map([[serial, Rsa.from(publicKey, Rsa.KEY_TYPE_PUBLIC)]]);
  return {
    name: 'wechatpay-axios-plugin',
    omits,
    receive(message) {
      const key = keys.get(header(message, 'wechatpay-serial')) as KeyObject;
      const body = message.body.toString();
      const text = Formatter.response(
        header(message, 'wechatpay-timestamp'),
        header(message, 'wechatpay-nonce'),
        body,
      );
      assertGenuine(Rsa.verify(text, header(message, 'wechatpay-signature'), key));
      const { ciphertext, nonce, associated_data } = (JSON.parse(body) as Notification).resource;
      const plaintext = Aes.AesGcm.decrypt(ciphertext, secret, nonce, associated_data);
      return (JSON.parse(plaintext) as Transaction).out_trade_no;
    },
  };
}

function nodeV3({ document }: WechatParty): Peer {
  const pay = createWechatClient(document);
  return {
    name: 'wechatpay-node-v3',
    omits: `${omits}; the end of the decryption, by which a forged tag shows`,
    goal: 1.2,
    async receive(message) {
      const body = message.body.toString();
      const isGenuine = await pay.verifySign({
        timestamp: header(message, 'wechatpay-timestamp'),
        nonce: header(message, 'wechatpay-nonce'),
        serial: header(message, 'wechatpay-serial'),
        signature: header(message, 'wechatpay-signature'),
        body,
      });
      assertGenuine(isGenuine);
      const { ciphertext, nonce, associated_data } = (JSON.parse(body) as Notification).resource;
      return pay.decipher_gcm<Transaction>(ciphertext, associated_data, nonce).out_trade_no;
    },
  };
}

import { verify } from 'node:crypto';
import { parseAlipayDocument } from '../../../lib/config/alipay.ts';
import { receiveAlipayMessage } from '../../../lib/providers/alipay/message.ts';
import { type AlipayParty, createAlipayParty } from '../../support/alipay.ts';
import { createAlipayClient } from '../peers/alipay-client.ts';
import {
  assertGenuine,
  type Contest,
  type Contestant,
  orderNumbers,
  type Peer,
  receiveWithSettle,
} from './contest.ts';
import { measureCallback } from './measure.ts';

const omits = 'strict form encoding, repeated names, charsets but UTF-8; every field but the order number';

/** The parameters that Alipay's documentation shows besides those that Settle reads ("异步通知参数"). */
const unread = {
  auth_app_id: '2021000122671080',
  buyer_id: '2088102175953034',
  buyer_logon_id: '159****5620',
  buyer_pay_amount: '19.99',
  fund_bill_list: '[{"amount":"19.99","fundChannel":"ALIPAYACCOUNT"}]',
  invoice_amount: '19.99',
  point_amount: '0.00',
  receipt_amount: '19.99',
  seller_email: 'shop@example.com',
};

export const measure = () => measureCallback(createAlipayContest());

/** Alipay's notice of a payment: a form under RSA2. */
function createAlipayContest(): Contest {
  const party = createAlipayParty();
  const { document } = party;
  return {
    provider: 'alipay',
    messages: orderNumbers.map((number) => party.signNotification(party.trade(number, '19.99', unread))),
    document,
    settle: receiveWithSettle(receiveAlipayMessage(parseAlipayDocument(document))),
    floor: bareAlipay(party),
    floorGoal: 1.2,
    peers: [alipaySdk(party)],
  };
}

/** In the forms that are fastest in Node 24. */
function bareAlipay({ alipay: { publicKey } }: AlipayParty): Contestant {
  return {
    name: 'node:crypto and URLSearchParams',
    omits,
    receive({ body }) {
      const { sign = '', sign_type: _, ...fields } = Object.fromEntries(new URLSearchParams(body.toString()));
      const content = Object.keys(fields)
        .sort()
        .map((name) => `${name}=${fields[name]}`)
        .join('&');
      assertGenuine(verify('RSA-SHA256', Buffer.from(content), publicKey, Buffer.from(sign, 'base64')));
      return fields['out_trade_no'] ?? '';
    },
  };
}

function alipaySdk({ document }: AlipayParty): Peer {
  const sdk = createAlipayClient(document);
  return {
    name: 'alipay-sdk',
    omits: `${omits}; it verifies twice, first with the sign_type in it`,
    goal: 2.5,
    receive({ body }) {
      const fields = Object.fromEntries(new URLSearchParams(body.toString()));
      assertGenuine(sdk.checkNotifySignV2(fields));
      return fields['out_trade_no'] ?? '';
    },
  };
}

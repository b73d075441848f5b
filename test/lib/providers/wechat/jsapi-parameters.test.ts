import { describe, expect, it } from 'vitest';
import { Formatter, Rsa } from 'wechatpay-axios-plugin';
import { parseWechatDocument } from '../../../../lib/config/wechat.ts';
import { jsapiParameters } from '../../../../lib/providers/wechat/gateway.ts';
import { createWechatIo, createWechatParty } from '../../../support/wechat.ts';

const party = createWechatParty();
const { appid } = party.document;
const config = { ...parseWechatDocument(party.document), appid };
const { io } = createWechatIo(party, {}, Date.parse('2026-11-22T03:00:00Z'));

describe('jsapiParameters', () => {
  it('gives parameters that verify with the merchant certificate', () => {
    const parameters = jsapiParameters(config, io, 'wx201410272009395522657a690389285100');
    const { appId, timeStamp, nonceStr, package: prepay, signType, paySign } = parameters;
    expect({ appId, timeStamp, prepay, signType }).toEqual({
      appId: appid,
      timeStamp: '1795316400',
      prepay: 'prepay_id=wx201410272009395522657a690389285100',
      signType: 'RSA',
    });
    expect(nonceStr).toMatch(/^[0-9a-f]{32}$/);
    const signed = Formatter.joinedByLineFeed(appId, timeStamp, nonceStr, prepay);
    expect(Rsa.verify(signed, paySign, party.merchant.publicKey)).toBe(true);
  });

  it('gives fresh parameters each time', () => {
    expect(jsapiParameters(config, io, 'wx1').paySign).not.toBe(jsapiParameters(config, io, 'wx1').paySign);
  });
});

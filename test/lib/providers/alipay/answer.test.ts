import { AlipaySdk } from 'alipay-sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signedText, verifyAnswer } from '../../../../lib/providers/alipay/request.ts';
import { createAlipayParty } from '../../../support/alipay.ts';

const { alipay, document, signAnswer } = createAlipayParty();
const sdk = new AlipaySdk({ appId: document.app_id, privateKey: document.private_key });
const method = 'alipay.trade.query';
const verify = (text: string) => verifyAnswer(Buffer.from(text), method, [alipay.publicKey]);

describe('signedText', () => {
  it.each([
    '{"alipay_trade_query_response":{"code":"10000","a":{"b":"}"}},"sign":"SIGN"}',
    '{"alipay_trade_query_response":{"code":"10000","subject":"\\"sign\\": {"},"alipay_cert_sn":"ab","sign":"SIGN"}',
    '\n {"alipay_trade_query_response" : {"code":"10000"} , "sign" : "SIGN"}',
  ])('is what alipay-sdk takes: %s', (form) => {
    const text = form.replace('SIGN', `${'A'.repeat(342)}==`);
    expect(signedText(text, method)).toBe(sdk.getSignStr(text, 'alipay_trade_query_response'));
  });

  it('may come after its signature, or be an error of the gateway', () => {
    expect(signedText('{"sign":"eA==","alipay_trade_query_response":{"a":"{"}}', method)).toBe('{"a":"{"}');
    expect(signedText('{"error_response":{"code":"40002"},"sign":"eA=="}', method)).toBe('{"code":"40002"}');
  });

  it.each(['', '{}', '{"alipay_trade_query_response":', '{"alipay_trade_query_response":{"a":1', '"{"'])(
    'is not there: %j',
    (text) => {
      expect(signedText(text, method)).toBeNull();
    },
  );
});

describe('verifyAnswer', () => {
  it.each([false, true])('gives what is signed, and that alone (sign first: %j)', (signFirst) => {
    const fields = { code: '10000', subject: '支付 "{}" \\' };
    const text = signAnswer(method, fields, { signFirst });
    expect(verify(text)).toEqual(fields);
    const shadowed = `{"alipay_trade_query_response":{"code":"40004"},${text.slice(1)}`;
    expect(() => verify(shadowed)).toThrow(expect.objectContaining({ reason: 'signature_mismatch' }));
    expect(verify(`${text.slice(0, -1)},"alipay_trade_query_response":{"code":"40004"}}`)).toEqual(fields);
  });

  it('gives nothing else, whichever byte is altered', () => {
    const fields = { code: '10000', total_amount: '88.88' };
    const genuine = Buffer.from(signAnswer(method, fields));
    fc.assert(
      fc.property(fc.nat(genuine.length - 1), fc.integer({ min: 1, max: 255 }), (position, change) => {
        const body = Buffer.from(genuine);
        body[position] = (body[position] ?? 0) ^ change;
        let answer: unknown = fields;
        try {
          answer = verifyAnswer(body, method, [alipay.publicKey]);
        } catch {}
        expect(answer).toEqual(fields);
      }),
    );
  });
});

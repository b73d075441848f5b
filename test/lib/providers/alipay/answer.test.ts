import { sign } from 'node:crypto';
import { AlipaySdk } from 'alipay-sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAnswer, signedRange, verifyAnswer } from '../../../../lib/providers/alipay/request.ts';
import { MalformedMessageError, wordings } from '../../../../lib/providers/message.ts';
import { createAlipayParty, encodeGbk } from '../../../support/alipay.ts';

const { alipay, document, signAnswer } = createAlipayParty();
const sdk = new AlipaySdk({ appId: document.app_id, privateKey: document.private_key });
const method = 'alipay.trade.query';
const verify = (text: string | Buffer) => verifyAnswer(Buffer.from(text), method, [alipay.publicKey]);
const signedText = (text: string) => {
  const range = signedRange(text, method);
  return range && text.slice(...range);
};

describe('signedText', () => {
  it.each([
    '{"alipay_trade_query_response":{"code":"10000","a":{"b":"}"}},"sign":"SIGN"}',
    '{"alipay_trade_query_response":{"code":"10000","subject":"\\"sign\\": {"},"alipay_cert_sn":"ab","sign":"SIGN"}',
    '\n {"alipay_trade_query_response" : {"code":"10000"} , "sign" : "SIGN"}',
  ])('is what alipay-sdk takes: %s', (form) => {
    const text = form.replace('SIGN', `${'A'.repeat(342)}==`);
    expect(signedText(text)).toBe(sdk.getSignStr(text, 'alipay_trade_query_response'));
  });

  it('may come after its signature, or be an error of the gateway', () => {
    expect(signedText('{"sign":"eA==","alipay_trade_query_response":{"a":"{"}}')).toBe('{"a":"{"}');
    expect(signedText('{"error_response":{"code":"40002"},"sign":"eA=="}')).toBe('{"code":"40002"}');
  });

  it.each([
    '',
    '{}',
    '{"alipay_trade_query_response":',
    '{"alipay_trade_query_response":{"a":1',
    '"{"',
    '{"sign":"eA=="}',
  ])('is not there: %j', (text) => {
    expect(signedText(text)).toBeNull();
  });
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

  /** An answer whose text stands there in these bytes, and was signed in those. */
  const answerOf = (content: Buffer, signed = content) =>
    Buffer.concat([
      Buffer.from('{"alipay_trade_query_response":'),
      content,
      Buffer.from(`,"sign":"${sign('RSA-SHA256', signed, alipay.privateKey).toString('base64')}"}`),
    ]);
  const json = (fields: object) => JSON.stringify(fields);
  const escaped = (fields: object) => json(fields).replaceAll('/', '\\/');
  // The second byte of each of these is \, {, } and | in GBK.
  const odd = '昞歿歖亅誠\u8aa0珄珆珅';

  it.each([
    ['a refusal', { code: '40004', sub_code: 'ACQ.TRADE_NOT_EXIST', sub_msg: '交易不存在' }],
    ['characters that end in ASCII', { code: '10000', subject: `${odd}"}{\\` }],
    ['no Chinese at all', { code: '10000', trade_no: '1' }],
  ])('reads what is signed in GBK: %s', (_, fields) => {
    expect(verify(answerOf(encodeGbk(json(fields))))).toEqual(fields);
  });

  it('reads characters of four bytes, of which GBK has none, beside those of two', () => {
    const wide = Buffer.from([0x81, 0x30, 0x89, 0x34]);
    const subject = [wide, wide, encodeGbk('昞'), wide, encodeGbk('歿')];
    const content = [Buffer.from('{"code":"10000","subject":"'), ...subject, Buffer.from('"}')];
    expect(verify(answerOf(Buffer.concat(content)))).toEqual({ code: '10000', subject: 'ÛÛ昞Û歿' });
  });

  it('reads bytes of UTF-8 as such, though with what follows they would be characters of GBK', () => {
    const fields = { code: '10000', subject: '支"}{\\' };
    expect(verify(answerOf(Buffer.from(json(fields))))).toEqual(fields);
  });

  it('reads any text in GBK', () => {
    const character = fc.constantFrom(...odd, ...'中文支付订单〇丂乗', '"', '\\', '{', '}', '/', 'a', ' ');
    fc.assert(
      fc.property(fc.string({ unit: character }), (subject) => {
        // What begins so is no UTF-8, whatever follows.
        const fields = { code: '10000', subject: `中${subject}` };
        expect(verify(answerOf(encodeGbk(json(fields))))).toEqual(fields);
        const bytes = encodeGbk(escaped(fields));
        expect(verify(answerOf(bytes, encodeGbk(json(fields))))).toEqual(fields);
      }),
    );
  });

  it.each([
    ['escaped, and signed so', escaped, escaped],
    ['escaped, and signed unescaped', escaped, json],
    ['not escaped', json, json],
  ])('reads slashes that are %s', (_, written, signed) => {
    const fields = { code: '10000', bill_download_url: 'https://dl.alipay.com/a//b', note: '支付/宝 \\/' };
    const answer = answerOf(Buffer.from(written(fields)), Buffer.from(signed(fields)));
    expect(verify(answer)).toEqual(fields);
  });

  it('believes no other text for either', () => {
    const fields = { code: '10000', subject: '支付/宝' };
    for (const other of [
      { ...fields, code: '40004' },
      { ...fields, subject: '支付宝' },
    ]) {
      for (const encode of [Buffer.from, encodeGbk]) {
        const answer = answerOf(encode(escaped(other)), encode(json(fields)));
        expect(() => verify(answer)).toThrow(expect.objectContaining({ reason: 'signature_mismatch' }));
      }
    }
  });

  it.each([
    ['neither UTF-8 nor GBK', answerOf(Buffer.from([0x7b, 0xff, 0x7d])), '不是有效的 UTF-8 或 GBK'],
    [
      'neither of them within a text',
      answerOf(Buffer.from('{"code":"10000","subject":"\xff"}', 'latin1')),
      '不是有效的 UTF-8 或 GBK',
    ],
    ['led by a byte order mark', `\uFEFF${signAnswer(method, { code: '10000' })}`, '不能以 BOM 开头'],
  ])('believes nothing that is %s, signed as it is', (_, answer, message) => {
    expect(() => verify(answer)).toThrow(expect.objectContaining({ name: 'JsonError', message }));
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

describe('readAnswer', () => {
  it('tells that an answer is of no use, though no field of it is to blame', () => {
    const read = () => {
      throw new MalformedMessageError(null, wordings.notObject);
    };
    expect(() => readAnswer({ method, bizContent: {} }, read)).toThrow(
      expect.objectContaining({
        name: 'ProviderCallError',
        message: 'alipay.trade.query: the answer has no usable field',
      }),
    );
  });
});

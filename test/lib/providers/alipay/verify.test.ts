import { generateKeyPairSync, sign } from 'node:crypto';
import { AlipaySdk } from 'alipay-sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyNotification } from '../../../../lib/providers/alipay/verify.ts';
import { createAlipayParty, encodeForm } from '../../../support/alipay.ts';

const { alipay, document, trade, signNotification } = createAlipayParty();
const verify = (body: Buffer) => Object.fromEntries(verifyNotification(body, [alipay.publicKey]));
const refusal = (reason: string) => expect.objectContaining({ name: 'VerificationError', reason });

/** Signs the text as it stands; what the form then says is up to the test. */
const signText = (text: string, algorithm = 'RSA-SHA256') =>
  sign(algorithm, Buffer.from(text), alipay.privateKey).toString('base64');
const form = (fields: Record<string, string>) =>
  encodeForm(Object.entries(fields).map(([name, value]) => [name, Buffer.from(value)]));

describe('verifyNotification', () => {
  it('takes what alipay-sdk takes, and gives the same values', () => {
    const sdk = new AlipaySdk({
      appId: document.app_id,
      privateKey: document.private_key,
      alipayPublicKey: document.alipay_public_key,
    });
    const { body } = signNotification(
      trade('p1', '88.88', {
        subject: 'A%31 + 1 = 支付宝 & "2"',
        body: '',
        passback_params: 'a%3D1%26b',
        Zulu: 'x',
      }),
    );
    const received = Object.fromEntries(new URLSearchParams(body.toString()));
    expect(sdk.checkNotifySignV2(received)).toBe(true);
    expect(verify(body)).toEqual(received);
    expect(sdk.checkNotifySignV2({ ...received, total_amount: '88.89' })).toBe(false);
  });

  it('takes whatever was signed, and gives the same values', () => {
    const values = fc.dictionary(
      fc.constantFrom('subject', 'attach', 'Zulu'),
      fc.string({ unit: 'grapheme' }),
    );
    fc.assert(
      fc.property(values, (extra) => {
        const fields = trade('p1', '1.00', extra);
        expect(verify(signNotification(fields).body)).toMatchObject({ ...extra, total_amount: '1.00' });
      }),
      { numRuns: 30 },
    );
  });

  it('counts empty values in', () => {
    const { body } = signNotification(trade('p1', '1.00', { body: '' }));
    expect(verify(body)['body']).toBe('');
    expect(() => verify(Buffer.from(body.toString().replace('&body=', '')))).toThrow(
      refusal('signature_mismatch'),
    );
  });

  it('gives the verified value to the letter, a byte order mark included', () => {
    const { body } = signNotification(trade('p1', '1.00', { subject: '\uFEFFTea' }));
    expect(verify(body)['subject']).toBe('\uFEFFTea');
  });

  it('does not mind the order', () => {
    const { body } = signNotification(trade('p1', '1.00'));
    const reversed = Buffer.from(body.toString().split('&').reverse().join('&'));
    expect(verify(reversed)).toEqual(verify(body));
  });

  it('verifies GBK as it was sent, then decodes it', () => {
    const { body } = signNotification(trade('p1', '1.00', { subject: '支付宝 A+B%31' }), { charset: 'gbk' });
    expect(body.toString()).toContain('subject=%D6%A7%B8%B6%B1%A6+A%2BB%2531');
    expect(verify(body)['subject']).toBe('支付宝 A+B%31');
  });

  it('tells + from %2B and A%31 from A%2531', () => {
    const { body } = signNotification(trade('p1', '1.00', { subject: '1+1', attach: 'A%31' }));
    const text = body.toString();
    expect(verify(Buffer.from(text.replace('subject=1%2B1', 'subject=%31%2b1')))['subject']).toBe('1+1');
    for (const other of [text.replace('1%2B1', '1+1'), text.replace('A%2531', 'A%31')]) {
      expect(() => verify(Buffer.from(other))).toThrow(refusal('signature_mismatch'));
    }
  });

  it.each(['UTF-8', 'GBK', 'gb2312', 'GB18030'])('decodes %s', (charset) => {
    const text = `charset=${charset}&trade_no=1`;
    expect(
      verify(form({ charset, trade_no: '1', sign_type: 'RSA2', sign: signText(text) }))['trade_no'],
    ).toBe('1');
  });

  it.each(['', 'latin1', 'utf-16', 'constructor'])('refuses the charset %j, though signed', (charset) => {
    const body = form({ charset, sign_type: 'RSA2', sign: signText(`charset=${charset}`) });
    expect(() => verify(body)).toThrow(
      expect.objectContaining({ name: 'MalformedMessageError', field: 'charset' }),
    );
  });

  it.each([
    ['utf-8', Buffer.from([0xd6, 0xd6])],
    ['utf-8', Buffer.from([0xc0, 0xaf])],
    ['gbk', Buffer.from([0xd6])],
  ])('refuses bytes that are not %s, though signed', (charset, subject) => {
    const content = Buffer.concat([Buffer.from(`charset=${charset}&subject=`), subject]);
    const body = encodeForm([
      ['charset', Buffer.from(charset)],
      ['subject', subject],
      ['sign_type', Buffer.from('RSA2')],
      ['sign', Buffer.from(sign('RSA-SHA256', content, alipay.privateKey).toString('base64'))],
    ]);
    expect(() => verify(body)).toThrow(
      expect.objectContaining({ name: 'MalformedMessageError', field: 'subject' }),
    );
  });

  it('takes no other algorithm, whatever the message names', () => {
    const sha1 = signText('trade_no=1', 'RSA-SHA1');
    const sha256 = signText('trade_no=1');
    expect(verify(form({ trade_no: '1', sign_type: 'RSA2', sign: sha256 }))).toMatchObject({ trade_no: '1' });
    expect(() => verify(form({ trade_no: '1', sign_type: 'RSA2', sign: sha1 }))).toThrow(
      refusal('signature_mismatch'),
    );
    for (const sign_type of ['RSA', 'rsa2', 'none', 'RSA2 ']) {
      for (const signature of [sha1, sha256]) {
        expect(() => verify(form({ trade_no: '1', sign_type, sign: signature }))).toThrow(
          refusal('signature_malformed'),
        );
      }
    }
  });

  it('asks for sign and sign_type', () => {
    const sign_type = 'RSA2';
    const signature = signText('trade_no=1');
    for (const fields of [
      {},
      { sign_type },
      { sign: signature },
      { sign_type, sign: '' },
      { sign_type: '', sign: signature },
    ]) {
      expect(() => verify(form({ trade_no: '1', ...fields }))).toThrow(refusal('signature_missing'));
    }
  });

  it('takes canonical base64 only', () => {
    const signature = signText('trade_no=1');
    const variants = [
      `${signature}\n`,
      ` ${signature}`,
      `${signature}=`,
      signature.replace(/=+$/, ''),
      signature.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''),
      `${signature}!`,
      'AAAA====',
    ];
    for (const variant of variants) {
      expect(() => verify(form({ trade_no: '1', sign_type: 'RSA2', sign: variant }))).toThrow(
        refusal('signature_malformed'),
      );
    }
    for (const other of ['AAAA', signText('trade_no=2')]) {
      expect(() => verify(form({ trade_no: '1', sign_type: 'RSA2', sign: other }))).toThrow(
        refusal('signature_mismatch'),
      );
    }
  });

  it("refuses another party's signature", () => {
    const { body } = signNotification(trade('p1', '1.00'));
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    expect(() => verifyNotification(body, [publicKey])).toThrow(refusal('signature_mismatch'));
  });

  it("takes a signature under any of Alipay's keys", () => {
    const { body } = signNotification(trade('p1', '1.00'));
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    for (const keys of [
      [publicKey, alipay.publicKey],
      [alipay.publicKey, publicKey],
    ]) {
      expect(verifyNotification(body, keys).get('out_trade_no')).toBe('p1');
    }
  });
});

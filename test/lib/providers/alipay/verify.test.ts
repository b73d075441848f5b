import { sign } from 'node:crypto';
import { AlipaySdk } from 'alipay-sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyAlipayMessage } from '../../../../lib/providers/alipay/verify.ts';
import { createAlipayParty, encodeForm } from '../../../support/alipay.ts';
import { rsaKeys } from '../../../support/rsa-keys.ts';

const { alipay, document, trade, signNotification } = createAlipayParty();
const verify = (body: Buffer) => Object.fromEntries(verifyAlipayMessage(body, [alipay.publicKey]));
const refusal = (reason: string) => expect.objectContaining({ name: 'VerificationError', reason });

/** Signs the text as it stands; what the form then says is up to the test. */
const signText = (text: string, algorithm = 'RSA-SHA256') =>
  sign(algorithm, Buffer.from(text), alipay.privateKey).toString('base64');
const form = (fields: Record<string, string>) =>
  encodeForm(Object.entries(fields).map(([name, value]) => [name, Buffer.from(value)]));

/** `name=value`, cut at the first `=`. */
const pair = (text: string) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)] as const;

describe('verifyAlipayMessage', () => {
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
      fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('&')),
    );
    fc.assert(
      fc.property(values, (extra) => {
        const fields = trade('p1', '1.00', extra);
        expect(verify(signNotification(fields).body)).toMatchObject({ ...extra, total_amount: '1.00' });
      }),
      { numRuns: 30 },
    );
  });

  describe('a text that can be split in another way', () => {
    const ambiguous = expect.objectContaining({ name: 'MalformedMessageError', message: '签名内容有歧义' });
    const cheap = { ...trade('theirs-1', '0.01'), body: 'tea&out_trade_no=ours-1&total_amount=99.00&z=' };

    it('is refused as it came, and as it is split anew', () => {
      const genuine = signNotification(cheap);
      expect(() => verify(genuine.body)).toThrow(ambiguous);
      // The very text that Alipay signed, cut where the attacker likes: the real fields go into a value.
      const sign_ = new URLSearchParams(genuine.body.toString()).get('sign') ?? '';
      const fields = Object.entries({ charset: 'utf-8', ...cheap }).sort(([a], [b]) => (a < b ? -1 : 1));
      const text = fields.map(([name, value]) => `${name}=${value}`).join('&');
      const start = text.indexOf('&out_trade_no=ours-1');
      const end = text.lastIndexOf('&z=') + '&z='.length;
      const before = text.slice(0, start).split('&').map(pair);
      const spelt = [pair('out_trade_no=ours-1'), pair('total_amount=99.00')];
      const anew = [...before, ...spelt, ['z', text.slice(end)] as const];
      expect(anew.map(([name, value]) => `${name}=${value}`).join('&')).toBe(text);
      const body = form({ ...Object.fromEntries(anew), sign_type: 'RSA2', sign: sign_ });
      expect(() => verify(body)).toThrow(ambiguous);
    });

    it.each([
      ['a&b=', false],
      ['a&out_trade_no=p2', false],
      ['&{"a":1}=', false],
      ['支付&名=', true],
      ['a & b=c', true],
      ['a=b', true],
      ['&', true],
      ['&=', true],
      ['a&b', true],
      ['?a=1&', true],
    ])('is none unless a value holds &, a name and =: %s', (subject, isTaken) => {
      const { body } = signNotification(trade('p1', '1.00', { subject }));
      if (isTaken) expect(verify(body)).toMatchObject({ subject, total_amount: '1.00' });
      else expect(() => verify(body)).toThrow(ambiguous);
    });

    it.each([
      ['trade_no', 'trade_no'],
      ['a'.repeat(64), 'a'.repeat(64)],
      ['a'.repeat(65), null],
      ['-a', null],
      ['a-', null],
    ])('is none with a parameter twice, which is named where its name is one: %s', (name, field) => {
      const body = Buffer.from(`${name}=1&${name}=2`);
      expect(() => verify(body)).toThrow(expect.objectContaining({ name: 'MalformedMessageError', field }));
    });

    it('cannot be made with a name either', () => {
      for (const name of ['a&b', 'a=b', '&', '=']) {
        const body = `a=1&${encodeURIComponent(name)}=1&sign_type=RSA2&sign=${encodeURIComponent(signText(`a=1&${name}=1`))}`;
        expect(() => verify(Buffer.from(body))).toThrow('含有不允许的参数名');
      }
    });

    it('is whatever can be split so: of every text that is taken there is one form', () => {
      const value = fc.string({ unit: fc.constantFrom('a', 'b', '&', '=', ' ') });
      const names = fc.constantFrom('a', 'b', 'aa', 'ab', 'ba');
      fc.assert(
        fc.property(fc.dictionary(names, value, { minKeys: 1 }), (fields) => {
          const text = Object.entries(fields)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([name, one]) => `${name}=${one}`)
            .join('&');
          const body = form({ ...fields, sign_type: 'RSA2', sign: signText(text) });
          let taken: object | null = null;
          try {
            taken = verify(body);
          } catch {}
          // Every place where a parameter could begin is one where it does.
          const starts = [...`&${text}`.matchAll(/&[^&=\s]+=/g)].length;
          expect(taken !== null).toBe(starts === Object.keys(fields).length);
        }),
      );
    });
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
    const { publicKey } = rsaKeys();
    expect(() => verifyAlipayMessage(body, [publicKey])).toThrow(refusal('signature_mismatch'));
  });

  it("takes a signature under any of Alipay's keys", () => {
    const { body } = signNotification(trade('p1', '1.00'));
    const { publicKey } = rsaKeys();
    for (const keys of [
      [publicKey, alipay.publicKey],
      [alipay.publicKey, publicKey],
    ]) {
      expect(verifyAlipayMessage(body, keys).get('out_trade_no')).toBe('p1');
    }
  });
});

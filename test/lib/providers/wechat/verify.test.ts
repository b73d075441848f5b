import { createHash, createSign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Formatter, Rsa } from 'wechatpay-axios-plugin';
import { parseWechatDocument } from '../../../../lib/config/wechat.ts';
import type { RawMessage } from '../../../../lib/providers/provider.ts';
import { verifyWechatMessage } from '../../../../lib/providers/wechat/verify.ts';
import { createWechatParty } from '../../../support/wechat.ts';

const party = createWechatParty();
const { publicKeys } = parseWechatDocument(party.document);
const now = Date.parse('2026-11-22T03:00:00Z');
const genuine = party.signText('{"a":"\\/","b":"中文"}', now);

const verify = (message: RawMessage, at = now) => verifyWechatMessage(publicKeys, message, at);
const withHeaders = (headers: RawMessage['headers']) => ({
  ...genuine,
  headers: { ...genuine.headers, ...headers },
});
const refused = (reason: string) => expect.objectContaining({ name: 'VerificationError', reason });

describe('verifyWechatMessage', () => {
  it('takes what wechatpay-axios-plugin signed, over the bytes as they came', () => {
    expect(() => verify(genuine)).not.toThrow();
    const reserialised = Buffer.from(JSON.stringify(JSON.parse(genuine.body.toString())));
    expect(() => verify({ ...genuine, body: reserialised })).toThrow(refused('signature_mismatch'));
  });

  it('takes an empty body, as an answer without content has', () => {
    expect(() => verify(party.signText('', now))).not.toThrow();
  });

  it('takes several keys at once', () => {
    const other = createWechatParty();
    const keys = new Map([...publicKeys, ...parseWechatDocument(other.document).publicKeys]);
    for (const { signText } of [party, other])
      expect(() => verifyWechatMessage(keys, signText('{}', now), now)).not.toThrow();
    const mixed = { ...party.signText('{}', now).headers, 'wechatpay-serial': other.serial };
    expect(() => verifyWechatMessage(keys, { headers: mixed, body: Buffer.from('{}') }, now)).toThrow(
      refused('signature_mismatch'),
    );
  });

  it.each(['serial', 'timestamp', 'nonce', 'signature'])('needs wechatpay-%s', (name) => {
    for (const value of [undefined, '']) {
      expect(() => verify(withHeaders({ [`wechatpay-${name}`]: value }))).toThrow(
        refused('signature_missing'),
      );
    }
  });

  it.each(['serial', 'timestamp', 'nonce', 'signature'])('refuses another wechatpay-%s', (name) => {
    const other = createWechatParty().signText('{}', now + 1000).headers[`wechatpay-${name}`];
    expect(() => verify(withHeaders({ [`wechatpay-${name}`]: other }))).toThrow(
      refused(name === 'serial' ? 'unknown_key' : 'signature_mismatch'),
    );
  });

  it.each(['serial', 'timestamp', 'nonce', 'signature'])('refuses wechatpay-%s joined by a comma', (name) => {
    const value = genuine.headers[`wechatpay-${name}`];
    for (const joined of [`${value},${value}`, `${value}, ${value}`]) {
      const message = withHeaders({ [`wechatpay-${name}`]: joined });
      expect(() => verify(message)).toThrow(refused('signature_malformed'));
    }
  });

  it.each([
    ['no padding', (text: string) => text.replace(/=+$/, '')],
    ['a space', (text: string) => `${text.slice(0, 8)} ${text.slice(8)}`],
    ['a line feed at the end', (text: string) => `${text}\n`],
    ['the URL alphabet', (text: string) => `-_${text.slice(2)}`],
    ['bits after the end', (text: string) => text.replace(/.==$/, 'B==')],
    ['nothing but junk', () => '****'],
    ['no end', (text: string) => text.repeat(1000)],
  ])('refuses a signature with %s', (_, change) => {
    const signature = change(genuine.headers['wechatpay-signature'] ?? '');
    expect(() => verify(withHeaders({ 'wechatpay-signature': signature }))).toThrow(
      refused('signature_malformed'),
    );
  });

  it.each(['__proto__', 'constructor', 'toString', `${party.serial}0`])('knows no key %s', (serial) => {
    expect(() => verify(withHeaders({ 'wechatpay-serial': serial }))).toThrow(refused('unknown_key'));
  });

  it('takes its own signature type alone', () => {
    const type = (value: string) => withHeaders({ 'wechatpay-signature-type': value });
    expect(() => verify(type('WECHATPAY2-SHA256-RSA2048'))).not.toThrow();
    for (const other of ['WECHATPAY2-RSA-2048-SHA1', 'WECHATPAY2-SM2-WITH-SM3', 'none', ''])
      expect(() => verify(type(other))).toThrow(refused('signature_malformed'));
  });

  it('refuses a signature that was made with SHA-1', () => {
    const { 'wechatpay-timestamp': timestamp = '', 'wechatpay-nonce': nonce = '' } = genuine.headers;
    const text = Formatter.response(timestamp, nonce, genuine.body.toString());
    const signature = createSign('RSA-SHA1').update(text).sign(party.platform.privateKey, 'base64');
    expect(() => verify(withHeaders({ 'wechatpay-signature': signature }))).toThrow(
      refused('signature_mismatch'),
    );
  });

  it("refuses the merchant's own signature", () => {
    const { 'wechatpay-timestamp': timestamp = '', 'wechatpay-nonce': nonce = '' } = genuine.headers;
    const text = Formatter.response(timestamp, nonce, genuine.body.toString());
    const signature = Rsa.sign(text, party.merchant.privateKey);
    expect(() => verify(withHeaders({ 'wechatpay-signature': signature }))).toThrow(
      refused('signature_mismatch'),
    );
  });

  it('tells a probe', () => {
    const digest = createHash('sha512').update('probe').digest('base64');
    const message = withHeaders({ 'wechatpay-signature': `WECHATPAY/SIGNTEST/${digest}` });
    expect(() => verify(message)).toThrow(refused('probe'));
  });

  it('allows 300 s either way, and no more', () => {
    for (const off of [-300_000, 300_000]) expect(() => verify(genuine, now + off)).not.toThrow();
    for (const off of [-300_001, 300_001, 86_400_000, 31_536_000_000])
      expect(() => verify(genuine, now + off)).toThrow(refused('timestamp_out_of_range'));
  });

  it.each([
    '0',
    '-1',
    '+1795316400',
    '1795316400.0',
    '1.7e9',
    '0x6b',
    ' 1795316400',
    '１７９５３１６４００',
    'NaN',
    '9'.repeat(13),
  ])('refuses the timestamp %s', (timestamp) => {
    const message = withHeaders({ 'wechatpay-timestamp': timestamp });
    expect(() => verify(message)).toThrow(refused('signature_malformed'));
  });

  it('refuses a body with any byte altered', () => {
    fc.assert(
      fc.property(fc.nat(genuine.body.length - 1), fc.integer({ min: 1, max: 255 }), (position, change) => {
        const body = Buffer.from(genuine.body);
        body[position] = (body[position] ?? 0) ^ change;
        expect(() => verify({ ...genuine, body })).toThrow(refused('signature_mismatch'));
      }),
    );
  });

  it('throws nothing but refusals, whatever the headers hold', () => {
    const names = ['serial', 'timestamp', 'nonce', 'signature', 'signature-type'].map(
      (name) => `wechatpay-${name}`,
    );
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.string({ unit: 'binary' }), (name, value) => {
        fc.pre(value !== genuine.headers[name]);
        expect(() => verify(withHeaders({ [name]: value }))).toThrow(
          expect.objectContaining({ name: 'VerificationError' }),
        );
      }),
    );
  });
});

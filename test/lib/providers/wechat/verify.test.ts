import { createHash, createSign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Formatter, Rsa } from 'wechatpay-axios-plugin';
import { parseWechatDocument } from '../../../../lib/config/wechat.ts';
import type { RawMessage } from '../../../../lib/providers/message.ts';
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
  it('takes what wechatpay-axios-plugin signed, over the bytes as they came', async () => {
    await verify(genuine);
    const reserialised = Buffer.from(JSON.stringify(JSON.parse(genuine.body.toString())));
    await expect(verify({ ...genuine, body: reserialised })).rejects.toThrow(refused('signature_mismatch'));
  });

  it('takes whatever was signed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), (text) => verify(party.signText(text, now))),
      { numRuns: 30 },
    );
  });

  it('takes an empty body, as an answer without content has', async () => {
    await verify(party.signText('', now));
  });

  it('takes several keys at once, and waits for one that has to be fetched', async () => {
    const other = createWechatParty();
    const keys = {
      get: async (serial: string) =>
        (await publicKeys.get(serial)) ?? parseWechatDocument(other.document).publicKeys.get(serial),
    };
    for (const { signText } of [party, other]) await verifyWechatMessage(keys, signText('{}', now), now);
    const mixed = { ...party.signText('{}', now).headers, 'wechatpay-serial': other.serial };
    await expect(verifyWechatMessage(keys, { headers: mixed, body: Buffer.from('{}') }, now)).rejects.toThrow(
      refused('signature_mismatch'),
    );
  });

  it('looks for no key before the rest of the message is in order', async () => {
    const get = vi.fn();
    const attempts = [
      withHeaders({ 'wechatpay-nonce': undefined }),
      withHeaders({ 'wechatpay-serial': `${party.serial},${party.serial}` }),
      withHeaders({ 'wechatpay-signature': '****' }),
      party.signText('{}', now - 301_000),
    ];
    for (const message of attempts) {
      await expect(verifyWechatMessage({ get }, message, now)).rejects.toThrow();
    }
    expect(get).not.toHaveBeenCalled();
  });

  it.each(['serial', 'timestamp', 'nonce', 'signature'])('needs wechatpay-%s', async (name) => {
    for (const value of [undefined, '']) {
      await expect(verify(withHeaders({ [`wechatpay-${name}`]: value }))).rejects.toThrow(
        refused('signature_missing'),
      );
    }
  });

  it.each(['serial', 'timestamp', 'nonce', 'signature'])('refuses another wechatpay-%s', async (name) => {
    const other = createWechatParty().signText('{}', now + 1000).headers[`wechatpay-${name}`];
    await expect(verify(withHeaders({ [`wechatpay-${name}`]: other }))).rejects.toThrow(
      refused(name === 'serial' ? 'unknown_key' : 'signature_mismatch'),
    );
  });

  it.each(['serial', 'timestamp', 'nonce', 'signature'])(
    'refuses wechatpay-%s joined by a comma',
    async (name) => {
      const value = genuine.headers[`wechatpay-${name}`];
      for (const joined of [`${value},${value}`, `${value}, ${value}`]) {
        const message = withHeaders({ [`wechatpay-${name}`]: joined });
        await expect(verify(message)).rejects.toThrow(refused('signature_malformed'));
      }
    },
  );

  it.each([
    ['no padding', (text: string) => text.replace(/=+$/, '')],
    ['a space', (text: string) => `${text.slice(0, 8)} ${text.slice(8)}`],
    ['a line feed at the end', (text: string) => `${text}\n`],
    ['the URL alphabet', (text: string) => `-_${text.slice(2)}`],
    ['bits after the end', (text: string) => text.replace(/.==$/, 'B==')],
    ['nothing but junk', () => '****'],
    ['no end', (text: string) => text.repeat(1000)],
  ])('refuses a signature with %s', async (_, change) => {
    const signature = change(genuine.headers['wechatpay-signature'] ?? '');
    await expect(verify(withHeaders({ 'wechatpay-signature': signature }))).rejects.toThrow(
      refused('signature_malformed'),
    );
  });

  it.each(['__proto__', 'constructor', 'toString', `${party.serial}0`])('knows no key %s', async (serial) => {
    await expect(verify(withHeaders({ 'wechatpay-serial': serial }))).rejects.toThrow(refused('unknown_key'));
  });

  it('takes its own signature type alone', async () => {
    const type = (value: string) => withHeaders({ 'wechatpay-signature-type': value });
    await verify(type('WECHATPAY2-SHA256-RSA2048'));
    for (const other of ['WECHATPAY2-RSA-2048-SHA1', 'WECHATPAY2-SM2-WITH-SM3', 'none', ''])
      await expect(verify(type(other))).rejects.toThrow(refused('signature_malformed'));
  });

  it('refuses a signature that was made with SHA-1', async () => {
    const { 'wechatpay-timestamp': timestamp = '', 'wechatpay-nonce': nonce = '' } = genuine.headers;
    const text = Formatter.response(timestamp, nonce, genuine.body.toString());
    const signature = createSign('RSA-SHA1').update(text).sign(party.platform.privateKey, 'base64');
    await expect(verify(withHeaders({ 'wechatpay-signature': signature }))).rejects.toThrow(
      refused('signature_mismatch'),
    );
  });

  it("refuses the merchant's own signature", async () => {
    const { 'wechatpay-timestamp': timestamp = '', 'wechatpay-nonce': nonce = '' } = genuine.headers;
    const text = Formatter.response(timestamp, nonce, genuine.body.toString());
    const signature = Rsa.sign(text, party.merchant.privateKey);
    await expect(verify(withHeaders({ 'wechatpay-signature': signature }))).rejects.toThrow(
      refused('signature_mismatch'),
    );
  });

  it('tells a probe', async () => {
    const digest = createHash('sha512').update('probe').digest('base64');
    const message = withHeaders({ 'wechatpay-signature': `WECHATPAY/SIGNTEST/${digest}` });
    await expect(verify(message)).rejects.toThrow(refused('probe'));
  });

  it('allows 300 s either way, and no more', async () => {
    for (const off of [-300_000, 300_000]) await verify(genuine, now + off);
    for (const off of [-300_001, 300_001, 86_400_000, 31_536_000_000])
      await expect(verify(genuine, now + off)).rejects.toThrow(refused('timestamp_out_of_range'));
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
  ])('refuses the timestamp %s', async (timestamp) => {
    const message = withHeaders({ 'wechatpay-timestamp': timestamp });
    await expect(verify(message)).rejects.toThrow(refused('signature_malformed'));
  });

  it('refuses a body with any byte altered', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(genuine.body.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (position, change) => {
          const body = Buffer.from(genuine.body);
          body[position] = (body[position] ?? 0) ^ change;
          await expect(verify({ ...genuine, body })).rejects.toThrow(refused('signature_mismatch'));
        },
      ),
    );
  });

  it('throws nothing but refusals, whatever the headers hold', async () => {
    const names = ['serial', 'timestamp', 'nonce', 'signature', 'signature-type'].map(
      (name) => `wechatpay-${name}`,
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.string({ unit: 'binary' }), async (name, value) => {
        fc.pre(value !== genuine.headers[name]);
        await expect(verify(withHeaders({ [name]: value }))).rejects.toThrow(
          expect.objectContaining({ name: 'VerificationError' }),
        );
      }),
    );
  });
});

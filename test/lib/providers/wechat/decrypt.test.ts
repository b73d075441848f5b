import { createCipheriv, createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import WechatPay from 'wechatpay-node-v3';
import { MalformedMessageError } from '../../../../lib/providers/message.ts';
import { decryptResource } from '../../../../lib/providers/wechat/decrypt.ts';
import { createWechatParty } from '../../../support/wechat.ts';

const party = createWechatParty();
const key = createSecretKey(party.document.apiv3_key, 'utf8');
const other = createSecretKey(Buffer.alloc(32));
const plaintext = '{"out_trade_no":"mall-1","描述":"咖啡"}';
const genuine = party.encrypt(plaintext);
const sealed = Buffer.from(genuine.ciphertext, 'base64');

const malformed = (field: string) => expect.objectContaining({ name: 'MalformedMessageError', field });

describe('decryptResource', () => {
  it('reads what wechatpay-axios-plugin encrypted, as wechatpay-node-v3 does', () => {
    expect(decryptResource(genuine, [key]).toString()).toBe(plaintext);
    const sdk = new WechatPay({
      appid: party.document.appid,
      mchid: party.document.mchid,
      publicKey: Buffer.from('unused'),
      privateKey: Buffer.from(party.document.private_key),
      serial_no: party.document.serial_no,
    });
    const { ciphertext, associated_data, nonce } = genuine;
    expect(sdk.decipher_gcm(ciphertext, associated_data, nonce, party.document.apiv3_key)).toEqual(
      JSON.parse(plaintext),
    );
  });

  it('takes a resource without associated data', () => {
    const { associated_data: _, ...resource } = party.encrypt(plaintext, '');
    expect(decryptResource(resource, [key]).toString()).toBe(plaintext);
  });

  it.each([
    ['resource', undefined],
    ['resource', null],
    ['resource', []],
    ['resource', 'text'],
    ['resource.algorithm', { ...genuine, algorithm: 'AEAD_SM4_GCM' }],
    ['resource.algorithm', { ...genuine, algorithm: undefined }],
    ['resource.nonce', { ...genuine, nonce: genuine.nonce.slice(1) }],
    ['resource.nonce', { ...genuine, nonce: `${genuine.nonce}0` }],
    ['resource.nonce', { ...genuine, nonce: `${genuine.nonce.slice(1)}中` }],
    ['resource.nonce', { ...genuine, nonce: '' }],
    ['resource.nonce', { ...genuine, nonce: 12 }],
    ['resource.associated_data', { ...genuine, associated_data: null }],
    ['resource.associated_data', { ...genuine, associated_data: 7 }],
    ['resource.ciphertext', { ...genuine, ciphertext: undefined }],
    ['resource.ciphertext', { ...genuine, ciphertext: '' }],
    ['resource.ciphertext', { ...genuine, ciphertext: `${genuine.ciphertext}*` }],
    ['resource.ciphertext', { ...genuine, ciphertext: ` ${genuine.ciphertext}` }],
    ['resource.ciphertext', { ...genuine, ciphertext: sealed.subarray(0, 16).toString('base64') }],
    ['resource.ciphertext', { ...genuine, ciphertext: sealed.subarray(0, 3).toString('base64') }],
    ['resource.ciphertext', { ...genuine, ciphertext: sealed.subarray(0, -4).toString('base64') }],
    ['resource.ciphertext', party.encrypt('')],
    ['resource.ciphertext', { ...genuine, associated_data: 'refund' }],
    ['resource.ciphertext', { ...genuine, nonce: '000000000000' }],
  ])('refuses a bad %s', (field, resource) => {
    expect(() => decryptResource(resource, [key])).toThrow(malformed(field));
  });

  it('gives back whatever was encrypted', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1 }),
        fc.string({ unit: 'binary' }),
        (text, data) => {
          expect(decryptResource(party.encrypt(text, data), [key])).toEqual(Buffer.from(text));
        },
      ),
    );
  });

  it('refuses what another key encrypted', () => {
    expect(() => decryptResource(genuine, [other])).toThrow(malformed('resource.ciphertext'));
    expect(() => decryptResource(genuine, [other, other])).toThrow(malformed('resource.ciphertext'));
  });

  it('reads what any of the keys encrypted', () => {
    for (const keys of [
      [key, other],
      [other, key],
    ]) {
      expect(decryptResource(genuine, keys).toString()).toBe(plaintext);
    }
  });

  it('refuses a genuine tag cut short', () => {
    const nonce = Buffer.from(genuine.nonce);
    const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: 12 }).setAAD(
      Buffer.from('transaction'),
    );
    const short = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
    const resource = { ...genuine, ciphertext: short.toString('base64') };
    expect(() => decryptResource(resource, [key])).toThrow(malformed('resource.ciphertext'));
  });

  it('refuses any altered byte, and throws nothing else', () => {
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), (position, change) => {
        const altered = Buffer.from(sealed);
        altered[position] = (altered[position] ?? 0) ^ change;
        const resource = { ...genuine, ciphertext: altered.toString('base64') };
        expect(() => decryptResource(resource, [key])).toThrow(malformed('resource.ciphertext'));
      }),
    );
    fc.assert(
      fc.property(
        fc.record({ nonce: fc.string(), associated_data: fc.string(), ciphertext: fc.base64String() }),
        (junk) => {
          expect(() => decryptResource({ ...genuine, ...junk }, [key])).toThrow(MalformedMessageError);
        },
      ),
    );
  });
});

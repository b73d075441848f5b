import { sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseWechatDocument } from '../../../../lib/config/wechat.ts';
import type { RawMessage } from '../../../../lib/providers/message.ts';
import { receiveWechatMessage } from '../../../../lib/providers/wechat/message.ts';
import { createWechatParty } from '../../../support/wechat.ts';

const party = createWechatParty();
const config = parseWechatDocument(party.document);
const now = Date.parse('2026-11-22T03:00:00Z');
const receive = async (message: RawMessage) => receiveWechatMessage(config, () => now)(message);

const deliver = async (resource: object, eventType?: string) =>
  receive(party.signNotification(resource, { at: now, ...(eventType && { eventType }) }));
const paid = party.transaction('mall-123', 1999);
const refunded = party.refundNotice('mall-123', 'mall-123-r1', 900, 1999);
const malformed = (field: string | null) => expect.objectContaining({ name: 'MalformedMessageError', field });

describe('receiveWechatMessage', () => {
  it('says what a payment was', async () => {
    expect(await deliver(paid)).toEqual({
      type: 'succeeded',
      payment_no: 'mall-123',
      provider: 'wechat',
      merchant: config.mchid,
      appid: config.appids[0],
      amount: 1999,
      currency: 'CNY',
      transaction_id: paid.transaction_id,
      paid_at: '2018-06-08T02:34:56.000Z',
      discount: { merchant: 0, provider: 0 },
    });
  });

  it('names the merchant and the app of the message, not its own', async () => {
    expect(await deliver({ ...paid, mchid: '1900000001', appid: 'wx0' })).toMatchObject({
      merchant: '1900000001',
      appid: 'wx0',
    });
  });

  it('takes an amount without a currency as yuan', async () => {
    expect(await deliver({ ...paid, amount: { total: 1 } })).toMatchObject({ amount: 1, currency: 'CNY' });
  });

  it.each([
    ['2018-06-08T10:34:56.123+08:00', '2018-06-08T02:34:56.123Z'],
    ['2018-06-08T10:34:56.123456789+08:00', '2018-06-08T02:34:56.123Z'],
    ['2018-06-08T02:34:56Z', '2018-06-08T02:34:56.000Z'],
  ])('takes %s for when it was paid', async (success_time, paid_at) => {
    expect(await deliver({ ...paid, success_time })).toMatchObject({ paid_at });
  });

  it('takes a payment of which some was returned for paid, and says so', async () => {
    const { success_time: _, ...untimed } = paid;
    const expected = { type: 'succeeded', amount: 1999, returned: 'unknown' };
    expect(await deliver({ ...paid, trade_state: 'REFUND' })).toMatchObject({
      ...expected,
      paid_at: '2018-06-08T02:34:56.000Z',
    });
    expect(await deliver({ ...untimed, trade_state: 'REFUND' })).toEqual(
      expect.objectContaining({ ...expected, transaction_id: paid.transaction_id }),
    );
  });

  it.each([
    ['PAYERROR', 'failed'],
    ['CLOSED', 'closed'],
    ['REVOKED', 'closed'],
  ])('takes the trade state %s', async (trade_state, type) => {
    const { mchid, appid, out_trade_no } = paid;
    expect(await deliver({ ...paid, trade_state })).toMatchObject({
      type,
      amount: 1999,
      transaction_id: paid.transaction_id,
    });
    expect(await deliver({ mchid, appid, out_trade_no, trade_state })).toEqual({
      type,
      payment_no: 'mall-123',
      provider: 'wechat',
      merchant: config.mchid,
      appid: config.appids[0],
      transaction_id: null,
    });
  });

  it.each([
    ['REFUND.SUCCESS', 'SUCCESS', 'refund_succeeded'],
    ['REFUND.CLOSED', 'CLOSED', 'refund_failed'],
    ['REFUND.ABNORMAL', 'ABNORMAL', 'refund_abnormal'],
  ])('says by %s what became of a refund', async (eventType, refund_status, type) => {
    const expected = {
      type,
      payment_no: 'mall-123',
      provider: 'wechat',
      refund_no: 'mall-123-r1',
      merchant: config.mchid,
      transaction_id: refunded.transaction_id,
      amount: 900,
      paid: 1999,
      refund_id: refunded.refund_id,
    };
    expect(await deliver({ ...refunded, refund_status }, eventType)).toEqual(expected);
    // The merchant's console numbers its own.
    const out_refund_no = '50300806032021112400000000000';
    expect(await deliver({ ...refunded, refund_status, out_refund_no }, eventType)).toEqual({
      ...expected,
      refund_no: out_refund_no,
    });
    const { transaction_id: _, ...unnamed } = expected;
    const notice = { ...refunded, refund_status, transaction_id: undefined };
    expect(await deliver(notice, eventType)).toEqual(unnamed);
  });

  it("names a refund notice's own merchant", async () => {
    const event = await deliver({ ...refunded, mchid: '1900000001' }, 'REFUND.SUCCESS');
    expect(event).toMatchObject({ merchant: '1900000001' });
  });

  it('asks for nothing by what it does not know', async () => {
    expect(await deliver(paid, 'COUPON.USE')).toBeNull();
  });

  it.each([
    ['refund_status', { refund_status: undefined }],
    ['refund_status', { refund_status: 'PROCESSING' }],
    ['refund_status', { refund_status: 'CLOSED' }],
    ['out_trade_no', { out_trade_no: undefined }],
    ['out_refund_no', { out_refund_no: undefined }],
    ['out_refund_no', { out_refund_no: 'a b' }],
    ['refund_id', { refund_id: undefined }],
    ['transaction_id', { transaction_id: 7 }],
    ['mchid', { mchid: undefined }],
    ['mchid', { mchid: '123.live' }],
    ['amount', { amount: undefined }],
    ['amount.refund', { amount: { total: 1999 } }],
    ['amount.refund', { amount: { refund: 0 } }],
    ['amount.refund', { amount: { refund: '900' } }],
    ['amount.refund', { amount: { refund: 9.5 } }],
    ['amount.total', { amount: { refund: 900 } }],
    ['amount.total', { amount: { refund: 900, total: '1999' } }],
  ])('refuses a genuine refund notice with a bad %s: %j', async (field, change) => {
    await expect(deliver({ ...refunded, ...change }, 'REFUND.SUCCESS')).rejects.toThrow(malformed(field));
  });

  it.each([
    ['out_trade_no', { out_trade_no: undefined }],
    ['out_trade_no', { out_trade_no: 7 }],
    ['out_trade_no', { out_trade_no: 'mall 1' }],
    ['out_trade_no', { out_trade_no: 'x'.repeat(65) }],
    ['trade_state', { trade_state: undefined }],
    ['trade_state', { trade_state: 'constructor' }],
    ['trade_state', { trade_state: ['SUCCESS'] }],
    ['mchid', { mchid: undefined }],
    ['mchid', { mchid: 1230000109 }],
    ['mchid', { mchid: '123/wx0' }],
    ['mchid', { mchid: '1'.repeat(65) }],
    ['appid', { appid: '' }],
    ['transaction_id', { transaction_id: undefined }],
    ['transaction_id', { transaction_id: 4.2e27 }],
    ['transaction_id', { transaction_id: 'a\r\nb' }],
    ['success_time', { success_time: undefined }],
    ['success_time', { success_time: '2018-06-08 10:34:56' }],
    ['success_time', { success_time: '2018-06-08T10:34:56' }],
    ['success_time', { success_time: '2018-13-08T10:34:56Z' }],
    ['success_time', { success_time: '+002018-06-08T10:34:56Z' }],
    ['success_time', { success_time: '2018-06-08T10:34:56Z\0' }],
    ['success_time', { success_time: 1528425296 }],
    ['amount', { amount: undefined }],
    ['amount', { amount: 1999 }],
    ['amount', { amount: [1999] }],
    ['amount.total', { amount: {} }],
    ['amount.total', { amount: { total: '1999' } }],
    ['amount.total', { amount: { total: 19.99 } }],
    ['amount.total', { amount: { total: 0 } }],
    ['amount.total', { amount: { total: -1 } }],
    ['amount.total', { amount: { total: 2 ** 53 } }],
    ['amount.currency', { amount: { total: 1999, currency: 156 } }],
    ['amount.currency', { amount: { total: 1999, currency: 'cny' } }],
    ['amount.currency', { amount: { total: 1999, currency: 'XCNY' } }],
    ['amount.currency', { amount: { total: 1999, currency: 'CNYX' } }],
  ])('refuses a genuine message with a bad %s: %j', async (field, change) => {
    await expect(deliver({ ...paid, ...change })).rejects.toThrow(malformed(field));
  });

  it('refuses a genuine message whose resource is no object', async () => {
    const body = (plaintext: string) =>
      JSON.stringify({ event_type: 'TRANSACTION.SUCCESS', resource: party.encrypt(plaintext) });
    for (const plaintext of ['null', '[]', '{', '\uFEFF{}', '{"__proto__":{}}', '{"a":'.repeat(40)])
      await expect(receive(party.signText(body(plaintext), now))).rejects.toThrow(
        malformed('resource.ciphertext'),
      );
  });

  it.each([
    ['nothing', '', null],
    ['no JSON', 'code=SUCCESS', null],
    ['null', 'null', null],
    ['an array', '[]', null],
    ['a byte order mark', '\uFEFF{}', null],
    ['deep nesting', `{"a":${'['.repeat(40)}${']'.repeat(40)}}`, null],
    ['__proto__', '{"__proto__":{"event_type":"TRANSACTION.SUCCESS"}}', null],
    ['no event type', '{}', 'event_type'],
    ['an event type that is no text', '{"event_type":["TRANSACTION.SUCCESS"]}', 'event_type'],
    ['an event type in two words', '{"event_type":"TRANSACTION SUCCESS"}', 'event_type'],
    ['no resource', '{"event_type":"TRANSACTION.SUCCESS"}', 'resource'],
  ])('refuses a genuine body that is or has %s', async (_, text, field) => {
    await expect(receive(party.signText(text, now))).rejects.toThrow(malformed(field));
  });

  it('refuses a genuine body that is not UTF-8', async () => {
    const { headers } = party.signText('', now);
    const body = Buffer.from([0x7b, 0xff, 0x7d]);
    const text = Buffer.concat([
      Buffer.from(`${headers['wechatpay-timestamp']}\n${headers['wechatpay-nonce']}\n`),
      body,
      Buffer.from('\n'),
    ]);
    const signature = sign('sha256', text, party.platform.privateKey).toString('base64');
    const message = { headers: { ...headers, 'wechatpay-signature': signature }, body };
    await expect(receive(message)).rejects.toThrow(malformed(null));
  });

  it('verifies before it reads, by the time it is given', async () => {
    const unsigned = { headers: {}, body: Buffer.from('{') };
    await expect(receive(unsigned)).rejects.toThrow(expect.objectContaining({ reason: 'signature_missing' }));
    const late = party.signNotification(paid, { at: now - 301_000 });
    await expect(receive(late)).rejects.toThrow(
      expect.objectContaining({ reason: 'timestamp_out_of_range' }),
    );
  });
});

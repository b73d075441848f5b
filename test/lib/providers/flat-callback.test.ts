import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  flatEvent,
  flatSignature,
  flatStatusesOf,
  receiveFlatCallback,
  verifyFlatSignature,
} from '../../../lib/providers/flat-callback.ts';

const key = Buffer.from('a callback key of 32 bytes......');
const oldKey = Buffer.from('the callback key before that one');
const currencies = { CNY: { digits: 2, step: 1 }, JPY: { digits: 0, step: 1 } };
const statuses = flatStatusesOf({ flatStatuses: { TRADE_CLOSED: 'closed' } });
const dialect = { provider: 'alipay', merchant: '2021.2088', statuses, currencies } as const;
const receive = receiveFlatCallback({ ...dialect, keys: [key, oldKey] });

const paid = { amount: '19.99', currency: 'CNY', order_no: 'mall-1', status: 'succeeded', txn_id: 'T1' };
const sign = (fields: Record<string, string>, by: Buffer = key) =>
  flatSignature(new Map(Object.entries(fields)), by);
const deliver = (fields: object) => receive({ headers: {}, body: Buffer.from(JSON.stringify(fields)) });
const deliverSigned = (fields: Record<string, string>) => deliver({ ...fields, sig: sign(fields) });
const read = (fields: Record<string, string>) => flatEvent(new Map(Object.entries(fields)), dialect);
const refused = (reason: string) => expect.objectContaining({ name: 'VerificationError', reason });
const malformed = (field: string) => expect.objectContaining({ name: 'MalformedMessageError', field });

describe('flatSignature', () => {
  it('is the HMAC of the fields, sorted and joined', () => {
    const text = 'amount=19.99&currency=CNY&order_no=mall-1&status=succeeded&txn_id=T1';
    const { amount, ...others } = paid;
    expect(sign({ ...others, sig: 'not part of it', amount })).toBe(hmac(text));
  });

  it('leaves out what is empty, and sorts by name alone', () => {
    expect(sign({ a1: '中', a: '2', b: '' })).toBe(hmac('a=2&a1=中'));
  });
});

describe('an amount without its currency', () => {
  const { currency: _, ...bare } = paid;

  it.each(['500.00', '500', '0.01'])('is refused where the provider takes several: %s', (amount) => {
    expect(() => deliverSigned({ ...bare, amount })).toThrow(malformed('currency'));
    expect(() => deliverSigned({ ...bare, amount, currency: '' })).toThrow(malformed('currency'));
  });

  it('is of the only one that the provider takes', () => {
    const yuanOnly = { ...dialect, currencies: { CNY: currencies.CNY } };
    const event = flatEvent(new Map(Object.entries(bare)), yuanOnly);
    expect(event).toMatchObject({ amount: 1999 });
    expect(event).not.toHaveProperty('currency');
  });

  it('is not needed where there is no amount', () => {
    expect(read({ order_no: 'mall-1', status: 'failed' })).toMatchObject({ type: 'failed' });
  });
});

describe('verifyFlatSignature', () => {
  it.each([
    ['the current key', key],
    ['the key before', oldKey],
  ])('takes %s', (_, by) => {
    const fields = new Map(Object.entries({ ...paid, sig: sign(paid, by) }));
    expect(() => verifyFlatSignature(fields, [key, oldKey])).not.toThrow();
  });

  it.each([
    ['absent', {}, 'signature_missing'],
    ['empty', { sig: '' }, 'signature_missing'],
    ['in upper case', { sig: sign(paid).toUpperCase() }, 'signature_malformed'],
    ['cut off', { sig: sign(paid).slice(2) }, 'signature_malformed'],
    ['preceded by more', { sig: `0${sign(paid)}` }, 'signature_malformed'],
    ['followed by more', { sig: `${sign(paid)}\n` }, 'signature_malformed'],
    ['by another key', { sig: sign(paid, Buffer.from('some other key of 24 bytes')) }, 'signature_mismatch'],
    ['of other fields', { sig: sign({ ...paid, amount: '19.98' }) }, 'signature_mismatch'],
  ])('refuses a sig that is %s', (_, sig, reason) => {
    const fields = new Map(Object.entries<string>({ ...paid, ...sig }));
    expect(() => verifyFlatSignature(fields, [key, oldKey])).toThrow(refused(reason));
  });
});

describe('receiveFlatCallback', () => {
  it('says what a genuine body means', () => {
    expect(deliverSigned(paid)).toEqual({
      type: 'succeeded',
      payment_no: 'mall-1',
      provider: 'alipay',
      merchant: '2021.2088',
      transaction_id: 'T1',
      currency: 'CNY',
      amount: 1999,
    });
  });

  it('refuses every body with one field altered, added or removed', () => {
    const sig = sign(paid);
    for (const name of Object.keys(paid)) {
      expect(() => deliver({ ...paid, sig, [name]: 'x' })).toThrow(refused('signature_mismatch'));
      expect(() => deliver({ ...paid, sig, [name]: undefined })).toThrow(refused('signature_mismatch'));
    }
    expect(() => deliver({ ...paid, sig, note: 'x' })).toThrow(malformed('note'));
    expect(() => deliver(paid)).toThrow(refused('signature_missing'));
  });

  it('refuses every genuine body with one byte altered', () => {
    const body = Buffer.from(JSON.stringify({ ...paid, sig: sign(paid) }));
    fc.assert(
      fc.property(fc.nat(body.length - 1), fc.integer({ min: 1, max: 255 }), (position, change) => {
        const altered = Buffer.from(body);
        altered[position] = (altered[position] ?? 0) ^ change;
        expect(() => receive({ headers: {}, body: altered })).toThrow(
          expect.objectContaining({ name: expect.stringMatching(/^(Verification|MalformedMessage)Error$/) }),
        );
      }),
    );
  });

  it('takes whatever was signed, and has no answer to anything but an event or an error of ours', () => {
    const value = fc.oneof(
      fc.constantFrom('', 'mall-1', 'succeeded', '1.00', 'CNY'),
      fc.string({ unit: 'binary' }),
    );
    const names = fc.constantFrom('amount', 'currency', 'order_no', 'status', 'txn_id', 'note');
    fc.assert(
      fc.property(fc.dictionary(names, value), (fields) => {
        try {
          expect(deliverSigned(fields)).toMatchObject({
            merchant: '2021.2088',
            payment_no: fields['order_no'],
          });
        } catch (error) {
          expect(error).toMatchObject({ name: 'MalformedMessageError' });
        }
      }),
    );
  });

  it('looks at the form first, then at the signature, then at the meaning', () => {
    expect(() => deliver({ amount: 1, status: 'nonsense' })).toThrow(malformed('amount'));
    expect(() => deliver({ ...paid, status: 'nonsense' })).toThrow(refused('signature_missing'));
    expect(() => deliverSigned({ ...paid, status: 'nonsense' })).toThrow(malformed('status'));
  });
});

describe('flatEvent', () => {
  it.each([
    ['succeeded', 'succeeded'],
    ['failed', 'failed'],
    ['TRADE_CLOSED', 'closed'],
  ])('takes the status %s', (status, type) => {
    expect(read({ order_no: 'meal-2', status })).toMatchObject({ type, payment_no: 'meal-2' });
  });

  it('leaves out what is absent or empty', () => {
    const { provider, merchant } = dialect;
    const event = { type: 'failed', payment_no: 'meal-2', provider, merchant, transaction_id: null };
    expect(read({ order_no: 'meal-2', status: 'failed' })).toEqual(event);
    expect(read({ order_no: 'meal-2', status: 'failed', amount: '', currency: '', txn_id: '' })).toEqual(
      event,
    );
  });

  it('counts the amount as the currency does', () => {
    const amountOf = (amount: string, currency = 'CNY') => read({ ...paid, amount, currency }).amount;
    expect(amountOf('19.99')).toBe(1999);
    expect(amountOf('0.3')).toBe(30);
    expect(amountOf('500', 'JPY')).toBe(500);
  });

  it('holds an amount without a currency to what the provider takes in yuan', () => {
    const fields = new Map(Object.entries({ ...paid, currency: '' }));
    const tens = { CNY: { digits: 2, step: 10 } };
    expect(() => flatEvent(fields, { ...dialect, currencies: tens })).toThrow(malformed('amount'));
  });

  it('tells a status that is missing from one that is not known', () => {
    expect(() => read({ ...paid, status: '' })).toThrow('必填');
    expect(() => read({ ...paid, status: 'x' })).toThrow('不受支持');
  });

  it('keeps a currency that the provider does not take, so that it is found to differ', () => {
    expect(read({ ...paid, currency: 'KWD' })).toMatchObject({ currency: 'KWD', amount: 1999 });
  });

  it.each([
    ['order_no', { order_no: '' }],
    ['order_no', { order_no: 'mall-1 ' }],
    ['order_no', { order_no: 'x'.repeat(65) }],
    ['order_no', { order_no: '订单' }],
    ['status', { status: '' }],
    ['status', { status: 'SUCCEEDED' }],
    ['status', { status: 'constructor' }],
    ['status', { status: '__proto__' }],
    ['txn_id', { txn_id: 'x'.repeat(65) }],
    ['txn_id', { txn_id: 'a\nb' }],
    ['currency', { currency: 'cny' }],
    ['currency', { currency: 'XCNY' }],
    ['currency', { currency: 'CNYX' }],
    ['currency', { currency: 'constructor' }],
    ['amount', { amount: '1.005' }],
    ['amount', { amount: '-1' }],
    ['amount', { amount: '1e3' }],
    ['amount', { amount: '１' }],
    ['amount', { amount: '90071992547409.93' }],
    ['amount', { amount: '0.5', currency: 'JPY' }],
  ])('refuses a bad %s: %j', (field, change) => {
    expect(() => read({ ...paid, ...change })).toThrow(malformed(field));
  });
});

function hmac(text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAlipayDocument } from '../../../../lib/config/alipay.ts';
import { alipayCurrencies, alipayFacts } from '../../../../lib/providers/alipay/facts.ts';
import { receiveAlipayMessage } from '../../../../lib/providers/alipay/message.ts';
import { flatStatusesOf } from '../../../../lib/providers/flat-callback.ts';
import { createAlipayParty, encodeForm, type NotificationFields } from '../../../support/alipay.ts';

const { document, trade, signNotification } = createAlipayParty();
const receive = receiveAlipayMessage(parseAlipayDocument(document));
const receiveBody = (body: Buffer) => receive({ headers: {}, body });
const receiveTrade = (changes: NotificationFields) =>
  receive(signNotification(trade('p1', '88.88', changes)));

const paid = {
  type: 'succeeded',
  payment_no: 'p1',
  provider: 'alipay',
  merchant: '2021000122671080.2088101122136241',
  amount: 8888,
  currency: 'CNY',
  transaction_id: '2024051322001498491428765432',
  paid_at: '2024-05-13T09:49:21.000Z',
};

describe('receiveAlipayMessage', () => {
  it.each(['utf-8', 'gbk'] as const)('says that a trade is paid, in %s', (charset) => {
    expect(receive(signNotification(trade('p1', '88.88'), { charset }))).toEqual(paid);
  });

  it('takes TRADE_FINISHED for paid, for it may be the first to be seen', () => {
    expect(receiveTrade({ trade_status: 'TRADE_FINISHED' })).toEqual(paid);
  });

  it('says that a trade is closed', () => {
    const { paid_at, ...closed } = { ...paid, type: 'closed' };
    expect(receiveTrade({ trade_status: 'TRADE_CLOSED', gmt_payment: '', refund_fee: '0.00' })).toEqual(
      closed,
    );
  });

  it.each(['', 'trade_status_async'])('says it in a notice that is called %j, too', (notify_type) => {
    expect(receiveTrade({ notify_type })).toEqual(paid);
  });

  it('asks for nothing while a trade waits to be paid', () => {
    expect(receiveTrade({ trade_status: 'WAIT_BUYER_PAY' })).toBeNull();
  });

  it.each<NotificationFields>([
    { notify_type: 'dut_user_sign', status: 'NORMAL', agreement_no: '20170322450983769228' },
    { msg_method: 'alipay.fund.trans.order.changed', biz_content: '{"status":"SUCCESS"}' },
  ])('asks for nothing where no trade is told of: %j', (fields) => {
    const { app_id } = document;
    expect(receive(signNotification({ app_id, ...fields }))).toBeNull();
  });

  const whole = { trade_status: 'TRADE_CLOSED', gmt_refund: '2024-05-14 08:00:00.123' };
  it.each([
    [{ refund_fee: '0.01' }, 1],
    [{ gmt_refund: '2024-05-14 08:00:00.123' }, undefined],
    [{ gmt_refund: '2024-05-14 08:00:00.123', refund_fee: '0.00' }, undefined],
    [{ trade_status: 'TRADE_FINISHED', refund_fee: '88.88' }, 8888],
    [{ ...whole, refund_fee: '88.88' }, 8888],
    [{ trade_status: 'TRADE_CLOSED', refund_fee: '88.88' }, 8888],
    // What it says, before what is to be thought of one that is closed.
    [{ ...whole, refund_fee: '80.00' }, 8000],
    // All of it, as it is closed.
    [whole, 8888],
  ])('says that a refund was made on %j, and what of the trade went back in all', (changes, total) => {
    const refunded = {
      type: 'refund_succeeded',
      payment_no: 'p1',
      provider: 'alipay',
      refund_no: null,
      merchant: '2021000122671080.2088101122136241',
      refund_id: null,
      transaction_id: '2024051322001498491428765432',
      currency: 'CNY',
      paid: 8888,
      ...(total !== undefined && { total }),
    };
    expect(receiveTrade(changes)).toEqual(refunded);
    expect(receiveTrade({ ...changes, out_biz_no: '' })).toEqual(refunded);
    for (const out_biz_no of ['p1-r2', 'HZ01RF001', '2024051400001']) {
      expect(receiveTrade({ ...changes, out_biz_no })).toEqual({ ...refunded, refund_no: out_biz_no });
    }
  });

  it('says nothing of what was paid where a refund does not', () => {
    expect(receiveTrade({ refund_fee: '0.01', total_amount: '' })).not.toHaveProperty('paid');
  });

  it('refuses a trade of which all went back and that does not say how much it was', () => {
    for (const total_amount of ['', '1.005', '-1']) {
      expect(() => receiveTrade({ ...whole, total_amount })).toThrow(
        expect.objectContaining({ name: 'MalformedMessageError', field: 'total_amount' }),
      );
    }
  });

  it('refuses a refund that says of what was paid what is no amount', () => {
    for (const total_amount of ['1.005', '-1']) {
      expect(() => receiveTrade({ refund_fee: '0.01', total_amount })).toThrow(
        expect.objectContaining({ name: 'MalformedMessageError', field: 'total_amount' }),
      );
    }
  });

  it('does not take a refund of nothing for a refund', () => {
    expect(receiveTrade({ refund_fee: '0.00', gmt_refund: '' })).toEqual(paid);
  });

  it("repeats the message's own merchant and amount, for the payment to be compared with", () => {
    expect(receiveTrade({ seller_id: '2088000000000000' })).toMatchObject({
      merchant: '2021000122671080.2088000000000000',
    });
    expect(receiveTrade({ app_id: '2021000000000000' })).toMatchObject({
      merchant: '2021000000000000.2088101122136241',
    });
    expect(receiveTrade({ total_amount: '88.8' })).toMatchObject({ amount: 8880 });
  });

  it.each([
    ['trade_status', ['', 'TRADE_PENDING', 'constructor', 'succeeded']],
    ['out_trade_no', ['', 'a b', '订单', 'p'.repeat(65), 'p1\n']],
    ['trade_no', ['', 'a b', '1'.repeat(65)]],
    ['seller_id', ['', '2088/1', '2 088']],
    ['app_id', ['', '2021/1', '1'.repeat(65)]],
    ['total_amount', ['', '1.005', '-1', '1e3', '１.00', '99999999999999999', 'NaN']],
    ['refund_fee', ['x', '-1']],
    ['out_biz_no', ['p1 r2', '退款', 'r'.repeat(65)]],
    ['gmt_payment', ['2024-02-30 10:00:00', '2024-05-13T17:49:21', 'yesterday', '2024-05-13 25:00:00']],
  ])('refuses a %s that is wrong, though signed', (field, values) => {
    for (const value of values) {
      const refund: NotificationFields = field === 'out_biz_no' ? { refund_fee: '1.00' } : {};
      expect(() => receiveTrade({ ...refund, [field]: value })).toThrow(
        expect.objectContaining({ name: 'MalformedMessageError', field }),
      );
    }
  });
});

it('a notice of a trade that does not say what became of it is refused', () => {
  const { trade_status: _, ...silent } = trade('p1', '88.88');
  expect(() => receive(signNotification(silent))).toThrow(
    expect.objectContaining({ name: 'MalformedMessageError', field: 'trade_status' }),
  );
});

describe('a genuine notification, tampered with', () => {
  const { body } = signNotification(trade('p1', '88.88'));
  const pairs = [...new URLSearchParams(body.toString())];
  const encode = (fields: readonly (readonly [string, string])[]) =>
    encodeForm(fields.map(([name, value]) => [name, Buffer.from(value)]));
  const others = (name: string) => pairs.filter(([other]) => other !== name);
  const refused = expect.objectContaining({ name: 'VerificationError' });

  it('is accepted while nothing is changed', () => {
    expect(receiveBody(encode(pairs))).toEqual(paid);
  });

  it.each(pairs)('is refused with another %s, or without', (name, value) => {
    expect(() => receiveBody(encode([...others(name), [name, `${value}1`]]))).toThrow(refused);
    expect(() => receiveBody(encode([...others(name), [name, '']]))).toThrow(refused);
    expect(() => receiveBody(encode(others(name)))).toThrow(refused);
    expect(() => receiveBody(encode([...others(name), [`${name}_`, value]]))).toThrow(refused);
    expect(() => receiveBody(encode([...pairs, [name, value]]))).toThrow(
      expect.objectContaining({ name: 'MalformedMessageError', field: name }),
    );
  });

  it('is refused with a parameter more', () => {
    expect(() => receiveBody(encode([...pairs, ['refund_status', 'x']]))).toThrow(refused);
  });

  it('says the same or is refused, whichever byte is altered', () => {
    fc.assert(
      fc.property(fc.nat(body.length - 1), fc.integer({ min: 1, max: 255 }), (position, change) => {
        const altered = Buffer.from(body);
        altered[position] = (altered[position] ?? 0) ^ change;
        if (sameBytes(altered) === sameBytes(body)) return;
        expect(outcomeOf(altered)).toMatch(/^(VerificationError|MalformedMessageError)$/);
      }),
      { numRuns: 2000 },
    );
  });

  it('any bytes at all end in an error of ours', () => {
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.string().map((text) => Buffer.from(text)),
      fc.webQueryParameters().map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(bytes, (arbitrary) => {
        expect(outcomeOf(Buffer.from(arbitrary))).toMatch(/^(VerificationError|MalformedMessageError)$/);
      }),
    );
  });
});

/** `%2f` and `%2F` are the same byte. */
function sameBytes(form: Buffer): string {
  return form.toString('latin1').replace(/%[0-9a-f]{2}/gi, (byte) => byte.toUpperCase());
}

function outcomeOf(body: Buffer): string {
  try {
    return JSON.stringify(receiveBody(body));
  } catch (error) {
    return (error as Error).name;
  }
}

describe('the tables', () => {
  it('hold no inherited name', () => {
    expect(alipayCurrencies['CNY']).toEqual({ digits: 2, step: 1 });
    expect(alipayCurrencies['constructor']).toBeUndefined();
    expect(alipayCurrencies['USD']).toBeUndefined();
  });

  it('know what a flat body may say', () => {
    expect(flatStatusesOf(alipayFacts)).toEqual({
      succeeded: 'succeeded',
      failed: 'failed',
      TRADE_SUCCESS: 'succeeded',
      TRADE_FINISHED: 'succeeded',
      TRADE_CLOSED: 'closed',
    });
  });
});

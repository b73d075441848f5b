import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAlipayDocument } from '../../../../lib/config/alipay.ts';
import { readDiscount } from '../../../../lib/providers/alipay/fields.ts';
import { receiveAlipayMessage } from '../../../../lib/providers/alipay/message.ts';
import { createAlipayParty } from '../../../support/alipay.ts';

const of = (total_amount: unknown, receipt_amount?: unknown, buyer_pay_amount?: unknown) => {
  const fields: Readonly<Record<string, unknown>> = { total_amount, receipt_amount, buyer_pay_amount };
  return readDiscount((name) => fields[name]);
};

describe('what a payer at Alipay did not pay', () => {
  it.each([
    ['nothing', '10.00', '10.00', { merchant: 0, provider: 0 }],
    ['what the merchant gives', '8.00', '8.00', { merchant: 200, provider: 0 }],
    ['what Alipay gives', '10.00', '8.50', { merchant: 0, provider: 150 }],
    ['what both give', '9.00', '7.50', { merchant: 100, provider: 150 }],
    ['all of it', '10.00', '0.00', { merchant: 0, provider: 1000 }],
  ])('%s', (_, receipt, paid, discount) => {
    expect(of('10.00', receipt, paid)).toEqual(discount);
  });

  it.each([
    ['nothing paid and nothing received, as a query has it', '10.00', '0.00', '0.00'],
    ['received more than it cost', '10.00', '10.01', '10.00'],
    ['paid more than is received', '10.00', '9.00', '9.50'],
    ['received not said', '10.00', undefined, '9.50'],
    ['received left empty', '10.00', '', '9.50'],
    ['received not said, and nothing paid', '10.00', undefined, '0.00'],
    ['paid not said', '10.00', '9.00', undefined],
    ['the total not said', undefined, '9.00', '9.00'],
    ['neither the total said nor anything paid', undefined, '0.00', '0.00'],
    ['numbers', 10, 9, 9],
    ['no amounts', '10.00', 'nine', '9.00'],
    ['parts of a fen', '10.00', '9.001', '9.00'],
    ['less than nothing', '10.00', '9.00', '-1.00'],
    ['null', '10.00', null, null],
  ])('is not known where it does not add up: %s', (_, total, receipt, paid) => {
    expect(of(total, receipt, paid)).toBeNull();
  });

  const party = createAlipayParty();
  const receive = receiveAlipayMessage(parseAlipayDocument(party.document));
  const deliver = (changes: Readonly<Record<string, string>>) =>
    receive(party.signNotification(party.trade('p1', '10.00', changes)));

  it('is told with a payment, and with nothing else', () => {
    const amounts = { receipt_amount: '9.00', buyer_pay_amount: '7.50' };
    expect(deliver(amounts)).toMatchObject({ type: 'succeeded', discount: { merchant: 100, provider: 150 } });
    expect(deliver({ ...amounts, trade_status: 'TRADE_CLOSED', gmt_payment: '' })).not.toHaveProperty(
      'discount',
    );
    expect(deliver({ ...amounts, refund_fee: '1.00' })).not.toHaveProperty('discount');
  });

  it('changes nothing else of a message, whatever is said', () => {
    const plain = deliver({});
    const text = fc.oneof(
      // What could be two parameters is refused as a whole.
      fc.string({ maxLength: 12 }).map((any) => any.replace(/[&=]/g, '')),
      fc.constantFrom('', '0', '10.00', '9.99', '-1', '1e3', '99999999999999999999', '10,00', '¥1'),
    );
    const given = fc.record(
      { receipt_amount: text, buyer_pay_amount: text, invoice_amount: text, fund_bill_list: text },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(given, (changes) => {
        const { discount: _discount, ...rest } = { discount: null, ...deliver(changes) };
        expect(rest).toEqual(plain);
      }),
      { numRuns: 200 },
    );
  });
});

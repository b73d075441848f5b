import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWechatDocument } from '../../../../lib/config/wechat.ts';
import { readDiscount } from '../../../../lib/providers/wechat/discount.ts';
import { receiveWechatMessage } from '../../../../lib/providers/wechat/message.ts';
import { createWechatParty } from '../../../support/wechat.ts';

const coupon = (changes: object) => ({ coupon_id: '109519', scope: 'SINGLE', ...changes });
const of = (payer_total: unknown, promotion_detail?: unknown, total: unknown = 1000) =>
  readDiscount({ amount: { total, payer_total, currency: 'CNY' }, promotion_detail });

describe('what a payer at WeChat Pay did not pay', () => {
  it.each<[string, number, object[] | undefined, object]>([
    ['nothing', 1000, undefined, { merchant: 0, provider: 0 }],
    ['nothing, said in so many words', 1000, [], { merchant: 0, provider: 0 }],
    [
      'a coupon that is made good',
      900,
      [coupon({ type: 'CASH', amount: 100 })],
      { merchant: 0, provider: 100 },
    ],
    ['a coupon that is not', 900, [coupon({ type: 'NOCASH', amount: 100 })], { merchant: 100, provider: 0 }],
    [
      'one of each',
      700,
      [coupon({ type: 'CASH', amount: 100 }), coupon({ type: 'NOCASH', amount: 200 })],
      { merchant: 200, provider: 100 },
    ],
    [
      'one that is shared, as its contributions say',
      700,
      [
        coupon({
          ...{ type: 'CASH', amount: 300 },
          ...{ wechatpay_contribute: 100, merchant_contribute: 150, other_contribute: 50 },
        }),
      ],
      { merchant: 150, provider: 150 },
    ],
    [
      'one that the merchant gives nothing to, whatever it is called',
      900,
      [coupon({ type: 'NOCASH', amount: 100, merchant_contribute: 0, wechatpay_contribute: 100 })],
      { merchant: 0, provider: 100 },
    ],
    ['what no coupon explains', 900, undefined, { merchant: 0, provider: 100 }],
    ['all of it', 0, [coupon({ type: 'NOCASH', amount: 1000 })], { merchant: 1000, provider: 0 }],
  ])('%s', (_, payer_total, promotion_detail, discount) => {
    expect(of(payer_total, promotion_detail)).toEqual(discount);
  });

  it.each<[string, unknown, unknown?, unknown?]>([
    ['more than the total', 1001],
    ['less than nothing', -1],
    ['parts of a fen', 1.5],
    ['a text', '900'],
    ['nothing that is said', undefined],
    ['of no total', 900, undefined, undefined],
    ['of a total that is a text', 900, undefined, '1000'],
    ['coupons of more than it is', 950, [coupon({ type: 'NOCASH', amount: 100 })]],
  ])('is not known where it does not add up: %s', (_, payer_total, promotion_detail, ...total) => {
    const amount = { payer_total, ...(total.length > 0 ? { total: total[0] } : { total: 1000 }) };
    expect(readDiscount({ amount, promotion_detail })).toBeNull();
  });

  it.each([
    [null],
    ['x'],
    [7],
    [{}],
    [[null, 'x', 7, []]],
    [[{}]],
    [[coupon({ type: 'NOCASH', amount: '100' })]],
  ])('passes over coupons that are none: %j', (promotion_detail) => {
    expect(of(900, promotion_detail)).toEqual({ merchant: 0, provider: 100 });
  });

  it.each([[{}], [{ amount: null }], [{ amount: [] }], [{ amount: 900 }]])(
    'is not known of %j',
    (transaction) => {
      expect(readDiscount(transaction)).toBeNull();
    },
  );

  it('is two parts of the total, or not known, whatever is said; and changes nothing else of a message', async () => {
    const party = createWechatParty();
    const now = Date.parse('2026-11-22T03:00:00Z');
    const receive = receiveWechatMessage(parseWechatDocument(party.document), () => now);
    const plain = await receive(party.signNotification(party.transaction('mall-1', 1000), { at: now }));
    const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.integer({ min: -5, max: 1500 }));
    const promotion = fc.record(
      {
        type: fc.constantFrom('CASH', 'NOCASH', 'OTHER', 7),
        ...{ amount: value, merchant_contribute: value, wechatpay_contribute: value },
      },
      { requiredKeys: [] },
    );
    const anything = fc.record({
      payer_total: value,
      promotion_detail: fc.oneof(fc.array(promotion, { maxLength: 3 }), value),
    });
    await fc.assert(
      fc.asyncProperty(anything, async ({ payer_total, promotion_detail }) => {
        const amount = { total: 1000, payer_total, currency: 'CNY' };
        const resource = party.transaction('mall-1', 1000, { amount, promotion_detail });
        let event: Awaited<ReturnType<typeof receive>>;
        try {
          event = await receive(party.signNotification(resource, { at: now }));
        } catch (error) {
          // A name that reaches into prototypes is refused wherever it stands.
          if (/__proto__|constructor|prototype/.test(JSON.stringify(resource))) return;
          throw error;
        }
        if (!event || !('discount' in event)) {
          const { discount: _discount, ...rest } = { discount: null, ...plain };
          expect(event).toEqual(rest);
          return;
        }
        const { discount, ...rest } = event;
        expect({ ...rest, discount: { merchant: 0, provider: 0 } }).toEqual(plain);
        const { merchant = -1, provider = -1 } = discount ?? {};
        expect(Math.min(merchant, provider)).toBeGreaterThanOrEqual(0);
        expect(merchant + provider).toBe(1000 - Number(payer_total));
      }),
      { numRuns: 300 },
    );
  });
});

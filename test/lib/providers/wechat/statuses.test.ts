import { describe, expect, it } from 'vitest';
import {
  flatSignature,
  flatStatusesOf,
  receiveFlatCallback,
} from '../../../../lib/providers/flat-callback.ts';
import { wechatCurrencies, wechatFacts } from '../../../../lib/providers/wechat/facts.ts';

const key = Buffer.from('a callback key of 32 bytes......');
const receive = receiveFlatCallback({
  provider: 'wechat',
  merchant: '1230000109',
  keys: [key],
  statuses: flatStatusesOf(wechatFacts),
  currencies: wechatCurrencies,
});

describe("WeChat's flat callback", () => {
  it.each([
    ['succeeded', 'succeeded'],
    ['failed', 'failed'],
    ['SUCCESS', 'succeeded'],
    ['PAYERROR', 'failed'],
    ['CLOSED', 'closed'],
  ])('takes the status %s', (status, type) => {
    const fields = { order_no: 'mall-1', status, amount: '0.01' };
    const sig = flatSignature(new Map(Object.entries(fields)), key);
    const body = Buffer.from(JSON.stringify({ ...fields, sig }));
    expect(receive({ headers: {}, body })).toEqual({
      type,
      payment_no: 'mall-1',
      provider: 'wechat',
      merchant: '1230000109',
      amount: 1,
      transaction_id: null,
    });
  });

  it('knows no currency by inheritance', () => {
    expect(wechatCurrencies['constructor']).toBeUndefined();
    expect(wechatCurrencies['CNY']).toEqual({ digits: 2, step: 1 });
  });
});

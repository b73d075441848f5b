import { describe, expect, it } from 'vitest';
import { MASK, maskHeaders, maskText } from '../../../../infra/local/console/mask.ts';

describe('masking', () => {
  it.each([
    ['{"paySign":"abc\\"d","timeStamp":"1"}', `{"paySign":"${MASK}","timeStamp":"1"}`],
    ['{ "payer": { "openid": "o1" } }', `{ "payer": { "openid": "${MASK}" } }`],
    ['{"order_no":"mall-1","sig":"00ff"}', `{"order_no":"mall-1","sig":"${MASK}"}`],
    ['a=1&sign=x%2By%3D&sign_type=RSA2', `a=1&sign=${MASK}&sign_type=RSA2`],
    [
      '"http://127.0.0.1/gateway.do?app_id=1&sign=abc"',
      `"http://127.0.0.1/gateway.do?app_id=1&sign=${MASK}"`,
    ],
    ['{"access_token":"86_ab","expires_in":7200}', `{"access_token":"${MASK}","expires_in":7200}`],
    ['{"appid":"wx1","secret":"0a1b"}', `{"appid":"wx1","secret":"${MASK}"}`],
    ['{"contact":"13812345678","items":"鞋"}', `{"contact":"${MASK}","items":"鞋"}`],
    ['authorization: Bearer ab.cd-e_f', `authorization: Bearer ${MASK}`],
  ])('hides what is secret and leaves every other byte: %s', (text, masked) => {
    expect(maskText(text)).toBe(masked);
  });

  it('leaves a text without secrets as it is', () => {
    const text = '{"a":"\\/","description":"<script> 😀","design":"x","b":1.50}';
    expect(maskText(text)).toBe(text);
  });

  it.each(['authorization', 'stripe-signature', 'wechatpay-signature'])('hides the header %s', (name) => {
    const headers = { [name]: 'secret', 'wechatpay-nonce': 'n' };
    expect(maskHeaders(headers)).toEqual({ [name]: MASK, 'wechatpay-nonce': 'n' });
  });
});

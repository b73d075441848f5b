import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64 } from '../../../../lib/providers/wechat/verify.ts';

describe('decodeBase64', () => {
  it('gives back whatever was encoded', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        expect(decodeBase64(Buffer.from(bytes).toString('base64'))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it.each(['', '=', 'A', 'AB', 'AB=', 'AAA', 'QQ', 'QR==', 'QQ==\n', ' QQ==', 'QQ==QQ==', '-_==', 'Q*Q=='])(
    'gives nothing for %j',
    (text) => {
      expect(decodeBase64(text)).toBeNull();
    },
  );

  it('spells each answer in one way only', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[A-Da-d+/=]*$/)), (text) => {
        const bytes = decodeBase64(text);
        expect(bytes === null || bytes.toString('base64') === text).toBe(true);
      }),
    );
  });
});

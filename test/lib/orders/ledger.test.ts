import { describe, expect, it } from 'vitest';
import { parseAccount, splitIntoDays } from '../../../lib/orders/ledger.ts';

describe('an account', () => {
  it.each([
    ['tenant:7', 7],
    [`tenant:${Number.MAX_SAFE_INTEGER}`, Number.MAX_SAFE_INTEGER],
    ['shop:mall', null],
    ['shop:meal', null],
    ['provider:wechat', null],
    ['provider:alipay', null],
    ['provider:stripe', null],
    ['suspense:stripe', null],
  ])('can be %s', (name, tenant_id) => {
    expect(parseAccount(name)).toEqual({ name, tenant_id });
  });

  it.each([
    '',
    'tenant:',
    'tenant:0',
    'tenant:07',
    'tenant:-1',
    'tenant:1.0',
    'tenant:7#',
    'tenant:7\n',
    ' tenant:7',
    'TENANT:7',
    'tenant:9007199254740993',
    'shop:7',
    'shop:',
    'provider:paypal',
    'provider:',
    'suspense',
    'constructor',
    '__proto__',
  ])('cannot be %j', (name) => {
    expect(parseAccount(name)).toBeNull();
  });
});

describe('the days of a period', () => {
  it('are cut at midnight in UTC and leave out the end', () => {
    expect(splitIntoDays({ from: '2026-11-20T22:00:00.000Z', to: '2026-11-22T00:00:00.001Z' })).toEqual([
      { first: '2026-11-20T22:00:00.000Z', last: '2026-11-20T23:59:59.999Z' },
      { first: '2026-11-21T00:00:00.000Z', last: '2026-11-21T23:59:59.999Z' },
      { first: '2026-11-22T00:00:00.000Z', last: '2026-11-22T00:00:00.000Z' },
    ]);
  });

  it('are one when it ends at midnight', () => {
    expect(splitIntoDays({ from: '2026-11-20T00:00:00.000Z', to: '2026-11-21T00:00:00.000Z' })).toEqual([
      { first: '2026-11-20T00:00:00.000Z', last: '2026-11-20T23:59:59.999Z' },
    ]);
  });
});

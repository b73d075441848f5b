import { describe, expect, it } from 'vitest';
import {
  reachedMerchants,
  reachesMerchant,
  reachesMoney,
  requireAccountAccess,
} from '../../../lib/http/access.ts';
import { createTenantRegister } from '../../../lib/merchants/tenant-register.ts';
import { exceptionOnce } from '../../../lib/orders/exception.ts';
import { parseAccount } from '../../../lib/orders/ledger.ts';
import { snapshotOf } from '../../../lib/orders/snapshot.ts';
import { paymentOf, shopOrder } from '../../support/orders.ts';

const register = createTenantRegister(
  async () => [
    { tenant_id: 7, paid_to: 'own', merchants: { wechat: ['1900000007', '1900000006'] } },
    { tenant_id: 8, paid_to: 'stage', merchants: {} },
  ],
  () => 0,
  () => {},
);
const current = { provider: 'wechat', merchant: '1900000007' } as const;
const before = { provider: 'wechat', merchant: '1900000006' } as const;

describe('the merchants that a token reaches', () => {
  it('are all without a tenant, and else those that are or were its own', async () => {
    expect(await reachedMerchants({}, register)).toBeNull();
    expect(await reachedMerchants({ tenant_id: 7 }, register)).toEqual([current, before]);
    for (const tenant_id of [8, 9]) expect(await reachedMerchants({ tenant_id }, register)).toEqual([]);
  });

  it('are told apart by provider and name', () => {
    expect(reachesMerchant(null, current)).toBe(true);
    expect(reachesMerchant([before, current], current)).toBe(true);
    expect(reachesMerchant([before], current)).toBe(false);
    expect(reachesMerchant([{ ...current, provider: 'alipay' }], current)).toBe(false);
    expect(reachesMerchant([], current)).toBe(false);
  });
});

describe('the money of an exception', () => {
  const order = shopOrder({ payments: 2 });
  const payment = paymentOf(order, { n: 1, merchant: current.merchant });
  const snapshot = snapshotOf(order, [payment, paymentOf(order, { n: 2, merchant: '1900000003' })]);
  const claims = (tenant_id?: number) =>
    ({ sub: 'admin-1', role: 'admin', ...(tenant_id !== undefined && { tenant_id }) }) as const;

  it.each([
    ['its payment’s merchant has it', 8, {}, true],
    ['it is said to be of nobody', 8, { merchant: null }, true],
    ['a merchant of its own has it', 7, { merchant: before.merchant }, true],
    ['another merchant has it', 8, { merchant: before.merchant }, false],
    ['the stage’s merchant has it', 7, { merchant: '1900000001' }, false],
    ['a merchant has it that another payment of the order is to', 7, { merchant: '1900000003' }, false],
    ['a merchant of that name has it at another provider', 8, { provider: 'alipay' }, false],
    ['another merchant has it, and the token reaches all', undefined, { merchant: '1900000001' }, true],
  ] as const)('is given back by a token where %s', async (_, tenant_id, changes, reaches) => {
    const subject = { kind: 'mismatch', payment_no: payment.payment_no, ...current, ...changes } as const;
    const [put] = exceptionOnce(snapshot, subject, 0);
    if (!put) throw new Error('no exception');
    expect(await reachesMoney(claims(tenant_id), register, put.record, snapshot)).toBe(reaches);
  });
});

describe('an account', () => {
  /** The status with which a token is refused, or that it is not. */
  async function access(name: string, tenant_id?: number): Promise<number | 'granted'> {
    const account = parseAccount(name);
    if (!account) throw new Error(`${name} is no account`);
    const claims = { sub: 'admin-1', role: 'admin', ...(tenant_id !== undefined && { tenant_id }) } as const;
    const reached = await reachedMerchants(claims, register);
    try {
      requireAccountAccess(claims, account, reached);
      return 'granted';
    } catch (error) {
      if (!(error instanceof Error) || !('statusCode' in error)) throw error;
      return Number(error.statusCode);
    }
  }

  it.each<[string, number | undefined, number | 'granted']>([
    ['tenant:7', undefined, 'granted'],
    ['shop:mall', undefined, 'granted'],
    ['provider:wechat.1900000001', undefined, 'granted'],
    ['tenant:7', 7, 'granted'],
    ['tenant:8', 7, 404],
    ['provider:wechat.1900000007', 7, 'granted'],
    ['suspense:wechat.1900000006', 7, 'granted'],
    ['fees:wechat.1900000007', 7, 'granted'],
    ['provider:alipay.1900000007', 7, 403],
    ['provider:wechat.1900000001', 7, 403],
    ['provider:wechat.1900000007', 8, 403],
    ['shop:mall', 7, 403],
  ])('%s is open to a token of tenant %j: %j', async (name, tenant_id, expected) => {
    expect(await access(name, tenant_id)).toBe(expected);
  });
});

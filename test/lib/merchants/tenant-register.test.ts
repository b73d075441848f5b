import { describe, expect, it } from 'vitest';
import {
  createTenantRegister,
  merchantsOf,
  type Registration,
} from '../../../lib/merchants/tenant-register.ts';

const MINUTE_MS = 60_000;
const seven: Registration = {
  tenant_id: 7,
  paid_to: 'own',
  merchants: { wechat: ['1900000007', '1900000006'], stripe: ['acct_7Settle.live'] },
};
const eight: Registration = { tenant_id: 8, paid_to: 'stage', merchants: {} };

/** A register that can be changed and put out of reach, under a clock. */
function arrange(...first: readonly Registration[]) {
  const stored = { registrations: first as readonly Registration[] | Error, reads: 0, now: 0 };
  const failures: unknown[] = [];
  const read = async () => {
    stored.reads += 1;
    if (stored.registrations instanceof Error) throw stored.registrations;
    return stored.registrations;
  };
  const register = createTenantRegister(
    read,
    () => stored.now,
    (error) => failures.push(error),
  );
  return { stored, register, failures };
}

describe('the register of tenants', () => {
  it('knows who is registered, and whose a merchant is or was', async () => {
    const { register } = arrange(seven, eight);
    expect(await register.find(7)).toEqual(seven);
    expect(await register.find(8)).toEqual(eight);
    expect(await register.find(9)).toBeNull();
    expect(await register.findByMerchant('wechat', '1900000007')).toEqual(seven);
    expect(await register.findByMerchant('wechat', '1900000006')).toEqual(seven);
    expect(await register.findByMerchant('alipay', '1900000007')).toBeNull();
    expect(await register.all()).toEqual([seven, eight]);
  });

  it('takes a merchant that was one tenant’s for that of whom it is now, whichever comes first', async () => {
    const moved: Registration = { tenant_id: 9, paid_to: 'own', merchants: { wechat: ['1900000006'] } };
    for (const order of [
      [seven, moved],
      [moved, seven],
    ]) {
      expect(await arrange(...order).register.findByMerchant('wechat', '1900000006')).toEqual(moved);
    }
  });

  it('is not read before somebody asks; then once for all that ask at the same time, and once a minute', async () => {
    const { stored, register } = arrange(seven);
    expect(stored.reads).toBe(0);
    const found = await Promise.all([
      register.find(7),
      ...Array.from({ length: 1_000 }, (_, tenant_id) => register.find(10_000 + tenant_id)),
      register.findByMerchant('wechat', '1900000007'),
      register.all(),
    ]);
    expect(found[0]).toEqual(seven);
    stored.now = MINUTE_MS - 1;
    await register.find(9);
    expect(stored.reads).toBe(1);
    stored.registrations = [seven, eight];
    expect(await register.find(8)).toBeNull();
    stored.now = MINUTE_MS;
    expect(await register.find(8)).toEqual(eight);
    expect(stored.reads).toBe(2);
  });

  it('fails who asks until it was read, with each of whom it is tried again', async () => {
    const { stored, register } = arrange();
    stored.registrations = new Error('no table');
    await expect(register.find(7)).rejects.toThrow('no table');
    await expect(register.findByMerchant('wechat', '1')).rejects.toThrow('no table');
    await expect(register.all()).rejects.toThrow('no table');
    expect(stored.reads).toBe(3);
    stored.registrations = [seven];
    expect(await register.find(7)).toEqual(seven);
  });

  it('that cannot be read any more stays in use, and is asked for every 15 seconds', async () => {
    const { stored, register, failures } = arrange(seven);
    await register.find(7);
    stored.registrations = new Error('no table');
    stored.now = MINUTE_MS;
    expect(await register.find(7)).toEqual(seven);
    expect(failures).toEqual([new Error('no table')]);
    stored.now += 14_999;
    expect(await register.find(7)).toEqual(seven);
    expect(stored.reads).toBe(2);
    stored.registrations = [eight];
    stored.now += 1;
    expect(await register.find(7)).toBeNull();
    expect(stored.reads).toBe(3);
  });

  it('is read again where it was read before a time, and not given when that fails', async () => {
    const { stored, register } = arrange(seven);
    await register.find(8);
    stored.registrations = [seven, eight];
    stored.now = 10_000;
    expect(await register.find(8, 0)).toBeNull();
    expect(await register.find(8, 1)).toEqual(eight);
    expect(await register.find(8, 10_000)).toEqual(eight);
    expect(await register.findByMerchant('wechat', '1900000007', 10_000)).toEqual(seven);
    expect(stored.reads).toBe(2);
    stored.registrations = new Error('no table');
    stored.now = 20_000;
    await expect(register.find(8, 15_000)).rejects.toThrow('no table');
    await expect(register.findByMerchant('wechat', '1', 15_000)).rejects.toThrow('no table');
    expect(await register.find(8)).toEqual(eight);
    expect(stored.reads).toBe(3);
  });
});

it('every merchant that is or was a tenant’s is listed with its provider', () => {
  expect(merchantsOf(seven)).toEqual([
    { provider: 'wechat', merchant: '1900000007' },
    { provider: 'wechat', merchant: '1900000006' },
    { provider: 'stripe', merchant: 'acct_7Settle.live' },
  ]);
  expect(merchantsOf(eight)).toEqual([]);
});

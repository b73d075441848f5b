import { describe, expect, it } from 'vitest';
import { isBillNotReady, isProviderFailure } from '../../../lib/orders/provider-gateway.ts';
import { BillNotReadyError } from '../../../lib/providers/bill.ts';
import { ProviderCallError } from '../../../lib/providers/call.ts';

describe('what a provider throws', () => {
  const failed = new ProviderCallError('wechat', 503, 'down');
  const notReady = new BillNotReadyError('wechat', { cause: failed });

  it.each<[string, unknown, { failure: boolean; early: boolean }]>([
    ['a call that failed', failed, { failure: true, early: false }],
    ['a bill that is not there yet', notReady, { failure: false, early: true }],
    ['any other error', new Error('ProviderCallError'), { failure: false, early: false }],
    ['no error, whatever its name', { name: 'BillNotReadyError' }, { failure: false, early: false }],
    ['nothing', undefined, { failure: false, early: false }],
  ])('is told apart by name: %s', (_, thrown, { failure, early }) => {
    expect(isProviderFailure(thrown)).toBe(failure);
    expect(isBillNotReady(thrown)).toBe(early);
  });
});

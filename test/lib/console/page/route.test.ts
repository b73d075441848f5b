import { describe, expect, it } from 'vitest';
import { linkTo, orderLink, parseRoute } from '../../../../lib/console/page/route.ts';

const at = (path: string) => parseRoute(new URL(path, 'https://pay.example.com'));

describe('addresses of the console', () => {
  it.each([
    ['/console', { view: 'orders', query: {} }],
    ['/console/', { view: 'orders', query: {} }],
    ['/console/orders?kind=meal&status=paid', { view: 'orders', query: { kind: 'meal', status: 'paid' } }],
    ['/console/orders/mall-1', { view: 'order', order_no: 'mall-1', query: {} }],
    ['/console/orders/mall%2F1', { view: 'order', order_no: 'mall/1', query: {} }],
    ['/console/ledger?account=shop%3Amall', { view: 'ledger', query: { account: 'shop:mall' } }],
    ['/console/signed-in?code=1', { view: 'signed_in', query: { code: '1' } }],
    ['/console/orders/%E0%A4%A', { view: 'nowhere', query: {} }],
    ['/console/orders/mall-1/more', { view: 'nowhere', query: {} }],
    ['/console/ledger/shop:mall', { view: 'nowhere', query: {} }],
    ['/console/signed_in', { view: 'nowhere', query: {} }],
    ['/console/constructor', { view: 'nowhere', query: {} }],
  ])('%s', (path, route) => {
    expect(at(path)).toEqual(route);
  });

  it('are made without what is not given, and lead back to what they were made of', () => {
    const address = linkTo('orders', { kind: 'meal', status: '', cursor: undefined, from: '2026-11-22' });
    expect(address).toBe('/console/orders?kind=meal&from=2026-11-22');
    expect(at(orderLink('a/b?c'))).toMatchObject({ order_no: 'a/b?c' });
    expect(at(linkTo('ledger', { account: 'tenant:7&x=#' })).query).toEqual({ account: 'tenant:7&x=#' });
  });
});

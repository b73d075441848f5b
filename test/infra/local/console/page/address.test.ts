import { expect, it } from 'vitest';
import { orderLink, ordersLink, parseRoute } from '../../../../../infra/local/console/page/address.ts';
import { noFilter } from '../../../../../infra/local/console/rows.ts';

it('keeps what the list is filtered by', () => {
  const filter = { ...noFilter, status: 'paid', search: '帆布鞋 & 42%' };
  expect(parseRoute(ordersLink(filter))).toEqual({ view: 'orders', filter });
});

it('is short without a filter', () => {
  expect(ordersLink(noFilter)).toBe('#/');
  for (const address of ['', '#/', '#/?', '#/?unknown=1']) {
    expect(parseRoute(address)).toEqual({ view: 'orders', filter: noFilter });
  }
});

it('names an order whatever its number holds', () => {
  expect(parseRoute(orderLink('mall-1?#/'))).toEqual({ view: 'order', order_no: 'mall-1?#/' });
  expect(parseRoute('#/inbox')).toEqual({ view: 'inbox' });
  expect(parseRoute('#/charts')).toEqual({ view: 'charts' });
});

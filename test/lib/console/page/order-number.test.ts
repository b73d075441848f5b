import { expect, it } from 'vitest';
import { orderNumberIn } from '../../../../lib/console/page/order-number.ts';

const tenants = 'p01M8BVXSSMHG71QTFM30MAZNCG';

it.each([
  ['mall-1', 'mall-1'],
  [' meal-12 ', 'meal-12'],
  ['mall-1-2', 'mall-1'],
  ['mall-1-r3', 'mall-1'],
  ['almall-1-2', 'almall-1'],
  [tenants, tenants],
  [`${tenants}-2`, tenants],
  [`al${tenants}-r1`, `al${tenants}`],
  ['anything', 'anything'],
  ['mall-1-2-3', 'mall-1-2-3'],
])('the order of %s is %s', (text, order_no) => {
  expect(orderNumberIn(text)).toBe(order_no);
});

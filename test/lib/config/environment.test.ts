import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../../lib/config/environment.ts';

const variables = { TABLE_NAME: 'settle', STAGE: 'dev', PUBLIC_URL: 'https://pay.example/' };
const read = {
  ...{ tableName: 'settle', stage: 'dev', publicUrl: 'https://pay.example', orderPrefix: '' },
  ...{ returnHosts: [], shipping: null },
};

describe('the environment', () => {
  it('is what the stack sets, and needs no prefix of order numbers', () => {
    expect(readEnvironment(variables)).toEqual(read);
    expect(readEnvironment({ ...variables, ORDER_PREFIX: 'x1' })).toEqual({ ...read, orderPrefix: 'x1' });
  });

  it.each(['TABLE_NAME', 'STAGE', 'PUBLIC_URL'])('is refused by name without %s', (name) => {
    expect(() => readEnvironment({ ...variables, [name]: '' })).toThrow(name);
  });

  it.each([
    `https://${'a'.repeat(193)}`,
    'https://pay.example?stage=dev',
    'https://pay.example/#a',
    'pay.example',
  ])('is refused with an address that providers would refuse: %s', (url) => {
    expect(() => readEnvironment({ ...variables, PUBLIC_URL: url })).toThrow('PUBLIC_URL');
  });

  it('may let a page lead back to hosts of the stage', () => {
    const hosts = { ...variables, RETURN_URL_HOSTS: 'shop.example.com,,m.example.com' };
    expect(readEnvironment(hosts).returnHosts).toEqual(['shop.example.com', 'm.example.com']);
  });

  it('may have WeChat told what was sent, within hours', () => {
    const told = { ...variables, SHIPPING_WITHIN_HOURS: '48' };
    expect(readEnvironment(told).shipping).toEqual({ withinHours: 48, mealPickup: false });
    expect(readEnvironment({ ...told, MEAL_PICKUP: 'true' }).shipping?.mealPickup).toBe(true);
    expect(readEnvironment({ ...variables, MEAL_PICKUP: 'true' }).shipping).toBeNull();
  });

  it.each(['0', '-1', '1.5', '1000', 'a day', ' 1'])('is refused with %j hours', (hours) => {
    const wrong = { ...variables, SHIPPING_WITHIN_HOURS: hours };
    expect(() => readEnvironment(wrong)).toThrow('SHIPPING_WITHIN_HOURS');
  });

  it.each(['abc', 'X', 'a-', ' '])('is refused with the prefix %j', (prefix) => {
    expect(() => readEnvironment({ ...variables, ORDER_PREFIX: prefix })).toThrow('ORDER_PREFIX');
  });
});

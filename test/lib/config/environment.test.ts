import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../../lib/config/environment.ts';

const variables = { TABLE_NAME: 'settle', STAGE: 'dev', PUBLIC_URL: 'https://pay.example/' };
const read = { tableName: 'settle', stage: 'dev', publicUrl: 'https://pay.example', orderPrefix: '' };

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

  it.each(['abc', 'X', 'a-', ' '])('is refused with the prefix %j', (prefix) => {
    expect(() => readEnvironment({ ...variables, ORDER_PREFIX: prefix })).toThrow('ORDER_PREFIX');
  });
});

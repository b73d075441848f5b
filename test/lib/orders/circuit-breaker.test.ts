import { describe, expect, it } from 'vitest';
import { createCircuitBreaker } from '../../../lib/orders/circuit-breaker.ts';

const at = (merchant: string | null, name: string | null = 'wechat') => ({ name, merchant });

function afterFailures(...failures: readonly (readonly [ReturnType<typeof at>, number])[]) {
  const breaker = createCircuitBreaker();
  for (const [callee, times] of failures) {
    for (let time = 0; time < times; time++) breaker.recordFailure(callee);
  }
  return breaker;
}

describe('createCircuitBreaker', () => {
  it('leaves a merchant alone once it has failed five times', () => {
    expect(afterFailures().isOpen(at('a'))).toBe(false);
    expect(afterFailures([at('a'), 4]).isOpen(at('a'))).toBe(false);
    expect(afterFailures([at('a'), 5]).isOpen(at('a'))).toBe(true);
  });

  it('has everybody else asked, however many fail', () => {
    const many = ['a', 'b', 'c', 'd', 'e', 'f'].map((merchant) => [at(merchant), 5] as const);
    const breaker = afterFailures(...many);
    expect(breaker.isOpen(at('g'))).toBe(false);
    expect(breaker.isOpen(at('a', 'alipay'))).toBe(false);
    expect(breaker.isOpen(at(null))).toBe(false);
  });

  it('believes another at its first failure where three have failed five times', () => {
    const two = [
      [at('a'), 5],
      [at('b'), 5],
      [at('c'), 4],
    ] as const;
    expect(afterFailures(...two, [at('d'), 1]).isOpen(at('d'))).toBe(false);
    expect(afterFailures(...two, [at('c'), 1], [at('d'), 1]).isOpen(at('d'))).toBe(true);
    expect(afterFailures(...two, [at('c'), 1], [at('d', 'alipay'), 1]).isOpen(at('d', 'alipay'))).toBe(false);
  });

  it('counts what is for no one merchant by itself', () => {
    expect(afterFailures([at(null), 5]).isOpen(at(null))).toBe(true);
    expect(afterFailures([at(null), 5]).isOpen(at('a'))).toBe(false);
    expect(afterFailures([at(null, null), 5]).isOpen(at(null))).toBe(false);
  });
});

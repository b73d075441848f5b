import { expect, it } from 'vitest';
import { createText } from '../../../../../infra/local/console/page/text.ts';

it('tells one from many, and separates thousands', () => {
  const text = createText('en');
  expect(text('matching', { count: 0 })).toBe('0 orders');
  expect(text('matching', { count: 1 })).toBe('1 order');
  expect(text('matching', { count: 10_001 })).toBe('10,001 orders');
  expect(text('told_times', { count: 1 })).toBe('told 1 time');
  expect(createText('zh')('matching', { count: 1_000 })).toBe('共 1,000 笔');
});

it('puts texts in as they are', () => {
  expect(createText('en')('api_refused', { status: 400, message: '{status} $&' })).toBe(
    'The API refused it (400): {status} $&',
  );
});

import { describe, expect, it } from 'vitest';
import { formatBeijingTime, parseBeijingTime } from '../../../../lib/providers/alipay/fields.ts';

describe('parseBeijingTime', () => {
  it.each(['2024-05-13 00:00:00', '2024-05-13 07:59:59', '2024-05-13 17:49:21', '2024-02-29 23:59:59'])(
    'reads %s at any hour of its day',
    (text) => {
      const ms = parseBeijingTime(text);
      expect(ms).toBe(Date.parse(`${text.replace(' ', 'T')}+08:00`));
      expect(formatBeijingTime(ms ?? 0)).toBe(text);
    },
  );

  it.each([
    '',
    '2024-05-13',
    '2024-05-13T17:49:21',
    '2024-05-13 17:49:21.500',
    '+002024-05-05 17:49:21',
    '2024-02-30 17:49:21',
    '2024-05-13 24:00:00',
  ])('takes no other text for a time: %j', (text) => {
    expect(parseBeijingTime(text)).toBeNull();
  });
});

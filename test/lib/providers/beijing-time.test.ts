import { describe, expect, it } from 'vitest';
import type { BillRow } from '../../../lib/orders/provider-gateway.ts';
import { formatBeijingTime, isOnBeijingDay, parseBeijingTime } from '../../../lib/providers/beijing-time.ts';

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

describe('isOnBeijingDay', () => {
  const row = (at: string | null): BillRow => ({
    ...{ kind: 'payment', at, payment_no: 'mall-1', transaction_id: 'T' },
    ...{ amount: 1, currency: 'CNY', fee: 0, fee_currency: 'CNY' },
  });

  it.each([
    ['2026-11-20T14:59:59.999Z', false],
    ['2026-11-20T15:00:00.000Z', true],
    ['2026-11-21T16:59:59.999Z', true],
    ['2026-11-21T17:00:00.000Z', false],
    [null, true],
  ])('takes an hour before and after it for the day: %s', (at, expected) => {
    expect(isOnBeijingDay(row(at), '2026-11-21')).toBe(expected);
  });

  it('takes what has no time for that of any day', () => {
    expect(isOnBeijingDay({ kind: 'other', name: 'x', understood: true }, '2026-11-21')).toBe(true);
  });
});

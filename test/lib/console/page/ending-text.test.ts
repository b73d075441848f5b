import { describe, expect, it } from 'vitest';
import { endingText } from '../../../../lib/console/page/ending-text.ts';
import { createText } from '../../../../lib/console/page/text.ts';
import type { Exception, ExceptionView } from '../../../../lib/http/responses/exceptions.ts';

type Preview = ExceptionView['previews'][number];

const text = createText('en');
const at = '2026-11-25T08:00:00.000Z';
const suspense = 'suspense:wechat.1900000001';

const exceptionOf = (changes: Partial<Exception> = {}): Exception => ({
  ...{ id: 'id', order_no: 'mall-1', payment_no: 'mall-1', kind: 'paid_twice', state: 'open' },
  ...{ provider: 'wechat', merchant: '1900000001', transaction_id: '42-2', refund_no: null, fields: [] },
  ...{ amount: '19.99', currency: 'CNY', reason: null, due_by: null, recorded_at: at },
  ...{ resolutions: ['attributed', 'returned', 'written_off', 'dismissed'], resolved: null },
  ...changes,
});
const previewOf = (resolution: Preview['resolution'], changes: Partial<Preview> = {}): Preview => ({
  ...{ resolution, refused: null, entries: [], refund: null, checks_payment: false, status: 'paid' },
  ...changes,
});
const attribution = { kind: 'attribution', debit: suspense, credit: 'shop:mall' } as const;
const money = { amount: '14.99', currency: 'CNY' };
const returned = previewOf('returned', { refund: money });
const attributed = previewOf('attributed', { entries: [{ ...attribution, ...money }] });
const dismissed = previewOf('dismissed');

const say = (
  preview: Preview,
  { exception = exceptionOf(), status = 'paid', previews = [] }: Partial<ExceptionView> = {},
) => endingText(text, { exception, status, previews: [...previews] }, preview);

describe('what an end comes to is said', () => {
  it('as the amounts that are booked and returned, and between which accounts', () => {
    expect(say(attributed)).toBe('Books ¥14.99 from Suspense · WeChat Pay 1900000001 to Mall shop.');
    expect(say(returned)).toBe(
      '¥14.99 goes back to its payer out of Suspense · WeChat Pay 1900000001: the provider is asked for a refund, which is booked once it has been done.',
    );
  });

  it('as both where both are', () => {
    const entry = { kind: 'suspense', debit: 'provider:wechat.1900000001', credit: suspense } as const;
    expect(say(previewOf('returned', { entries: [{ ...entry, ...money }], refund: money }))).toMatch(
      /^Books ¥14\.99 from Held by WeChat Pay · 1900000001 to Suspense · WeChat Pay 1900000001\. ¥14\.99 goes back/,
    );
  });

  it('as its order’s new state, where it is one', () => {
    expect(say(attributed, { status: 'closed' })).toMatch(/to Mall shop\. The order becomes paid\.$/);
    expect(say(dismissed, { status: 'paid' })).not.toMatch(/becomes/);
  });

  it('as why it would be refused, and nothing else', () => {
    const refused = { error: 'in_dispute', message: 'The dispute is not over' };
    expect(say(previewOf('attributed', { refused }))).toBe(
      'It would be refused now. The dispute is not over',
    );
  });

  it.each<[string, Partial<ExceptionView>, string]>([
    [
      'that money stays in suspense, by its attribution',
      { previews: [attributed] },
      'Nothing is booked. ¥14.99 stays in Suspense · WeChat Pay 1900000001.',
    ],
    [
      'that money stays in suspense, by its return',
      { previews: [previewOf('attributed', { refused: { error: 'x', message: 'x' } }), returned] },
      'Nothing is booked. ¥14.99 stays in Suspense · WeChat Pay 1900000001.',
    ],
    [
      'no such thing of what its owner would bear',
      {
        exception: exceptionOf({ kind: 'unknown_refund', refund_no: 're_1' }),
        previews: [
          previewOf('attributed', {
            entries: [{ ...attribution, debit: 'shop:mall', credit: suspense, ...money }],
          }),
        ],
      },
      'Nothing is booked; the exception ends.',
    ],
    [
      'no such thing of what names no merchant',
      { exception: exceptionOf({ provider: null, merchant: null }) },
      'Nothing is booked; the exception ends.',
    ],
  ])('where nothing is booked: %s', (_, view, said) => {
    expect(say(dismissed, view)).toBe(said);
  });

  it('where its payment takes no more', () => {
    expect(say({ ...dismissed, checks_payment: true }, { previews: [returned] })).toBe(
      'Nothing is booked. The provider is asked about the payment: if it has the money, the payment is over, and the next takes a number of its own; if not, it can be paid as before.',
    );
  });

  it('where nothing is left to be returned', () => {
    expect(say(previewOf('returned'))).toBe(
      'Nothing of the money is left: nothing is booked, and the exception ends.',
    );
  });
});

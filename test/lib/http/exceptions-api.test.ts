import { describe, expect, it } from 'vitest';
import { exceptionsCsv, exceptionsReply } from '../../../lib/http/exceptions-api.ts';
import { exceptionState } from '../../../lib/http/view-exception.ts';
import { isoTime } from '../../../lib/io.ts';
import {
  type ExceptionEnd,
  type ExceptionRecord,
  type ExceptionSubject,
  exceptionOnce,
  merchantException,
} from '../../../lib/orders/exception.ts';
import { strangerMerchant } from '../../../lib/orders/ledger.ts';
import { merchantNames, NOW, shopOrder } from '../../support/orders.ts';

const name = { provider: 'wechat', merchant: merchantNames.wechat } as const;
const order = shopOrder();
function recordOf(subject: ExceptionSubject, changes: Partial<ExceptionRecord> = {}): ExceptionRecord {
  const [put] = exceptionOnce({ order, exceptions: [] }, { ...name, ...subject }, NOW);
  if (!put) throw new Error('no exception');
  return { ...put.record, ...changes };
}
const resolved: ExceptionEnd = {
  ...{ resolution: 'dismissed', reason: '核对过', by: 'admin-1', at: isoTime(NOW) },
  ...{ entries: [], refund_no: null },
};
const ofMoney = ['attributed', 'returned', 'written_off', 'dismissed'];

describe('what an exception may be resolved as', () => {
  it.each([
    ['paid_twice', ofMoney],
    ['mismatch', ofMoney],
    ['unknown_refund', ['attributed', 'written_off', 'dismissed']],
    ['not_shipped', ['dismissed']],
  ] as const)('is said of %s: %j', (kind, allowed) => {
    expect(exceptionState(recordOf({ kind })).resolutions).toEqual(allowed);
  });

  it.each([
    ['of a refund', recordOf({ kind: 'mismatch', refund_no: 'mall-1-r1' })],
    ["of another merchant's", recordOf({ kind: 'mismatch', merchant: strangerMerchant('1', '2') })],
    ['that belongs to no order', merchantException(name, { kind: 'mismatch' }, NOW)],
  ])('is nothing that books where it is a mismatch %s', (_what, record) => {
    expect(exceptionState(record).resolutions).toEqual(['written_off', 'dismissed']);
  });

  it('is nothing once it is resolved', () => {
    expect(
      exceptionState(recordOf({ kind: 'paid_twice' }, { state: 'resolved', resolved })).resolutions,
    ).toEqual([]);
  });
});

it('a row of an exception has its fields in one column, and its end in four', () => {
  const open = recordOf({ kind: 'mismatch', fields: ['amount', 'currency'], amount: 100, currency: 'CNY' });
  const ended = recordOf({ kind: 'paid_twice' }, { state: 'resolved', resolved });
  const rows = exceptionsCsv.rows(exceptionsReply({ items: [open, ended], next: null }));
  const named = rows.map((row) =>
    Object.fromEntries(exceptionsCsv.columns.map((column, at) => [column, row[at]])),
  );
  expect(named).toMatchObject([
    { kind: 'mismatch', fields: 'amount currency', amount: '1.00', resolution: null, resolved_by: null },
    {
      ...{ kind: 'paid_twice', fields: '', resolution: 'dismissed', resolution_reason: '核对过' },
      ...{ resolved_by: 'admin-1', resolved_at: isoTime(NOW) },
    },
  ]);
});

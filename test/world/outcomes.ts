import type { Ended } from './world.ts';

/** Marks what came of a run, from what was written. */
export function markOutcomes({ table, marks }: Ended): void {
  for (const { key, before, after } of table.changes) {
    const [, sk = ''] = key.split('\n');
    if (!after) continue;
    const moved = (field: string, to: unknown) => before?.[field] !== to && after[field] === to;
    if (sk === 'ORDER' && before && moved('status', 'closed') && isLate(after)) marks.take('closed_late');
    if (
      sk === 'SHIPPING' &&
      !before &&
      String(after['pk']).includes('meal-') &&
      after['logistics_type'] === 'pickup'
    )
      marks.take('meal_told_by_itself');
    if (
      sk.startsWith('EXCEPTION#not_shipped') &&
      before?.['state'] === 'open' &&
      after['state'] === 'resolved'
    )
      marks.take('not_shipped_ended_by_telling');
    if (sk === 'ORDER') {
      if (before && moved('status', 'closed')) marks.take('order_closed');
      if (before && moved('status', 'failed')) marks.take('order_failed');
      if (before && moved('status', 'refunded')) marks.take('order_refunded');
      if (before?.['status'] === 'failed' && after['status'] === 'pending') marks.take('order_reopened');
      if (before && moved('status', 'paid') && after['amount'] === 0) marks.take('order_free');
    }
    if (sk.startsWith('PAYMENT#') && before) {
      if (moved('state', 'paid') && !String(after['credit']).startsWith('suspense:')) marks.take('settled');
      if (moved('state', 'closed')) marks.take('payment_closed');
      if (moved('superseded', true)) marks.take('payment_superseded');
      if (before['state'] === 'paid' && before['transaction_id'] === null && after['transaction_id'] !== null)
        marks.take('named_later');
    }
    if (sk.startsWith('EXCEPTION#') && !before) {
      const { kind, fields } = after;
      const names =
        Array.isArray(fields) && fields.length > 0
          ? fields.map((field) => `exception_${String(kind)}_${String(field)}`)
          : [`exception_${String(kind)}`];
      for (const name of names) marks.take(name);
      if (kind === 'unknown_refund' && after['amount'] === null)
        marks.take('exception_unknown_refund_of_unknown_amount');
    }
    if (
      sk === 'ORDER' &&
      ['pending', 'failed'].includes(String(before?.['status'])) &&
      after['status'] === 'refunded'
    )
      marks.take('found_refunded');
    if (sk.startsWith('ENTRY#RETURN#')) {
      marks.take(String(after['credit']).startsWith('provider:') ? 'return_booked' : 'return_booked_back');
    }
    if (sk.startsWith('RETURN#') && !before) {
      if (after['suspense'] !== null) marks.take('return_of_suspense');
      const isBooked = table.get(String(after['pk']), `ENTRY#${sk}`) !== undefined;
      if (after['status'] === 'succeeded' && !isBooked) marks.take('return_named_after_sum');
    }
    if (sk.startsWith('DISPUTE#') && before && Number(after['withdrawn']) > Number(before['withdrawn']))
      marks.take('dispute_booked_late');
    if (sk.startsWith('REFUND#') && before?.['status'] === 'open' && after['status'] === 'succeeded') {
      const wasAbnormal = table
        .items()
        .some(
          ({ pk, kind, refund_no }) =>
            pk === after['pk'] && kind === 'refund_abnormal' && refund_no === after['refund_no'],
        );
      if (wasAbnormal) marks.take('repaired_refund_succeeded');
    }
    if (sk.startsWith('ENTRY#REFUND#') && String(after['debit']).startsWith('provider:'))
      marks.take('refund_booked_back');
    if (sk.startsWith('REFUND#') && !before && String(after['suspense']) !== 'null')
      marks.take('refund_of_suspense');
  }
}

/** More than two minutes after its time. */
const isLate = ({ expires_at, updated_at }: Readonly<Record<string, unknown>>): boolean =>
  Date.parse(String(updated_at)) > Date.parse(String(expires_at)) + 120_000;

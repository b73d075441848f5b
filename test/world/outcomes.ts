import type { Ended } from './world.ts';

/** Marks what came of a run, from what was written. */
export function markOutcomes({ table, marks }: Ended): void {
  for (const { key, before, after } of table.changes) {
    const [, sk = ''] = key.split('\n');
    if (!after) continue;
    const moved = (field: string, to: unknown) => before?.[field] !== to && after[field] === to;
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
    }
    if (sk.startsWith('ENTRY#REFUND#') && String(after['debit']).startsWith('provider:'))
      marks.take('refund_booked_back');
    if (sk.startsWith('REFUND#') && !before && String(after['suspense']) !== 'null')
      marks.take('refund_of_suspense');
  }
}

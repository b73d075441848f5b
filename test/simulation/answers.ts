import type { HttpResult } from '../../lib/http/http-result.ts';
import type { Order } from '../../lib/orders/order.ts';
import { paymentNumber } from '../../lib/orders/order-number.ts';
import { orderNumberOf } from '../../lib/store/keys.ts';
import { bookingsOf } from './bookings.ts';
import type { Message } from './mail.ts';
import type { Invocation, World } from './world.ts';

/** Holds the answer to a callback, at the moment that it is given, to what is stored. */
export function checkAnswer(
  world: World,
  message: Message,
  { statusCode }: HttpResult,
  { written, requests }: Invocation,
  existed: boolean,
): void {
  const { purpose, order } = message;
  const broken = (invariant: Parameters<World['violate']>[0], detail: string) =>
    world.violate(invariant, order, `${detail} (answered ${statusCode} to ${purpose.type})`);

  if (purpose.type === 'forged') {
    if (statusCode !== 401) broken('forged_is_refused', 'a forged message was taken');
    if (requests.count > 0) broken('forged_is_refused', 'a forged message reached the table');
    return;
  }
  if (statusCode === 200) {
    if (!isStored(world, message)) broken('success_is_stored', 'success was answered for what is not stored');
    return;
  }
  if (statusCode < 500) {
    const changed = written.filter((sk) => !sk.startsWith('EXCEPTION#'));
    if (changed.length > 0) broken('failure_changes_nothing', `a failure changed ${changed.join(', ')}`);
  }
  if (statusCode === 400 && purpose.type === 'mismatched' && !hasException(world, message)) {
    broken('exception_recorded', 'a mismatch left no record');
  }
  if (statusCode === 404 && existed) broken('failure_changes_nothing', 'an order that exists was not found');
  if (purpose.type === 'taken' && statusCode === 400) broken('booked_once', 'a true payment was refused');
}

const hasException = ({ table }: World, { order, event }: Message): boolean =>
  table.get(
    `ORDER#${order}`,
    `EXCEPTION#mismatch#${event.provider}#${'refund_no' in event ? event.refund_no : event.transaction_id}`,
  ) !== undefined;

function isStored({ table }: World, { purpose, order, event }: Message): boolean {
  const items = table.items().filter((item) => orderNumberOf({ pk: String(item['pk']), sk: '' }) === order);
  switch (purpose.type) {
    case 'taken':
      return bookingsOf(items, purpose.payment, purpose.transaction).length > 0;
    case 'status': {
      const stored = items.find(({ sk }) => sk === 'ORDER') as unknown as Order | undefined;
      if (!stored) return false;
      const isGivenUp = paymentNumber(stored) !== purpose.payment.payment_no;
      return (
        isGivenUp || event.type !== 'closed' || (stored.status !== 'pending' && stored.status !== 'failed')
      );
    }
    case 'refund':
      return items.some(
        ({ refund_no, sk, status }) =>
          refund_no === purpose.refund.refund_no && String(sk).startsWith('REFUND#') && status !== 'open',
      );
    default:
      return true;
  }
}

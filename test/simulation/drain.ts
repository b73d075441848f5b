import type { Order } from '../../lib/orders/order.ts';
import { paymentNumber } from '../../lib/orders/order-number.ts';
import { runSweep } from './functions.ts';
import { decideRefund } from './gateways.ts';
import { paymentEvent } from './provider-books.ts';
import type { Stage } from './stage.ts';

const DAY_MS = 86_400_000;
const MAX_ROUNDS = 60;

/** Faults stop, and everything that is still under way comes to its end. */
export async function drain(stage: Stage): Promise<void> {
  const { world, books, mail, wecom, providers } = stage;
  const { scheduler, faults } = world;
  faults.stop();
  wecom.isDown = false;
  providers.outages.clear();
  await scheduler.run(scheduler.now() + 9 * DAY_MS);

  scheduler.advanceTo(scheduler.now() + 9 * DAY_MS);
  sendWhatWasNever(stage);
  for (const message of mail.messages) {
    if (!message.isAcknowledged && message.purpose.type !== 'forged') mail.resend(message);
  }
  await scheduler.run(scheduler.now() + DAY_MS);
  for (const refund of books.refunds.values()) decideRefund(world, refund, mail);
  await scheduler.run(scheduler.now() + DAY_MS);
  await sweepUntilNothingIsOwed(stage);
}

/** A provider never stops telling of money that no query of ours would find. */
function sendWhatWasNever({ world, books, mail }: Stage): void {
  for (const payment of books.payments.values()) {
    const [transaction] = payment.transactions;
    const isTold = mail.messages.some(
      ({ purpose }) => purpose.type === 'taken' && purpose.transaction === transaction,
    );
    if (
      !transaction ||
      isTold ||
      isAskedAbout(world.table.get(`ORDER#${payment.order_no}`, 'ORDER'), payment.payment_no)
    )
      continue;
    mail.payment(payment, paymentEvent(payment, 'succeeded', transaction), transaction);
  }
}

function isAskedAbout(item: Readonly<Record<string, unknown>> | undefined, payment_no: string): boolean {
  if (!item) return false;
  const order = item as unknown as Order;
  return paymentNumber(order) === payment_no && (order.status === 'pending' || order.status === 'failed');
}

async function sweepUntilNothingIsOwed({ world, providers }: Stage): Promise<void> {
  const { scheduler, table } = world;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const due = table
      .items()
      .filter(({ work }) => /^(check|notify)#/.test(String(work)))
      .map(({ work_due }) => Date.parse(String(work_due)));
    if (due.length === 0) return;
    scheduler.advanceTo(Math.max(...due) + 60_000);
    void runSweep(world, providers);
    await scheduler.run(scheduler.now() + 300_000);
  }
}

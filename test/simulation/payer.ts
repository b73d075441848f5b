import { expire } from './gateways.ts';
import type { Mail } from './mail.ts';
import { type HeldPayment, paymentEvent, takeMoney } from './provider-books.ts';
import type { World } from './world.ts';

/** Somebody with a way to pay, at the provider's cashier: pays, fails, comes late, pays twice, or never comes. */
export function letPayerAct(world: World, mail: Mail, payment: HeldPayment): void {
  const { random, faults, scheduler } = world;
  const later = (delay_ms: number, act: () => void) => scheduler.at(scheduler.now() + delay_ms, act);
  const until_ms = Date.parse(payment.expires_at) - scheduler.now();
  const delay_ms = faults.happens('paid_late')
    ? until_ms + random.between(-5_000, 2_000)
    : random.between(200, 90_000);
  const draw = random.next();
  if (draw < 0.65) later(delay_ms, () => pay(world, mail, payment));
  else if (draw < 0.8) {
    later(random.between(100, 5_000), () => fail(world, mail, payment));
    if (random.chance(0.8)) later(delay_ms + 5_000, () => pay(world, mail, payment));
  } else if (draw < 0.9) {
    later(delay_ms, () => close(world, mail, payment));
  }
  if (faults.happens('paid_after_close'))
    later(until_ms + random.between(0, 60_000), () => payAnyway(world, mail, payment));
}

function pay(world: World, mail: Mail, payment: HeldPayment): void {
  expire(payment, world.scheduler.now());
  if (payment.state === 'open') {
    take(world, mail, payment);
    if (!payment.isUnnamed && world.random.chance(0.05)) tellOfClose(mail, payment);
  }
  if (payment.state === 'paid' && mayRepeat(payment) && world.faults.happens('paid_twice'))
    take(world, mail, payment);
}

/** The provider takes money that it should not take any more. */
function payAnyway(world: World, mail: Mail, payment: HeldPayment): void {
  expire(payment, world.scheduler.now());
  if (payment.state === 'closed' && mayRepeat(payment)) take(world, mail, payment);
}

const mayRepeat = ({ isUnnamed, transactions }: HeldPayment): boolean =>
  !isUnnamed && transactions.length < 3;

function take(world: World, mail: Mail, payment: HeldPayment): void {
  const isFirst = payment.transactions.length === 0;
  const transaction = takeMoney(payment, world.scheduler.now());
  world.log(payment.order_no, `${payment.provider}: takes ${transaction.id} of ${transaction.amount}`);
  if (isFirst && world.faults.happens('callback_never_sent')) return;
  mail.payment(payment, paymentEvent(payment, 'succeeded', transaction), transaction);
  if (payment.isUnnamed && world.random.chance(0.5)) mail.named(payment, transaction);
}

function fail(world: World, mail: Mail, payment: HeldPayment): void {
  expire(payment, world.scheduler.now());
  if (payment.state !== 'open') return;
  payment.hasFailed = true;
  world.log(payment.order_no, `${payment.provider}: ${payment.payment_no} fails`);
  mail.payment(payment, paymentEvent(payment, 'failed', null), null);
}

function close(world: World, mail: Mail, payment: HeldPayment): void {
  if (payment.state !== 'open') return;
  payment.state = 'closed';
  world.log(payment.order_no, `${payment.provider}: ${payment.payment_no} is closed`);
  tellOfClose(mail, payment);
  if (world.faults.happens('paid_after_close')) payAnyway(world, mail, payment);
}

/** Also of a payment that was paid meanwhile: then it is another cashier's page that was closed. */
const tellOfClose = (mail: Mail, payment: HeldPayment): void =>
  mail.payment(payment, paymentEvent(payment, 'closed', null), null);

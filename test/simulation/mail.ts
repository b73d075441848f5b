import type { Context } from 'aws-lambda';
import { envelopeAcknowledgement, wechatAcknowledgement } from '../../lib/http/acknowledgement.ts';
import { type CallbackForm, createCallback } from '../../lib/http/callback.ts';
import type { Provider } from '../../lib/orders/order.ts';
import type { PaymentEvent } from '../../lib/orders/payment-event.ts';
import type { RefundEvent } from '../../lib/orders/refund-event.ts';
import { withDeadline } from '../../lib/store/client.ts';
import { createEventStore } from '../../lib/store/event-store.ts';
import { checkAnswer } from './answers.ts';
import { type HeldPayment, type HeldRefund, paymentEvent, type Transaction } from './provider-books.ts';
import { formOf, writeMessage } from './wire.ts';
import type { World } from './world.ts';

/** Why a message is sent, and with it how it must be answered. */
export type Purpose =
  | { readonly type: 'taken'; readonly payment: HeldPayment; readonly transaction: Transaction }
  | { readonly type: 'status'; readonly payment: HeldPayment }
  | { readonly type: 'refund'; readonly refund: HeldRefund }
  | { readonly type: 'mismatched' | 'forged' | 'unknown' };

export interface Message {
  readonly order: string;
  readonly purpose: Purpose;
  readonly provider: Provider;
  readonly form: 'native' | 'flat';
  readonly event: PaymentEvent | RefundEvent;
  attempts: number;
  isAcknowledged: boolean;
}

/** The providers' way of sending messages, again and again until they are acknowledged. */
export interface Mail {
  payment(payment: HeldPayment, event: PaymentEvent, taken: Transaction | null): void;
  /** The provider's own message about a payment whose flat bodies name no transaction. */
  named(payment: HeldPayment, transaction: Transaction): void;
  refund(refund: HeldRefund, event: RefundEvent): void;
  stray(type: 'mismatched' | 'forged' | 'unknown', order: string, event: PaymentEvent): void;
  readonly messages: readonly Message[];
  /** Sends once more what is not acknowledged. */
  resend(message: Message): void;
}

const RETRIES_MS = [
  15e3, 15e3, 30e3, 180e3, 600e3, 1200e3, 1800e3, 3600e3, 3600e3, 10800e3, 10800e3, 21600e3,
];
export function createMail(world: World): Mail {
  const { scheduler, random, faults } = world;
  const messages: Message[] = [];
  let isRotated = false;

  const post = (message: Message, delay_ms: number) =>
    scheduler.at(scheduler.now() + delay_ms, () => void deliver(message));

  const send = (fields: Omit<Message, 'attempts' | 'isAcknowledged'>) => {
    const message = { ...fields, attempts: 0, isAcknowledged: false };
    messages.push(message);
    const delay_ms = faults.happens('callback_delayed')
      ? random.between(1_000, 900_000)
      : random.between(5, 800);
    post(message, delay_ms);
    if (faults.happens('callback_duplicated')) post(message, random.between(5, 60_000));
  };

  const deliver = async (message: Message) => {
    if (message.attempts >= RETRIES_MS.length) return;
    const attempt = message.attempts++;
    if (faults.happens('key_rotated')) isRotated = true;
    const answer = faults.happens('callback_lost') ? null : await call(message);
    if (answer === 'success') {
      message.isAcknowledged = true;
      if (faults.happens('callback_replayed')) post(message, random.between(1_000, 86_400_000));
    } else if (!message.isAcknowledged && isRepeated(message)) {
      post(message, RETRIES_MS[attempt] ?? 0);
    }
  };

  const call = async (message: Message): Promise<'success' | 'failure' | null> => {
    const raw = writeMessage(message, isRotated && random.chance(0.5), scheduler.now());
    const existed = world.table.get(`ORDER#${message.order}`, 'ORDER') !== undefined;
    const outcome = await world.invoke(`callback ${describe(message)}`, message.order, async (invocation) => {
      const store = createEventStore(withDeadline(invocation.context));
      const parts = {
        provider: message.provider,
        chooseForm: () =>
          world.bug?.acceptsForged ? openForm(message) : formOf(message, isRotated, invocation.io.now),
        openStore: () => world.bug?.wrapEventStore?.(store) ?? store,
        telemetry: world.telemetry,
        now: invocation.io.now,
      };
      const handler = createCallback(parts);
      const handled = handler(raw, { awsRequestId: '-' } as Context);
      const result = world.bug?.answersEarly ? earlyAnswer(handled) : await handled;
      world.log(message.order, `${invocation.task.name} answers ${result.statusCode}`);
      checkAnswer(world, message, result, invocation, existed);
      await world.travel(invocation.task);
      return result.statusCode === 200 ? ('success' as const) : ('failure' as const);
    });
    return outcome.state === 'answered' ? outcome.value : null;
  };

  return {
    messages,
    resend: (message) => {
      message.attempts = Math.min(message.attempts, RETRIES_MS.length - 3);
      post(message, 0);
    },
    payment(payment, event, taken) {
      const { provider, order_no: order } = payment;
      const purpose: Purpose = taken
        ? { type: 'taken', payment, transaction: taken }
        : { type: 'status', payment };
      const isFlat = payment.isUnnamed || random.chance(0.4);
      const said =
        payment.isUnnamed && event.type === 'succeeded' ? { ...event, transaction_id: null } : event;
      send({ order, purpose, provider, form: isFlat ? 'flat' : 'native', event: said });
    },
    named(payment, transaction) {
      const { provider, order_no: order } = payment;
      const event = paymentEvent(payment, 'succeeded', transaction);
      send({ order, purpose: { type: 'taken', payment, transaction }, provider, form: 'native', event });
    },
    refund(refund, event) {
      const { provider, order_no: order } = refund.payment;
      send({ order, purpose: { type: 'refund', refund }, provider, form: 'native', event });
    },
    stray(type, order, event) {
      const provider = event.provider ?? 'wechat';
      send({ order, purpose: { type }, provider, form: random.pick(['flat', 'native']), event });
    },
  };
}

/** What can never be acknowledged is sent a few times only. */
const isRepeated = ({ purpose: { type }, attempts }: Message): boolean =>
  type === 'taken' || type === 'status' || type === 'refund' || attempts < 2;

const describe = ({ event, form, purpose }: Message): string => {
  const name = 'refund_no' in event ? event.refund_no : event.transaction_id;
  return `${purpose.type} ${event.type} ${name ?? '-'} ${form}`;
};

/** Gives the answer before anything is done: a deliberate bug. */
function earlyAnswer(handled: Promise<unknown>) {
  handled.catch(() => {});
  return { ...wechatAcknowledgement.success(null) };
}

/** Verifies nothing: a deliberate bug. */
const openForm = ({ event }: Message): CallbackForm => ({
  receiver: async () => () => event,
  acknowledgement: envelopeAcknowledgement,
});

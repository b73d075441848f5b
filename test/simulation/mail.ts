import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { envelopeAcknowledgement, wechatAcknowledgement } from '../../lib/http/acknowledgement.ts';
import { type CallbackForm, createCallback } from '../../lib/http/callback.ts';
import { formatAmount } from '../../lib/money.ts';
import type { Provider } from '../../lib/orders/order.ts';
import type { PaymentEvent } from '../../lib/orders/payment-event.ts';
import type { RefundEvent } from '../../lib/orders/refund-event.ts';
import { alipayCurrencies } from '../../lib/providers/alipay/currencies.ts';
import { currencyFormat } from '../../lib/providers/currencies.ts';
import { VerificationError } from '../../lib/providers/errors.ts';
import { flatSignature, flatStatuses, receiveFlatCallback } from '../../lib/providers/flat-callback.ts';
import type { ReceiveMessage } from '../../lib/providers/provider.ts';
import { stripeCurrencies } from '../../lib/providers/stripe/currencies.ts';
import { wechatCurrencies } from '../../lib/providers/wechat/currencies.ts';
import { createEventStore } from '../../lib/store/event-store.ts';
import { checkAnswer } from './answers.ts';
import type { HeldPayment, HeldRefund, Transaction } from './provider-books.ts';
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
  payment(
    payment: HeldPayment,
    type: PaymentEvent['type'],
    event: PaymentEvent,
    taken: Transaction | null,
  ): void;
  refund(refund: HeldRefund, event: RefundEvent): void;
  stray(type: 'mismatched' | 'forged' | 'unknown', order: string, event: PaymentEvent): void;
  readonly messages: readonly Message[];
  /** Sends once more what is not acknowledged. */
  resend(message: Message): void;
}

const RETRIES_MS = [
  15e3, 15e3, 30e3, 180e3, 600e3, 1200e3, 1800e3, 3600e3, 3600e3, 10800e3, 10800e3, 21600e3,
];
const currencies = { wechat: wechatCurrencies, alipay: alipayCurrencies, stripe: stripeCurrencies };
const KEYS = ['the-first-key-of-the-flat-callback', 'the-second-key-of-the-flat-callback'].map((key) =>
  Buffer.from(key),
);

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
    const isGenuine = message.purpose.type !== 'forged';
    const key = KEYS[isRotated ? random.below(2) : 0] ?? Buffer.alloc(32);
    const raw =
      message.form === 'flat'
        ? flatMessage(message, isGenuine ? key : Buffer.from('forged'))
        : native(message);
    const accepted = isRotated ? KEYS : KEYS.slice(0, 1);
    const existed = world.table.get(`ORDER#${message.order}`, 'ORDER') !== undefined;
    const outcome = await world.invoke(`callback ${describe(message)}`, message.order, async (invocation) => {
      const store = createEventStore(invocation.context);
      const parts = {
        provider: message.provider,
        chooseForm: () => formOf(message, accepted, world.bug?.acceptsForged ?? false),
        store: world.bug?.wrapEventStore?.(store) ?? store,
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
    payment(payment, type, event, taken) {
      const { provider, order_no: order } = payment;
      const purpose: Purpose = taken
        ? { type: 'taken', payment, transaction: taken }
        : { type: 'status', payment };
      const isFlat = payment.isUnnamed || random.chance(0.4);
      const said = payment.isUnnamed && type === 'succeeded' ? { ...event, transaction_id: null } : event;
      send({ order, purpose, provider, form: isFlat ? 'flat' : 'native', event: said });
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

function formOf({ provider, form, event }: Message, keys: readonly Buffer[], isOpen: boolean): CallbackForm {
  if (isOpen) return { receiver: async () => () => event, acknowledgement: envelopeAcknowledgement };
  const flat = {
    provider,
    keys,
    statuses: { ...flatStatuses, CLOSED: 'closed' as const },
    currencies: currencies[provider],
  };
  return form === 'flat'
    ? { receiver: async () => receiveFlatCallback(flat), acknowledgement: envelopeAcknowledgement }
    : { receiver: async () => receiveSealed, acknowledgement: wechatAcknowledgement };
}

const SEAL = 'x-seal';

/** Stands for a provider's own verifier, whose cryptography is proven elsewhere and too slow for here. */
const receiveSealed: ReceiveMessage = ({ headers, body }) => {
  if (headers[SEAL] !== 'genuine') throw new VerificationError('signature_mismatch', 'the seal is broken');
  return JSON.parse(body.toString()) as PaymentEvent | RefundEvent;
};

type ApiEvent = APIGatewayProxyEventV2;

function native({ event, purpose }: Message): ApiEvent {
  const seal = purpose.type === 'forged' ? 'forged' : 'genuine';
  return {
    headers: { [SEAL]: seal },
    body: JSON.stringify(event),
    isBase64Encoded: false,
  } as unknown as ApiEvent;
}

function flatMessage({ event, provider }: Message, key: Buffer): ApiEvent {
  if ('refund_no' in event) throw new Error('no flat body tells of a refund');
  const { order_no, type, transaction_id, amount, currency = 'CNY' } = event;
  const format = currencyFormat(provider, currency);
  const fields = new Map([
    ['order_no', order_no],
    ['status', type === 'closed' ? 'CLOSED' : type],
    ...(transaction_id === null ? [] : [['txn_id', transaction_id] as const]),
    ...(amount === undefined || !format
      ? []
      : ([
          ['amount', formatAmount(amount, format)],
          ['currency', currency],
        ] as const)),
  ]);
  const body = JSON.stringify({ ...Object.fromEntries(fields), sig: flatSignature(fields, key) });
  return { headers: {}, body, isBase64Encoded: false } as unknown as ApiEvent;
}

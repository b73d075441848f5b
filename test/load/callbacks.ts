import type { Provider } from '../../lib/orders/kinds.ts';
import type { Order } from '../../lib/orders/order.ts';
import type { RawMessage } from '../../lib/providers/message.ts';
import type { TakenPayment } from '../support/books.ts';
import { forge } from '../support/forge.ts';
import type { Begun, createParties, openTable } from '../support/parties.ts';
import type { Random } from '../world/random.ts';

export type CallbackKind = 'genuine' | 'duplicate' | 'forged';

export interface Callback {
  readonly kind: CallbackKind;
  readonly path: string;
  readonly message: RawMessage;
}

const DUPLICATES = 0.1;
const FORGED = 0.1;
/** Duplicates are of the latest. */
const REMEMBERED = 1_000;

/** Makes one callback after another, each new one for an order of its own; `taken` fills with what they tell of. */
export function createCallbacks(
  { wechat, alipay, stripe, orders }: ReturnType<typeof createParties>,
  table: ReturnType<typeof openTable>,
  random: Random,
) {
  const taken: TakenPayment[] = [];
  const sent: Omit<Callback, 'kind'>[] = [];

  /** The provider's signed word that a payment was made. */
  const messages: Readonly<Record<Provider, (order: Order, transaction_id: string) => RawMessage>> = {
    wechat: ({ order_no, amount }, transaction_id) =>
      wechat.signNotification(wechat.transaction(order_no, amount, { transaction_id })),
    alipay: ({ order_no, amount }, trade_no) =>
      alipay.signNotification(alipay.trade(order_no, (amount / 100).toFixed(2), { trade_no })),
    stripe: ({ order_no, amount }, payment_intent) =>
      stripe.signEvent(stripe.paidEvent(order_no, amount, 'usd', { payment_intent })),
  };
  const choices = Object.values(orders);

  function create() {
    const begun: Begun = random.pick<() => Begun>(choices)();
    const { order_no, kind } = begun.order;
    const { provider } = begun.payment;
    const transaction_id = `load-${order_no}`;
    const path = kind === 'tenant' ? `/api/pay/callback/${provider}` : '/v2/payments/notify';
    return { begun, transaction_id, path, message: messages[provider](begun.order, transaction_id) };
  }

  async function next(): Promise<Callback> {
    const earlier = sent[random.below(Math.max(1, sent.length))];
    const chance = random.next();
    if (earlier && chance < DUPLICATES) return { kind: 'duplicate', ...earlier };
    const { begun, transaction_id, path, message } = create();
    await table.store(begun);
    const { provider, amount } = begun.payment;
    if (chance < DUPLICATES + FORGED) return { kind: 'forged', path, message: forge(provider, message) };
    taken.push({ transaction_id, amount });
    sent.push({ path, message });
    if (sent.length > REMEMBERED) sent.shift();
    return { kind: 'genuine', path, message };
  }

  return { next, taken };
}

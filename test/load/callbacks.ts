import type { Order } from '../../lib/orders/order.ts';
import type { RawMessage } from '../../lib/providers/provider.ts';
import type { Random } from '../simulation/prng.ts';
import type { TakenPayment } from '../support/books.ts';
import type { createParties, openTable } from '../support/parties.ts';

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

  const makers = [
    (order: Order, transaction_id: string) => ({
      path: order.kind === 'tenant' ? '/api/pay/callback/wechat' : '/v2/payments/notify',
      message: wechat.signNotification(wechat.transaction(order.order_no, order.amount, { transaction_id })),
    }),
    (order: Order, transaction_id: string) => ({
      path: '/api/pay/callback/alipay',
      message: alipay.signNotification(
        alipay.trade(order.order_no, (order.amount / 100).toFixed(2), { trade_no: transaction_id }),
      ),
    }),
    (order: Order, transaction_id: string) => ({
      path: '/api/pay/callback/stripe',
      message: stripe.signEvent(
        stripe.paidEvent(order.order_no, order.amount, 'usd', { payment_intent: transaction_id }),
      ),
    }),
  ] as const;
  const choices = [
    [orders.shop, makers[0]],
    [orders.wechat, makers[0]],
    [orders.alipay, makers[1]],
    [orders.stripe, makers[2]],
  ] as const;

  const create = () => {
    const [newOrder, make] = random.pick<(typeof choices)[number]>(choices);
    const order: Order = newOrder();
    const transaction_id = `load-${order.order_no}`;
    return { order, transaction_id, ...make(order, transaction_id) };
  };

  async function next(): Promise<Callback> {
    const earlier = sent[random.below(Math.max(1, sent.length))];
    const chance = random.next();
    if (earlier && chance < DUPLICATES) return { kind: 'duplicate', ...earlier };
    const { order, transaction_id, path, message } = create();
    await table.store(order);
    if (chance < DUPLICATES + FORGED) return { kind: 'forged', path, message: forge(path, message) };
    taken.push({ transaction_id, amount: order.amount });
    sent.push({ path, message });
    if (sent.length > REMEMBERED) sent.shift();
    return { kind: 'genuine', path, message };
  }

  return { next, taken };
}

/** The same message with bytes that were not signed. */
const forge = (path: string, { headers, body }: RawMessage): RawMessage => ({
  headers,
  body: Buffer.concat([body, Buffer.from(path.endsWith('alipay') ? '&extra=1' : ' ')]),
});

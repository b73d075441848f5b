import { useEffect, useState } from 'preact/hooks';
import { formatAmount } from '../../../../lib/console/page/format.ts';
import { type OrderRow, paidAt, type Story } from '../rows.ts';
import { Cashier } from './cashier.tsx';
import { formatTime } from './format.ts';
import { type LiveState, useFrames } from './live.ts';
import { PaymentTable } from './payment-table.tsx';
import { backToOrders, goTo } from './route.ts';
import { get, type Payment } from './server.ts';
import { ShippingCard } from './shipping-card.tsx';
import { useText } from './text.ts';
import { Timeline } from './timeline.tsx';
import { TroubleCard } from './trouble-card.tsx';
import { useReading } from './use-reading.ts';

interface OrderViewProps {
  readonly order_no: string;
  readonly live: LiveState;
}

/** One order: what its payer sees, trouble on purpose, and everything that happened to it. */
export function OrderView({ order_no, live }: OrderViewProps) {
  const text = useText();
  const { story, payment, failed, reload } = useStory(order_no);
  const order = story?.order;
  const provider = order ? paidAt(order) : null;
  const paying = story?.payments.find(({ role }) => role === 'paying') ?? null;
  const isSimulated = provider !== null && live.hello?.simulated.includes(provider) === true;
  useEscape();

  return (
    <div class="order-view">
      <div class="row-line">
        <a class="back" href={backToOrders()}>
          ← {text('back')}
        </a>
        <span class="grow" />
        {order && live.hello && (
          <a href={`${live.hello.api_url}/console/orders/${encodeURIComponent(order_no)}`}>
            {text('order_at_operator')}
          </a>
        )}
      </div>
      <div class="row-line headline">
        <h1>{order_no}</h1>
        {order && (
          <>
            <span class={`badge ${order.status}`} role="status">
              {text(order.status)}
            </span>
            <strong class="amount">{formatAmount(order.amount, order.currency)}</strong>
            <span class="muted">
              {text(order.kind)} {order.tenant_id} · {order.provider ? text(order.provider) : '—'} ·{' '}
              {formatTime(order.created_at)}
            </span>
          </>
        )}
      </div>
      {order && <p class="description">{order.description}</p>}
      {failed && (
        <p class="error" role="alert">
          {text('no_answer')}{' '}
          <button type="button" onClick={reload}>
            {text('retry')}
          </button>
        </p>
      )}
      {story && !order && <p class="empty">{text('unknown_order')}</p>}
      {order && (
        <div class="order-columns">
          <Cashier {...{ order, payment, paying, isSimulated }} payUrl={story.pay_url} onActed={reload} />
          <div class="story-column">
            <PaymentTable payments={story.payments} />
            <Timeline order_no={order_no} entries={story.entries} />
          </div>
          {isSimulated && isShipped(order) && paying && (
            <ShippingCard order={order} payment_no={paying.payment_no} told={story.entries.length} />
          )}
          {isSimulated && <TroubleCard order={order} payment={payment} userId={live.hello?.user_id ?? ''} />}
        </div>
      )}
    </div>
  );
}

/** What was paid at WeChat, and is told to it as sent. */
const isShipped = (order: OrderRow): boolean =>
  order.kind !== 'tenant' &&
  order.provider === 'wechat' &&
  order.status === 'paid' &&
  Number(order.amount) > 0;

/** The order's story and payment, read again whenever there is more to tell, one reading at a time. */
function useStory(order_no: string) {
  const [story, setStory] = useState<Story | null>(null);
  const [payment, setPayment] = useState<Payment | null>(null);
  const [failed, setFailed] = useState(false);
  const reload = useReading(async () => {
    const { status, body } = await get<Story>(`/console/orders/${encodeURIComponent(order_no)}`);
    setFailed(status === 0);
    if (status === 200 && body) {
      setStory(body);
      setPayment(await readPayment(body));
    }
  }, [order_no]);
  useFrames(
    ({ told, restarted }) => {
      if (restarted || told.has(order_no)) reload();
    },
    [order_no, reload],
  );
  return { story, payment, failed, reload };
}

/** Asked for only once the story tells of one, so that no request fails in the ordinary course. */
async function readPayment({ payments, entries }: Story): Promise<Payment | null> {
  const shown = payments.find(({ role }) => role === 'paying' || role === 'current');
  const isThere = entries.some((entry) => entry.kind === 'payment' && entry.payment_no === shown?.payment_no);
  if (!shown || !isThere) return null;
  const { body } = await get<{ payment?: Payment }>(
    `/simulator/payments/${shown.provider}/${encodeURIComponent(shown.payment_no)}`,
  );
  return body?.payment ?? null;
}

/** Escape leads back, unless something is being typed or is open. */
function useEscape(): void {
  useEffect(() => {
    const leave = ({ key, target }: KeyboardEvent) => {
      const isTyping = target instanceof HTMLElement && target.matches('input, select, textarea');
      const isOpen = document.querySelector(':popover-open') !== null;
      if (key === 'Escape' && !isTyping && !isOpen) goTo(backToOrders());
    };
    addEventListener('keydown', leave);
    return () => removeEventListener('keydown', leave);
  }, []);
}

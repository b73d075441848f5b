import { useState } from 'preact/hooks';
import type { Exception } from '../../../http/responses/exceptions.ts';
import type { OrderHistory } from '../../../http/responses/history.ts';
import type { ListedOrder } from '../../../http/responses/orders.ts';
import type { DeliveriesPage, DeliveryView } from '../../../http/responses/webhooks.ts';
import { type ApiClient, ApiFailure, useApi } from '../api-client.ts';
import { Amount } from '../components/amount.tsx';
import { OrderBadge } from '../components/badge.tsx';
import { Facts } from '../components/facts.tsx';
import { Empty, Loadable } from '../components/states.tsx';
import { Time } from '../components/time.tsx';
import { linkTo } from '../route.ts';
import { type Session, useSession } from '../session.ts';
import { named, useText } from '../text.ts';
import { useLoaded } from '../use-loaded.ts';
import { ExceptionDialog } from './exceptions/exception-dialog.tsx';
import { CloseDialog } from './order/close-dialog.tsx';
import { type Holding, holdingsOf } from './order/holdings.ts';
import { MoneyTable } from './order/money-table.tsx';
import { RefundDialog } from './order/refund-dialog.tsx';
import { ShipDialog } from './order/ship-dialog.tsx';
import { Timeline } from './order/timeline.tsx';
import { OrderSearch } from './order-search.tsx';
import { lastOrdersQuery, OrderMarks } from './orders.tsx';

interface Read extends OrderHistory {
  readonly deliveries: readonly DeliveryView[];
}

/** All that is known of an order, and what can be done about it. */
export function OrderView({ order_no }: { readonly order_no: string }) {
  const text = useText();
  const api = useApi();
  const session = useSession();
  const loaded = useLoaded((signal) => readOrder(api, session, order_no, signal), [api, order_no]);
  const isUnknown = loaded.failure instanceof ApiFailure && loaded.failure.status === 404;
  return (
    <>
      <div class="head">
        <a href={linkTo('orders', lastOrdersQuery())}>← {text('orders')}</a>
        <span class="grow" />
        <OrderSearch />
      </div>
      {isUnknown ? (
        <Empty title={text('order_unknown', { order_no })}>{text('order_unknown_hint')}</Empty>
      ) : (
        <Loadable loaded={loaded}>
          {(read) => <OrderPage {...read} mayAct={session.mayAct} reload={loaded.reload} />}
        </Loadable>
      )}
    </>
  );
}

async function readOrder(
  api: ApiClient,
  session: Session,
  order_no: string,
  signal: AbortSignal,
): Promise<Read> {
  const read = await api.get<OrderHistory>(
    `/api/pay/orders/${encodeURIComponent(order_no)}/history`,
    {},
    signal,
  );
  const { tenant_id } = read.order;
  // The stage's own endpoint may hear of a tenant's orders too; to a token of a tenant there is only the tenant's.
  const receivers =
    tenant_id !== null && session.tenant_id === null ? [undefined, String(tenant_id)] : [undefined];
  const pages = await Promise.all(
    receivers.map((receiver) => readDeliveries(api, { order_no, tenant_id: receiver }, signal)),
  );
  return { ...read, deliveries: pages.flat() };
}

/** None where the stage has no webhooks. */
async function readDeliveries(
  api: ApiClient,
  query: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<readonly DeliveryView[]> {
  try {
    const path = '/api/pay/webhooks/deliveries';
    return (await api.get<DeliveriesPage>(path, { ...query, limit: '100' }, signal)).deliveries;
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 404) return [];
    throw error;
  }
}

interface OrderPageProps extends Read {
  readonly mayAct: boolean;
  readonly reload: () => void;
}

type Open =
  | { readonly dialog: 'close' | 'ship' }
  | { readonly dialog: 'refund'; readonly holding: Holding }
  | { readonly dialog: 'exception'; readonly exception: Exception };

function OrderPage({ order, history, deliveries, mayAct, reload }: OrderPageProps) {
  const text = useText();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const done = () => {
    close();
    reload();
  };
  const holdings = holdingsOf(history);
  const [refundable] = holdings.filter(({ isRefundable }) => isRefundable);
  const isClosable = order.status === 'pending' || order.status === 'failed';
  const shipping = history.find((item) => item.type === 'shipping');
  const isShippable =
    order.kind !== 'tenant' && order.provider === 'wechat' && ['paid', 'refunding'].includes(order.status);
  return (
    <div class="stack">
      <section class="card" aria-labelledby="order-title">
        <div class="head">
          <h1 id="order-title" class="number">
            {order.order_no}
          </h1>
          <div class="badges">
            <OrderBadge status={order.status} />
            <OrderMarks order={order} />
          </div>
          <span class="grow" />
          {mayAct && (
            <div class="actions">
              {refundable && (
                <button type="button" onClick={() => setOpen({ dialog: 'refund', holding: refundable })}>
                  {text('refund')}
                </button>
              )}
              {isShippable && (
                <button type="button" onClick={() => setOpen({ dialog: 'ship' })}>
                  {text(shipping ? 'ship_again' : 'ship')}
                </button>
              )}
              {isClosable && (
                <button type="button" onClick={() => setOpen({ dialog: 'close' })}>
                  {text('close_order')}
                </button>
              )}
            </div>
          )}
        </div>
        <OrderFacts order={order} />
      </section>
      {holdings.length > 0 && (
        <section class="card" aria-labelledby="money-title">
          <h2 id="money-title">{text('money')}</h2>
          <MoneyTable
            holdings={holdings}
            onRefund={mayAct ? (holding) => setOpen({ dialog: 'refund', holding }) : null}
          />
        </section>
      )}
      <section class="card" aria-labelledby="timeline-title">
        <h2 id="timeline-title">{text('timeline')}</h2>
        <Timeline
          history={history}
          deliveries={deliveries}
          onException={(exception) => setOpen({ dialog: 'exception', exception })}
        />
      </section>
      {open?.dialog === 'refund' && (
        <RefundDialog
          order_no={order.order_no}
          holdings={holdings}
          first={open.holding}
          onClose={close}
          onDone={done}
        />
      )}
      {open?.dialog === 'exception' && (
        <ExceptionDialog exception={open.exception} onClose={close} onChanged={reload} />
      )}
      {open?.dialog === 'close' && <CloseDialog order={order} onClose={close} onDone={done} />}
      {open?.dialog === 'ship' && <ShipDialog order={order} onClose={close} onDone={done} />}
    </div>
  );
}

function OrderFacts({ order }: { readonly order: ListedOrder }) {
  const text = useText();
  const { kind, tenant_id, amount, currency, refunded_amount } = order;
  return (
    <Facts
      facts={[
        [text('amount'), <Amount amount={amount} currency={currency} />],
        [text('refunded'), <Amount amount={refunded_amount} currency={currency} />],
        [
          text('orders_of'),
          tenant_id === null ? named(text, 'kind', kind) : text('tenant_n', { tenant: tenant_id }),
        ],
        [text('description'), order.description || null],
        [text('provider'), order.provider && named(text, 'provider', order.provider)],
        [text('transaction_id'), order.transaction_id && <span class="mono">{order.transaction_id}</span>],
        [text('created'), <Time at={order.created_at} />],
        [text('paid'), order.paid_at && <Time at={order.paid_at} />],
        [text('expires'), order.paid_at === null && order.expires_at ? <Time at={order.expires_at} /> : null],
        [text('closed_by'), order.closed_by],
      ]}
    />
  );
}

import type { ListedOrder, OrdersPage } from '../../../http/responses/orders.ts';
import { orderStatuses, shopKinds } from '../../../orders/kinds.ts';
import { useApi } from '../api-client.ts';
import { Amount } from '../components/amount.tsx';
import { Badge, OrderBadge } from '../components/badge.tsx';
import { ExportButton } from '../components/export-button.tsx';
import { type FilterField, FilterForm } from '../components/filter-form.tsx';
import { OrderLink } from '../components/order-link.tsx';
import { Pager } from '../components/pager.tsx';
import { Empty, Loadable } from '../components/states.tsx';
import { type Column, DataTable } from '../components/table.tsx';
import { Time } from '../components/time.tsx';
import { dayBounds, daysAgo, formatAmount, isNothing } from '../format.ts';
import { readList } from '../read-list.ts';
import type { Query } from '../route.ts';
import { type Session, useSession } from '../session.ts';
import { named, type Text, useText } from '../text.ts';
import { useLoaded } from '../use-loaded.ts';
import { OrderSearch } from './order-search.tsx';

const PATH = '/api/pay/orders';

/** A week with today. */
const DAYS_SHOWN = 6;

let last: Query = {};

/** The filters and the page that this tab showed last, for the way back. */
export const lastOrdersQuery = (): Query => last;

/** Orders of one owner in a period, newest first. */
export function OrdersView({ query }: { readonly query: Query }) {
  const text = useText();
  const api = useApi();
  const session = useSession();
  const asked = askedOf(query, session);
  const { cursor } = query;
  last = query;
  const loaded = useLoaded(
    async (signal) =>
      asked &&
      readList(
        api,
        PATH,
        { ...asked, ...(cursor && { cursor }) },
        ({ orders }: OrdersPage) => orders,
        signal,
      ),
    [api, JSON.stringify(asked), cursor],
  );
  return (
    <>
      <div class="head">
        <h1>{text('orders')}</h1>
        <span class="grow" />
        <OrderSearch />
        {asked && <ExportButton path={PATH} query={asked} fileName={`orders-${daysAgo(0)}`} />}
      </div>
      <div class="card">
        <FilterForm fields={fieldsOf(query, session, text)} query={query} />
        {asked ? (
          <Loadable loaded={loaded}>
            {(list) =>
              list && (
                <>
                  {list.items.length === 0 ? (
                    <Empty title={text(list.cursor ? 'orders_none_here' : 'orders_none')}>
                      {text(list.cursor ? 'orders_none_here_hint' : 'orders_none_hint')}
                    </Empty>
                  ) : (
                    <OrderTable orders={list.items} />
                  )}
                  <Pager cursor={cursor} next={list.cursor} busy={loaded.state === 'loading'} />
                </>
              )
            }
          </Loadable>
        ) : (
          <Empty title={text('orders_tenant_wanted')}>{text('orders_tenant_wanted_hint')}</Empty>
        )}
      </div>
    </>
  );
}

/** What is asked of the API; null while no tenant is named whose orders are wanted. */
function askedOf(query: Query, { tenant_id }: Session): Query | null {
  const owner = ownerOf(query, tenant_id);
  const from = dayBounds(query['from'] ?? daysAgo(DAYS_SHOWN));
  const to = dayBounds(query['to'] ?? daysAgo(0));
  const status = query['status'];
  return (
    owner && {
      ...owner,
      ...(status && { status }),
      ...(from && { from: from.from }),
      ...(to && { to: to.to }),
    }
  );
}

function ownerOf(query: Query, reached: number | null): Query | null {
  const kind = query['kind'] ?? shopKinds[0];
  const tenant_id = reached === null ? query['tenant_id'] : String(reached);
  if (reached === null && kind !== 'tenant') return { kind };
  return tenant_id ? { tenant_id } : null;
}

function fieldsOf(query: Query, { tenant_id }: Session, text: Text): FilterField[] {
  const kinds = [...shopKinds, 'tenant'].map((value) => ({ value, label: named(text, 'kind', value) }));
  const statuses = orderStatuses.map((value) => ({ value, label: named(text, 'status', value) }));
  const ofOwner: FilterField[] = [
    {
      name: 'kind',
      label: text('orders_of'),
      kind: 'choice',
      choices: kinds,
      required: true,
      fallback: shopKinds[0],
    },
    ...(query['kind'] === 'tenant'
      ? [{ name: 'tenant_id', label: text('tenant'), kind: 'number', hint: '7' } as const]
      : []),
  ];
  return [
    ...(tenant_id === null ? ofOwner : []),
    { name: 'status', label: text('status'), kind: 'choice', choices: statuses },
    { name: 'from', label: text('from'), kind: 'day', fallback: daysAgo(DAYS_SHOWN) },
    { name: 'to', label: text('to'), kind: 'day', fallback: daysAgo(0) },
  ];
}

function OrderTable({ orders }: { readonly orders: readonly ListedOrder[] }) {
  const text = useText();
  const columns: Column<ListedOrder>[] = [
    {
      key: 'order_no',
      label: text('order'),
      cell: ({ order_no }) => <OrderLink order_no={order_no} />,
    },
    {
      key: 'amount',
      label: text('amount'),
      align: 'end',
      cell: ({ amount, currency }) => <Amount amount={amount} currency={currency} />,
    },
    {
      key: 'status',
      label: text('status'),
      cell: (order) => (
        <div class="badges">
          <OrderBadge status={order.status} />
          <OrderMarks order={order} />
        </div>
      ),
    },
    {
      key: 'provider',
      label: text('provider'),
      cell: ({ provider }) => (provider ? named(text, 'provider', provider) : <span class="muted">–</span>),
    },
    { key: 'created', label: text('created'), cell: ({ created_at }) => <Time at={created_at} /> },
    {
      key: 'description',
      label: text('description'),
      cell: ({ description }) => <span class="description">{description || '–'}</span>,
    },
  ];
  return (
    <DataTable label={text('orders')} columns={columns} rows={orders} rowKey={({ order_no }) => order_no} />
  );
}

/** What somebody should know of an order besides its state. */
export function OrderMarks({ order }: { readonly order: ListedOrder }) {
  const text = useText();
  const { exceptions, disputes, refunded_amount, currency, status } = order;
  return (
    <>
      {exceptions > 0 && <Badge tone="bad">{text('open_exceptions', { count: exceptions })}</Badge>}
      {disputes > 0 && <Badge tone="bad">{text('open_disputes', { count: disputes })}</Badge>}
      {status !== 'refunded' && !isNothing(refunded_amount) && (
        <Badge tone="neutral">
          {text('refunded_part', { amount: formatAmount(refunded_amount, currency) })}
        </Badge>
      )}
    </>
  );
}

import { OrderLink } from '../components/order-link.tsx';
import './books.css';
import { useState } from 'preact/hooks';
import type { DeliveriesPage, DeliveryView, WebhooksState } from '../../../http/responses/webhooks.ts';
import { eventTypes } from '../../../orders/kinds.ts';
import { type ApiClient, ApiFailure, useApi } from '../api-client.ts';
import { Badge } from '../components/badge.tsx';
import { ExportButton } from '../components/export-button.tsx';
import { type FilterField, FilterForm } from '../components/filter-form.tsx';
import { Pager } from '../components/pager.tsx';
import { Empty, Loadable } from '../components/states.tsx';
import { type Column, DataTable } from '../components/table.tsx';
import { Time } from '../components/time.tsx';
import { dayBounds, daysAgo } from '../format.ts';
import { readList } from '../read-list.ts';
import type { Query } from '../route.ts';
import { type Session, useSession } from '../session.ts';
import { named, type Text, useText } from '../text.ts';
import { useLoaded } from '../use-loaded.ts';
import { DeliveryDialog } from './webhooks/delivery-dialog.tsx';
import { deliveryStates, deliveryTones, sayAttempt } from './webhooks/delivery-state.ts';
import { Endpoint, FailingEndpoints } from './webhooks/endpoint.tsx';
import { SendPeriodDialog } from './webhooks/send-period-dialog.tsx';

const PATH = '/api/pay/webhooks/deliveries';

/** A week with today. */
const DAYS_SHOWN = 6;

/** Where webhooks go, how that endpoint does, and what became of each event. */
export function WebhooksView({ query }: { readonly query: Query }) {
  const text = useText();
  const api = useApi();
  const session = useSession();
  const tenant_id = session.tenant_id === null ? query['tenant_id'] : String(session.tenant_id);
  const state = useLoaded((signal) => readState(api, tenant_id, signal), [api, tenant_id]);
  return (
    <>
      <div class="head">
        <h1>{text('webhooks')}</h1>
        <span class="grow" />
      </div>
      <Loadable loaded={state}>
        {(webhooks) =>
          webhooks === 'none' ? (
            <div class="card">
              <Empty title={text('no_webhooks')}>{text('no_webhooks_hint')}</Empty>
            </div>
          ) : (
            <div class="stack">
              {session.tenant_id === null && (
                <FilterForm
                  fields={[{ name: 'tenant_id', label: text('tenant'), kind: 'number', hint: '7' }]}
                  query={query}
                />
              )}
              <Endpoint endpoint={webhooks.endpoint} tenant_id={tenant_id} />
              {webhooks.failing.length > 0 && <FailingEndpoints failing={webhooks.failing} />}
              {webhooks.endpoint && (
                <Deliveries query={query} session={session} tenant_id={tenant_id} onSent={state.reload} />
              )}
            </div>
          )
        }
      </Loadable>
    </>
  );
}

/** A stage without webhooks has no such path: it is not the API that answers then. */
async function readState(
  api: ApiClient,
  tenant_id: string | undefined,
  signal: AbortSignal,
): Promise<WebhooksState | 'none'> {
  try {
    return await api.get<WebhooksState>('/api/pay/webhooks', { tenant_id }, signal);
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 404 && error.word === null) return 'none';
    throw error;
  }
}

interface DeliveriesProps {
  readonly query: Query;
  readonly session: Session;
  readonly tenant_id: string | undefined;
  readonly onSent: () => void;
}

function Deliveries({ query, session, tenant_id, onSent }: DeliveriesProps) {
  const text = useText();
  const api = useApi();
  const [chosen, setChosen] = useState<DeliveryView | null>(null);
  const [isSending, setSending] = useState(false);
  const { cursor, from = daysAgo(DAYS_SHOWN), to = daysAgo(0) } = query;
  const asked = askedOf(query, tenant_id, from, to);
  const loaded = useLoaded(
    (signal) =>
      readList(
        api,
        PATH,
        { ...asked, ...(cursor && { cursor }) },
        ({ deliveries }: DeliveriesPage) => deliveries,
        signal,
      ),
    [api, JSON.stringify(asked), cursor],
  );
  const sent = () => {
    loaded.reload();
    onSent();
  };
  return (
    <section class="card">
      <div class="head">
        <h2>{text('deliveries')}</h2>
        <span class="grow" />
        <button type="button" onClick={loaded.reload}>
          {text('refresh')}
        </button>
        <ExportButton path={PATH} query={asked} fileName={`deliveries-${from}-${to}`} />
        {session.mayAct && (
          <button type="button" onClick={() => setSending(true)}>
            {text('send_period_again')}
          </button>
        )}
      </div>
      <FilterForm fields={fieldsOf(text)} query={query} />
      <Loadable loaded={loaded}>
        {(list) => (
          <>
            {list.items.length === 0 ? (
              <Empty title={text('no_deliveries')}>{text('no_deliveries_hint')}</Empty>
            ) : (
              <DeliveryTable deliveries={list.items} onChoose={setChosen} />
            )}
            <Pager cursor={cursor} next={list.cursor} busy={loaded.state === 'loading'} />
          </>
        )}
      </Loadable>
      {chosen && <DeliveryDialog delivery={chosen} onClose={() => setChosen(null)} onSent={sent} />}
      {isSending && (
        <SendPeriodDialog
          tenant_id={tenant_id}
          first={from}
          last={to}
          onClose={() => setSending(false)}
          onSent={sent}
        />
      )}
    </section>
  );
}

function askedOf(query: Query, tenant_id: string | undefined, from: string, to: string): Query {
  const first = dayBounds(from);
  const last = dayBounds(to);
  const { state, type, order_no } = query;
  return {
    ...(tenant_id && { tenant_id }),
    ...(state && { state }),
    ...(type && { type }),
    ...(order_no && { order_no }),
    ...(first && { from: first.from }),
    ...(last && { to: last.to }),
  };
}

const fieldsOf = (text: Text): FilterField[] => [
  {
    name: 'state',
    label: text('status'),
    kind: 'choice',
    choices: deliveryStates.map((value) => ({ value, label: named(text, 'delivery', value) })),
  },
  {
    name: 'type',
    label: text('event'),
    kind: 'choice',
    choices: eventTypes.map((value) => ({ value, label: named(text, 'event', value) })),
  },
  { name: 'order_no', label: text('order_number'), kind: 'text', hint: 'mall-1' },
  { name: 'from', label: text('from'), kind: 'day', fallback: daysAgo(DAYS_SHOWN) },
  { name: 'to', label: text('to'), kind: 'day', fallback: daysAgo(0) },
];

interface DeliveryTableProps {
  readonly deliveries: readonly DeliveryView[];
  readonly onChoose: (delivery: DeliveryView) => void;
}

function DeliveryTable({ deliveries, onChoose }: DeliveryTableProps) {
  const text = useText();
  const columns: Column<DeliveryView>[] = [
    {
      key: 'event',
      label: text('event'),
      cell: (delivery) => (
        <button type="button" class="link" onClick={() => onChoose(delivery)}>
          {named(text, 'event', delivery.type)}
        </button>
      ),
    },
    { key: 'recorded', label: text('recorded'), cell: ({ timestamp }) => <Time at={timestamp} /> },
    {
      key: 'order',
      label: text('order'),
      cell: ({ order_no }) => <OrderLink order_no={order_no} />,
    },
    {
      key: 'state',
      label: text('status'),
      cell: ({ state }) => (
        <div class="badges">
          <Badge tone={deliveryTones[state]}>{named(text, 'delivery', state)}</Badge>
        </div>
      ),
    },
    {
      key: 'answer',
      label: text('last_answer'),
      cell: ({ attempts }) => {
        const last = attempts.at(-1);
        return last ? sayAttempt(text, last) : <span class="muted">{text('no_attempts')}</span>;
      },
    },
    { key: 'attempts', label: text('attempts'), align: 'end', cell: ({ attempts }) => attempts.length },
  ];
  return <DataTable label={text('deliveries')} columns={columns} rows={deliveries} rowKey={({ id }) => id} />;
}

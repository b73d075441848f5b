import { OrderLink } from '../components/order-link.tsx';
import './books.css';
import { useState } from 'preact/hooks';
import type { Exception, ExceptionsPage } from '../../../http/responses/exceptions.ts';
import { exceptionKinds, exceptionStates } from '../../../orders/kinds.ts';
import { isOverdue } from '../../../orders/overdue.ts';
import { useApi } from '../api-client.ts';
import { Amount } from '../components/amount.tsx';
import { Badge } from '../components/badge.tsx';
import { ExportButton } from '../components/export-button.tsx';
import { type FilterField, FilterForm } from '../components/filter-form.tsx';
import { Pager } from '../components/pager.tsx';
import { Empty, Loadable } from '../components/states.tsx';
import { type Column, DataTable } from '../components/table.tsx';
import { Age, Time } from '../components/time.tsx';
import { daysAgo } from '../format.ts';
import { readList } from '../read-list.ts';
import type { Query } from '../route.ts';
import { type Session, useSession } from '../session.ts';
import { named, type Text, useText } from '../text.ts';
import { useLoaded } from '../use-loaded.ts';
import { ExceptionDialog } from './exceptions/exception-dialog.tsx';

const PATH = '/api/pay/exceptions';

/** What did not fit, open ones unless more is asked for. */
export function ExceptionsView({ query }: { readonly query: Query }) {
  const text = useText();
  const api = useApi();
  const session = useSession();
  const [chosen, setChosen] = useState<Exception | null>(null);
  const { cursor } = query;
  const asked = askedOf(query, session);
  const loaded = useLoaded(
    (signal) =>
      readList(
        api,
        PATH,
        { ...asked, ...(cursor && { cursor }) },
        ({ exceptions }: ExceptionsPage) => exceptions,
        signal,
      ),
    [api, JSON.stringify(asked), cursor],
  );
  return (
    <>
      <div class="head">
        <h1>{text('exceptions')}</h1>
        <span class="grow" />
        <button type="button" onClick={loaded.reload}>
          {text('refresh')}
        </button>
        <ExportButton path={PATH} query={asked} fileName={`exceptions-${daysAgo(0)}`} />
      </div>
      <div class="card">
        <FilterForm fields={fieldsOf(session, text)} query={query} />
        <Loadable loaded={loaded}>
          {(list) => (
            <>
              {list.items.length === 0 ? (
                <NoExceptions
                  isFiltered={Boolean(query['kind'] || query['tenant_id'] || query['state'] || list.cursor)}
                />
              ) : (
                <ExceptionTable
                  exceptions={list.items}
                  state={asked['state'] ?? 'open'}
                  onChoose={setChosen}
                />
              )}
              <Pager cursor={cursor} next={list.cursor} busy={loaded.state === 'loading'} />
            </>
          )}
        </Loadable>
      </div>
      {chosen && (
        <ExceptionDialog exception={chosen} onClose={() => setChosen(null)} onChanged={loaded.reload} />
      )}
    </>
  );
}

function askedOf({ kind, state = 'open', tenant_id }: Query, session: Session): Query {
  const tenant = session.tenant_id === null ? tenant_id : undefined;
  return { state, ...(kind && { kind }), ...(tenant && { tenant_id: tenant }) };
}

function fieldsOf({ tenant_id }: Session, text: Text): FilterField[] {
  const states = [...exceptionStates, 'all'].map((value) => ({
    value,
    label: named(text, 'exception_state', value),
  }));
  const kinds = exceptionKinds.map((value) => ({ value, label: named(text, 'exception', value) }));
  return [
    {
      name: 'state',
      label: text('status'),
      kind: 'choice',
      choices: states,
      required: true,
      fallback: 'open',
    },
    { name: 'kind', label: text('exception_kind'), kind: 'choice', choices: kinds },
    ...(tenant_id === null
      ? [{ name: 'tenant_id', label: text('tenant'), kind: 'number', hint: '7' } as const]
      : []),
  ];
}

function NoExceptions({ isFiltered }: { readonly isFiltered: boolean }) {
  const text = useText();
  return isFiltered ? (
    <Empty title={text('no_exceptions_match')}>{text('no_exceptions_match_hint')}</Empty>
  ) : (
    <Empty title={text('no_exceptions')}>{text('no_exceptions_hint')}</Empty>
  );
}

interface ExceptionTableProps {
  readonly exceptions: readonly Exception[];
  readonly state: string;
  readonly onChoose: (exception: Exception) => void;
}

function ExceptionTable({ exceptions, state, onChoose }: ExceptionTableProps) {
  const text = useText();
  const now = Date.now();
  const hasEnds = exceptions.some(({ resolved, due_by }) => resolved !== null || due_by !== null);
  const columns: Column<Exception>[] = [
    {
      key: 'kind',
      label: text('exception_kind'),
      cell: (exception) => (
        <button type="button" class="link" onClick={() => onChoose(exception)}>
          {named(text, 'exception', exception.kind)}
        </button>
      ),
    },
    {
      key: 'age',
      label: text('age'),
      cell: (exception) => (
        <div class="badges">
          <Age at={exception.recorded_at} now={now} />
          {exception.state === 'open' && isOverdue(exception, now) && (
            <Badge tone="bad">{text('overdue')}</Badge>
          )}
        </div>
      ),
    },
    {
      key: 'order',
      label: text('order'),
      cell: ({ order_no }) => <OrderLink order_no={order_no} />,
    },
    {
      key: 'merchant',
      label: text('merchant'),
      cell: ({ provider, merchant }) =>
        provider === null ? (
          <span class="muted">–</span>
        ) : (
          <span>
            {named(text, 'provider', provider)} <span class="number muted">{merchant}</span>
          </span>
        ),
    },
    ...(hasEnds ? [endColumn(text, state)] : []),
    {
      key: 'amount',
      label: text('amount'),
      align: 'end',
      cell: ({ amount, currency }) => <Amount amount={amount} currency={currency} />,
    },
  ];
  return <DataTable label={text('exceptions')} columns={columns} rows={exceptions} rowKey={({ id }) => id} />;
}

/** How each ended; of those that are open, until when something can be done. */
const endColumn = (text: Text, state: string): Column<Exception> => ({
  key: 'end',
  label: text(state === 'open' ? 'act_before' : 'ended_as'),
  cell: ({ resolved, due_by }) =>
    resolved ? (
      <div class="badges">
        <Badge tone="neutral">{named(text, 'end', resolved.resolution)}</Badge>
      </div>
    ) : (
      <Time at={state === 'open' ? due_by : null} />
    ),
});

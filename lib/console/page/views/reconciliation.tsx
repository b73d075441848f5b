import './books.css';
import { useState } from 'preact/hooks';
import type { Reconciliation, ReconciliationsPage } from '../../../http/responses/books.ts';
import type { Exception } from '../../../http/responses/exceptions.ts';
import { providers } from '../../../orders/kinds.ts';
import { type ApiClient, useApi } from '../api-client.ts';
import { Amount } from '../components/amount.tsx';
import { ExportButton } from '../components/export-button.tsx';
import { type FilterField, FilterForm } from '../components/filter-form.tsx';
import { PeriodPresets } from '../components/period-presets.tsx';
import { Empty, Loadable } from '../components/states.tsx';
import { type Column, DataTable } from '../components/table.tsx';
import { dayGrid, type PeriodSum, periodSums } from '../day-grid.ts';
import { formatCount, isNothing, providerDaysAgo } from '../format.ts';
import type { Query } from '../route.ts';
import { named, type Text, useText } from '../text.ts';
import { useLoaded } from '../use-loaded.ts';
import { ExceptionDialog } from './exceptions/exception-dialog.tsx';
import { DayDetails } from './reconciliation/day-details.tsx';
import { DayTable, dayKey } from './reconciliation/day-table.tsx';

const PATH = '/api/pay/reconciliations';

/** Two weeks with today. */
const DAYS_SHOWN = 13;

/** The days that were reconciled, by what they came to. */
export function ReconciliationView({ query }: { readonly query: Query }) {
  const text = useText();
  const api = useApi();
  const [chosen, setChosen] = useState<Exception | null>(null);
  const { provider, from = providerDaysAgo(DAYS_SHOWN), to = providerDaysAgo(0), day } = query;
  const asked: Query = { from, to, ...(provider && { provider }) };
  const loaded = useLoaded((signal) => readDays(api, asked, signal), [api, provider, from, to]);
  return (
    <>
      <div class="head">
        <h1>{text('reconciliation')}</h1>
        <span class="grow" />
        <button type="button" onClick={loaded.reload}>
          {text('refresh')}
        </button>
        <ExportButton path={PATH} query={asked} fileName={`reconciliation-${from}-${to}`} />
      </div>
      <div class="stack">
        <div class="card">
          <div class="filters-line">
            <FilterForm fields={fieldsOf(text)} query={query} />
            <PeriodPresets from={from} to={to} lengths={[7, 14, 31]} dayBefore={providerDaysAgo} />
          </div>
          <p class="hint">{text('by_the_providers_day')}</p>
        </div>
        <Loadable loaded={loaded}>
          {({ results, isCut }) => {
            const open = results.find((result) => dayKey(result) === day);
            if (results.length === 0) {
              return <Empty title={text('no_days')}>{text('no_days_hint')}</Empty>;
            }
            return (
              <div class="stack">
                {isCut && (
                  <p class="note warning">{text('days_cut', { count: formatCount(results.length) })}</p>
                )}
                <div class="card stack">
                  <DayTable grid={dayGrid(results, from, to)} query={query} />
                </div>
                {open && <DayDetails key={dayKey(open)} result={open} query={query} onChoose={setChosen} />}
                <PeriodSums sums={periodSums(results)} />
              </div>
            );
          }}
        </Loadable>
      </div>
      {chosen && (
        <ExceptionDialog exception={chosen} onClose={() => setChosen(null)} onChanged={loaded.reload} />
      )}
    </>
  );
}

const fieldsOf = (text: Text): FilterField[] => [
  {
    name: 'provider',
    label: text('provider'),
    kind: 'choice',
    choices: providers.map((value) => ({ value, label: named(text, 'provider', value) })),
  },
  { name: 'from', label: text('from'), kind: 'day', fallback: providerDaysAgo(DAYS_SHOWN) },
  { name: 'to', label: text('to'), kind: 'day', fallback: providerDaysAgo(0) },
];

const MOST_PAGES = 10;

interface Days {
  readonly results: readonly Reconciliation[];
  /** There are more. */
  readonly isCut: boolean;
}

/** All of a period, which has a result for each merchant and day: up to so many pages. */
async function readDays(api: ApiClient, query: Query, signal: AbortSignal): Promise<Days> {
  const results: Reconciliation[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const read: ReconciliationsPage = await api.get<ReconciliationsPage>(
      PATH,
      { ...query, limit: '100', cursor: cursor ?? undefined },
      signal,
    );
    results.push(...read.reconciliations);
    cursor = read.cursor;
    if (cursor === null) break;
  }
  return { results, isCut: cursor !== null };
}

function PeriodSums({ sums }: { readonly sums: readonly PeriodSum[] }) {
  const text = useText();
  if (sums.length === 0) return null;
  const amountColumn = (
    key: string,
    label: string,
    amountOf: (sum: PeriodSum) => string,
  ): Column<PeriodSum> => ({
    key,
    label,
    align: 'end',
    cell: (sum) => {
      const amount = amountOf(sum);
      return <Amount amount={isNothing(amount) ? null : amount} currency={sum.currency} />;
    },
  });
  const columns: Column<PeriodSum>[] = [
    {
      key: 'provider',
      label: text('provider'),
      cell: ({ provider, currency }) => `${named(text, 'provider', provider)} · ${currency}`,
    },
    amountColumn('payment', text('moved_payment'), ({ payment }) => payment),
    amountColumn('refund', text('moved_refund'), ({ refund }) => refund),
    amountColumn('dispute', text('moved_dispute'), ({ dispute }) => dispute),
    amountColumn('fees', text('fees'), ({ fees }) => fees),
    amountColumn('net', text('net_of_fees'), ({ net }) => net),
  ];
  return (
    <section class="card">
      <h2>{text('whole_period')}</h2>
      <DataTable
        label={text('whole_period')}
        columns={columns}
        rows={sums}
        rowKey={({ provider, currency }) => `${provider} ${currency}`}
      />
    </section>
  );
}

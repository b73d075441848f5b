import { OrderLink } from '../components/order-link.tsx';
import './books.css';
import type { LedgerEntryState, LedgerPage } from '../../../http/responses/books.ts';
import { parseAccount } from '../../../orders/ledger.ts';
import { growsByDebit } from '../account-label.ts';
import { ApiFailure, useApi } from '../api-client.ts';
import { AccountLink } from '../components/account-link.tsx';
import { Amount } from '../components/amount.tsx';
import { DayBars } from '../components/day-bars.tsx';
import { ExportButton } from '../components/export-button.tsx';
import { type FilterField, FilterForm } from '../components/filter-form.tsx';
import { Pager } from '../components/pager.tsx';
import { PeriodPresets } from '../components/period-presets.tsx';
import { Empty, Loadable } from '../components/states.tsx';
import { type Column, DataTable } from '../components/table.tsx';
import { Time } from '../components/time.tsx';
import { negated, sumOfDecimals } from '../decimal.ts';
import { dayBounds, daysAgo, formatDay, isNothing } from '../format.ts';
import { amountOf, dayPlots, type Side } from '../ledger-days.ts';
import { PAGE_SIZE } from '../read-list.ts';
import type { Query } from '../route.ts';
import { useSession } from '../session.ts';
import { named, type Text, useText } from '../text.ts';
import { useLoaded } from '../use-loaded.ts';
import { AccountPicker } from './ledger/account-picker.tsx';

/** A week with today. */
const DAYS_SHOWN = 6;

/** What was booked to an account in a period. */
export function LedgerView({ query }: { readonly query: Query }) {
  const text = useText();
  const api = useApi();
  const { tenant_id } = useSession();
  const {
    account = tenant_id === null ? 'shop:mall' : `tenant:${tenant_id}`,
    from = daysAgo(DAYS_SHOWN),
    to = daysAgo(0),
    cursor,
  } = query;
  const path = `/api/pay/ledger/${encodeURIComponent(account)}`;
  const period = { from: dayBounds(from)?.from ?? '', to: dayBounds(to)?.to ?? '' };
  const loaded = useLoaded(
    (signal) =>
      readPage(() => api.get<LedgerPage>(path, { ...period, limit: String(PAGE_SIZE), cursor }, signal)),
    [api, path, period.from, period.to, cursor],
  );
  return (
    <>
      <div class="head">
        <h1>{text('ledger')}</h1>
        <span class="grow" />
        <button type="button" onClick={loaded.reload}>
          {text('refresh')}
        </button>
        <ExportButton
          path={path}
          query={period}
          fileName={`ledger-${account.replace(/[^\w.-]/g, '-')}-${from}`}
        />
      </div>
      <div class="stack">
        <div class="card">
          <div class="filters-line">
            <AccountPicker key={account} account={account} />
            <FilterForm fields={periodFields(text)} query={query} />
            <PeriodPresets from={from} to={to} lengths={[1, 7, 31]} />
          </div>
          {parseAccount(account) && <p class="hint">{text(aboutAccount(account))}</p>}
        </div>
        <Loadable loaded={loaded}>
          {(page) =>
            page === 'unknown' ? (
              <Empty title={text('account_unknown')}>{text('account_name_hint')}</Empty>
            ) : page === 'too_many' ? (
              <Empty title={text('too_many_entries')}>{text('too_many_entries_hint')}</Empty>
            ) : page.entries.length === 0 && cursor === undefined ? (
              <Empty title={text('no_entries')}>{text('no_entries_hint')}</Empty>
            ) : (
              <div class="stack">
                {page.sums && <Sums account={account} sums={page.sums} />}
                {page.days && <Days days={page.days} />}
                <section class="card">
                  <h2>{text('entries')}</h2>
                  <Entries account={account} entries={page.entries} period={{ from, to }} />
                  <Pager cursor={cursor} next={page.cursor} busy={loaded.state === 'loading'} />
                </section>
              </div>
            )
          }
        </Loadable>
      </div>
    </>
  );
}

/** What somebody can mend by another choice is no failure. */
async function readPage(read: () => Promise<LedgerPage>): Promise<LedgerPage | 'unknown' | 'too_many'> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    if (error.word === 'too_many_entries') return 'too_many';
    if (error.word === 'account_not_found' || error.fields.includes('account')) return 'unknown';
    throw error;
  }
}

const periodFields = (text: Text): FilterField[] => [
  { name: 'from', label: text('from'), kind: 'day', fallback: daysAgo(DAYS_SHOWN) },
  { name: 'to', label: text('to'), kind: 'day', fallback: daysAgo(0) },
];

function aboutAccount(account: string) {
  if (account.startsWith('suspense:')) return 'about_suspense' as const;
  if (account.startsWith('provider:')) return 'about_provider' as const;
  return account.startsWith('fees:') ? ('about_fees' as const) : ('about_owner' as const);
}

interface SumsProps {
  readonly account: string;
  readonly sums: NonNullable<LedgerPage['sums']>;
}

function Sums({ account, sums }: SumsProps) {
  const text = useText();
  return (
    <section class="card">
      <h2>{text('sums_by_currency')}</h2>
      <div class="stack">
        {sums.map(({ currency, debit, credit }) => {
          const net = growsByDebit(account)
            ? sumOfDecimals([debit, negated(credit)])
            : sumOfDecimals([credit, negated(debit)]);
          return (
            <dl key={currency} class="tiles">
              <Tile label={text('credit')} amount={credit} currency={currency} />
              <Tile label={text('debit')} amount={debit} currency={currency} />
              <Tile
                label={text('net')}
                amount={net}
                currency={currency}
                note={isNothing(net) ? text('net_nothing') : undefined}
              />
            </dl>
          );
        })}
      </div>
    </section>
  );
}

interface TileProps {
  readonly label: string;
  readonly amount: string;
  readonly currency: string;
  readonly note?: string | undefined;
}

function Tile({ label, amount, currency, note }: TileProps) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <Amount amount={amount} currency={currency} />
        {note && <span class="hint"> {note}</span>}
      </dd>
    </div>
  );
}

const colours: Readonly<Record<Side, string>> = { debit: '--neutral', credit: '--accent' };

function Days({ days }: { readonly days: NonNullable<LedgerPage['days']> }) {
  const text = useText();
  const plots = dayPlots(days);
  return (
    <>
      {plots.map(({ currency, times, series }) => (
        <section key={currency} class="card">
          <DayBars
            title={text('by_day', { currency })}
            times={times}
            series={series.map(({ side, values }) => ({ label: text(side), colour: colours[side], values }))}
          />
          <details>
            <summary>{text('by_day_table')}</summary>
            <DataTable
              label={text('by_day', { currency })}
              rows={days}
              rowKey={({ from }) => from}
              columns={[
                { key: 'day', label: text('day'), cell: ({ from }) => formatDay(new Date(from)) },
                ...(['credit', 'debit'] as const).map(
                  (side): Column<(typeof days)[number]> => ({
                    key: side,
                    label: text(side),
                    align: 'end',
                    cell: (day) => (
                      <AmountOrNothing amount={amountOf(day, currency, side)} currency={currency} />
                    ),
                  }),
                ),
              ]}
            />
          </details>
        </section>
      ))}
    </>
  );
}

function AmountOrNothing({ amount, currency }: { readonly amount: string; readonly currency: string }) {
  return <Amount amount={isNothing(amount) ? null : amount} currency={currency} />;
}

interface EntriesProps {
  readonly account: string;
  readonly entries: readonly LedgerEntryState[];
  readonly period: Query;
}

function Entries({ account, entries, period }: EntriesProps) {
  const text = useText();
  const onSide = (side: Side): Column<LedgerEntryState> => ({
    key: side,
    label: text(side),
    align: 'end',
    cell: (entry) =>
      entry[side] === account ? (
        <Amount amount={entry.amount} currency={entry.currency} />
      ) : (
        <span class="muted">–</span>
      ),
  });
  const columns: Column<LedgerEntryState>[] = [
    { key: 'booked', label: text('booked'), cell: ({ booked_at }) => <Time at={booked_at} /> },
    { key: 'kind', label: text('kind'), cell: ({ kind }) => named(text, 'entry', kind) },
    {
      key: 'order',
      label: text('order'),
      cell: ({ order_no }) => <OrderLink order_no={order_no} />,
    },
    {
      key: 'other',
      label: text('other_account'),
      cell: ({ debit, credit }) => (
        <AccountLink account={debit === account ? credit : debit} period={period} />
      ),
    },
    {
      key: 'transaction',
      label: text('transaction'),
      cell: ({ transaction_id }) =>
        transaction_id === null ? <span class="muted">–</span> : <span class="number">{transaction_id}</span>,
    },
    onSide('credit'),
    onSide('debit'),
  ];
  return (
    <DataTable
      label={text('entries')}
      columns={columns}
      rows={entries}
      rowKey={({ booked_at, kind, transaction_id, amount, debit }) =>
        [booked_at, kind, transaction_id, amount, debit].join(' ')
      }
    />
  );
}

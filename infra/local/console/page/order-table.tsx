import { formatAmount, formatCount } from '../../../../lib/console/page/format.ts';
import { orderKinds, orderStatuses, type Provider } from '../../../../lib/orders/kinds.ts';
import { type Counts, noFilter, type OrderFilter, type OrderRow } from '../rows.ts';
import { orderLink } from './address.ts';
import { formatTime } from './format.ts';
import { named, type Text, useText } from './text.ts';
import { useOrders } from './use-orders.ts';

interface OrderTableProps {
  readonly counts: Counts;
  readonly filter: OrderFilter;
  readonly onFilter: (filter: OrderFilter) => void;
  readonly offered: readonly Provider[];
}

/** One page of orders, so that the document stays small however many there are. */
export function OrderTable({ counts, filter, onFilter, offered }: OrderTableProps) {
  const text = useText();
  const orders = useOrders(filter);
  const { page, pageNumber, newer, isPaused, setPaused, hold, release } = orders;
  const total = Object.values(counts).reduce((sum, count) => sum + (count ?? 0), 0);
  const choose = (name: 'status' | 'provider' | 'kind', label: string, choices: readonly string[]) => (
    <select
      aria-label={label}
      value={filter[name]}
      onChange={({ currentTarget }) => onFilter({ ...filter, [name]: currentTarget.value })}
    >
      <option value="">
        {label}: {text('all')}
      </option>
      {choices.map((choice) => (
        <option key={choice} value={choice}>
          {named(text, choice)}
          {name === 'status' ? ` (${formatCount(counts[choice as keyof Counts] ?? 0)})` : ''}
        </option>
      ))}
    </select>
  );

  return (
    <section class="card table-card" aria-labelledby="orders-title">
      <div class="row-line">
        <h1 id="orders-title">{text('orders')}</h1>
        <span class="muted">{text('matching', { count: page?.matching ?? total })}</span>
        <span class="grow" />
        {newer > 0 && (
          <button type="button" class="chip" onClick={orders.showNewest}>
            {text('show_new', { count: newer })}
          </button>
        )}
        <button type="button" aria-pressed={isPaused} onClick={() => setPaused(!isPaused)}>
          {text(isPaused ? 'resume' : 'pause')}
        </button>
      </div>
      <search class="filters">
        <input
          type="search"
          aria-label={text('search')}
          placeholder={text('search_hint')}
          value={filter.search}
          onInput={({ currentTarget }) => onFilter({ ...filter, search: currentTarget.value })}
        />
        {choose('status', text('state'), orderStatuses)}
        {choose('provider', text('provider'), offered)}
        {choose('kind', text('kind'), orderKinds)}
      </search>
      {orders.failed && (
        <p class="error" role="alert">
          {text('load_failed')} {text('no_answer')}{' '}
          <button type="button" onClick={orders.reload}>
            {text('retry')}
          </button>
        </p>
      )}
      {page && page.rows.length > 0 && (
        <div class="table-scroll" onPointerEnter={hold} onPointerLeave={release}>
          <table class="orders">
            <thead>
              <tr>
                {(['number', 'amount', 'provider', 'state', 'time'] as const).map((column) => (
                  <th key={column} scope="col">
                    {text(column)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {page.rows.map((row) => (
                <Row key={row.order_no} row={row} text={text} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {!page && !orders.failed && <p class="muted">{text('loading')}</p>}
      {page?.rows.length === 0 && total === 0 && <p class="empty">{text('no_orders')}</p>}
      {page?.rows.length === 0 && total > 0 && (
        <p class="empty">
          {text('no_matches')}{' '}
          <button type="button" onClick={() => onFilter(noFilter)}>
            {text('clear_filter')}
          </button>
        </p>
      )}
      {page && (pageNumber > 1 || page.has_older) && (
        <nav class="row-line pages" aria-label={text('orders')}>
          <button type="button" disabled={pageNumber === 1} onClick={orders.goNewer}>
            ← {text('newer')}
          </button>
          <span class="muted">{text('page', { page: pageNumber })}</span>
          <button type="button" disabled={!page.has_older} onClick={orders.goOlder}>
            {text('older')} →
          </button>
        </nav>
      )}
    </section>
  );
}

function Row({ row, text }: { readonly row: OrderRow; readonly text: Text }) {
  return (
    <tr data-order={row.order_no}>
      <td class="number">
        <a href={orderLink(row.order_no)}>{row.order_no}</a>
        <span class="muted description">
          {text(row.kind)} {row.tenant_id ?? row.description}
        </span>
      </td>
      <td class="amount">{formatAmount(row.amount, row.currency)}</td>
      <td class="provider">{row.provider ? text(row.provider) : '—'}</td>
      <td class="state">
        <span class={`badge ${row.status}`}>{text(row.status)}</span>
      </td>
      <td class="time">
        <time dateTime={row.created_at}>{formatTime(row.created_at)}</time>
      </td>
    </tr>
  );
}

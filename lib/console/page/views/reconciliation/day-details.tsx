import type { Reconciliation } from '../../../../http/responses/books.ts';
import type { Exception, ExceptionsPage } from '../../../../http/responses/exceptions.ts';
import { type ApiClient, useApi } from '../../api-client.ts';
import { Amount } from '../../components/amount.tsx';
import { Badge, type Tone } from '../../components/badge.tsx';
import { Facts } from '../../components/facts.tsx';
import { OrderLink } from '../../components/order-link.tsx';
import { Loadable } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { differencesOf, FEE_DECIMALS } from '../../day-grid.ts';
import { withoutZeros } from '../../decimal.ts';
import { formatCount } from '../../format.ts';
import { linkTo, type Query } from '../../route.ts';
import { named, useText } from '../../text.ts';
import { useLoaded } from '../../use-loaded.ts';
import { sayState } from './day-table.tsx';

const tones: Readonly<Record<Reconciliation['state'], Tone>> = {
  running: 'warning',
  late: 'warning',
  agreed: 'good',
  differs: 'bad',
};

interface DayDetailsProps {
  readonly result: Reconciliation;
  readonly query: Query;
  readonly onChoose: (exception: Exception) => void;
}

/** All that is known of a merchant's day. */
export function DayDetails({ result, query, onChoose }: DayDetailsProps) {
  const text = useText();
  const { provider, merchant, day, state, sums, fees, others } = result;
  const title = text('one_day', { provider: named(text, 'provider', provider), merchant, day });
  const counted = (count: number) => (count === 0 ? null : formatCount(count));
  return (
    <section class="card stack" aria-label={title}>
      <div class="head">
        <h2>{title}</h2>
        <Badge tone={tones[state]}>{sayState(text, result)}</Badge>
        <span class="grow" />
        <a class="button" href={linkTo('reconciliation', { ...query, day: undefined })}>
          {text('close_dialog')}
        </a>
      </div>
      <p>{named(text, 'about_day', state)}</p>
      {differencesOf(result) > 0 && <Differences result={result} onChoose={onChoose} />}
      {sums.length === 0 && fees.length === 0 ? (
        <p class="muted">{text('nothing_moved')}</p>
      ) : (
        <DataTable
          label={text('moved')}
          rows={[
            ...sums.map((sum) => ({ ...sum, of: 'moved' as const })),
            ...fees.map((sum) => ({ ...sum, of: 'fees' as const })),
          ]}
          rowKey={({ of, kind, currency }) => `${of} ${kind} ${currency}`}
          columns={[
            {
              key: 'kind',
              label: text('moved'),
              cell: ({ of, kind }) =>
                of === 'moved'
                  ? named(text, 'moved', kind)
                  : `${text('fees')} · ${named(text, 'moved', kind)}`,
            },
            {
              key: 'amount',
              label: text('amount'),
              align: 'end',
              cell: ({ of, amount, currency }) => (
                <Amount
                  amount={of === 'fees' && amount !== null ? withoutZeros(amount, FEE_DECIMALS) : amount}
                  currency={currency}
                />
              ),
            },
          ]}
        />
      )}
      <Facts
        facts={[
          [text('rows'), formatCount(result.rows)],
          [text('agreed_rows'), formatCount(result.agreed)],
          [text('settled_rows'), counted(result.settled)],
          [text('under_way'), counted(result.under_way)],
          [text('undecided'), counted(result.undecided)],
          [text('foreign'), counted(result.foreign)],
          [
            text('other_rows'),
            others.length === 0
              ? null
              : others.map(({ name, count }) => `${name} ${formatCount(count)}`).join(', '),
          ],
          [text('started'), <Time key="started" at={result.started_at} />],
          [text('finished'), result.finished_at && <Time at={result.finished_at} />],
        ]}
      />
    </section>
  );
}

interface DifferencesProps {
  readonly result: Reconciliation;
  readonly onChoose: (exception: Exception) => void;
}

/** The exceptions that the day's differences became. */
function Differences({ result, onChoose }: DifferencesProps) {
  const text = useText();
  const api = useApi();
  const kinds = Object.entries(result.differences).flatMap(([kind, count]) => (count > 0 ? [kind] : []));
  const loaded = useLoaded(
    (signal) => readDifferences(api, result, kinds, signal),
    [api, result.provider, result.merchant, result.day, result.finished_at],
  );
  return (
    <div>
      <h3>{text('differences')}</h3>
      <Loadable loaded={loaded}>
        {(exceptions) => (
          <>
            {exceptions.length > 0 && (
              <DataTable
                label={text('differences')}
                rows={exceptions}
                rowKey={({ id }) => id}
                columns={[
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
                    key: 'state',
                    label: text('status'),
                    cell: ({ state }) => (
                      <div class="badges">
                        <Badge tone={state === 'open' ? 'bad' : 'neutral'}>
                          {named(text, 'exception_state', state)}
                        </Badge>
                      </div>
                    ),
                  },
                  {
                    key: 'order',
                    label: text('order'),
                    cell: ({ order_no }) => <OrderLink order_no={order_no} />,
                  },
                  {
                    key: 'transaction',
                    label: text('transaction'),
                    cell: ({ transaction_id }) => <span class="number">{transaction_id ?? '–'}</span>,
                  },
                  {
                    key: 'amount',
                    label: text('amount'),
                    align: 'end',
                    cell: ({ amount, currency }) => <Amount amount={amount} currency={currency} />,
                  },
                ]}
              />
            )}
            {exceptions.length < differencesOf(result) && (
              <p class="note">
                {text('differences_not_found')}{' '}
                {kinds.map((kind) => (
                  <a key={kind} href={linkTo('exceptions', { kind, state: 'all' })}>
                    {text('all_of_kind', { kind: named(text, 'exception', kind) })}
                  </a>
                ))}
              </p>
            )}
          </>
        )}
      </Loadable>
    </div>
  );
}

/**
 * An exception does not say of which day it is: it is recorded while its day is reconciled. One page of each kind is
 * looked through, the newest first.
 */
async function readDifferences(
  api: ApiClient,
  { provider, merchant, started_at, finished_at }: Reconciliation,
  kinds: readonly string[],
  signal: AbortSignal,
): Promise<readonly Exception[]> {
  const pages = await Promise.all(
    kinds.map((kind) =>
      api.get<ExceptionsPage>('/api/pay/exceptions', { kind, state: 'all', limit: '100' }, signal),
    ),
  );
  return pages
    .flatMap(({ exceptions }) => exceptions)
    .filter(
      (exception) =>
        exception.provider === provider &&
        exception.merchant === merchant &&
        exception.recorded_at >= started_at &&
        (finished_at === null || exception.recorded_at <= finished_at),
    );
}

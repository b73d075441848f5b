import './day-grid.css';
import type { Reconciliation } from '../../../../http/responses/books.ts';
import { type DayState, dayStates } from '../../../../reconciliation/day-result.ts';
import { type DayGrid, differencesOf } from '../../day-grid.ts';
import { formatCount } from '../../format.ts';
import { linkTo, type Query } from '../../route.ts';
import { named, type Text, useText } from '../../text.ts';

/** A result has a sign of its own besides its colour, drawn since not every font has one: lines in a square of 16. */
const signs: Readonly<Record<DayState, string>> = {
  running: 'M3 8h.01M8 8h.01M13 8h.01',
  late: 'M8 4v4l3 2M14 8a6 6 0 1 1-12 0a6 6 0 1 1 12 0',
  agreed: 'M3 8.5l3.5 3.5L13 4.5',
  differs: 'M3 6h10M3 10h10M11 2.5L5 13.5',
};

function Sign({ state }: { readonly state: DayState }) {
  return (
    <svg class="day-sign" viewBox="0 0 16 16" aria-hidden="true">
      <path d={signs[state]} />
    </svg>
  );
}

/** By which a day of a merchant is named in the address. */
export const dayKey = ({ provider, merchant, day }: Pick<Reconciliation, 'provider' | 'merchant' | 'day'>) =>
  `${provider}.${merchant}.${day}`;

interface DayTableProps {
  readonly grid: DayGrid;
  readonly query: Query;
}

/** The days of each merchant, by what they came to; each leads to more of it. */
export function DayTable({ grid, query }: DayTableProps) {
  const text = useText();
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it too. */}
      <section class="day-grid" aria-label={text('days_grid')} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{text('merchant')}</th>
              {grid.days.map((day) => (
                <th key={day} scope="col" title={day}>
                  {day.slice(5)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {grid.rows.map(({ provider, merchant, cells }) => (
              <tr key={`${provider}.${merchant}`}>
                <th scope="row">
                  {named(text, 'provider', provider)} <span class="number muted">{merchant}</span>
                </th>
                {cells.map((result, index) => (
                  <td key={grid.days[index]}>
                    {result ? (
                      <DayCell result={result} query={query} />
                    ) : (
                      <span class="day-cell none" title={text('day_none')}>
                        –
                      </span>
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <ul class="day-legend">
        {dayStates.map((state) => (
          <li key={state}>
            <span class={`day-cell ${state}`} aria-hidden="true">
              <Sign state={state} />
            </span>
            {named(text, 'day', state)}
          </li>
        ))}
        <li>
          <span class="day-cell none" aria-hidden="true">
            –
          </span>
          {text('day_none')}
        </li>
      </ul>
    </>
  );
}

function DayCell({ result, query }: { readonly result: Reconciliation; readonly query: Query }) {
  const text = useText();
  const key = dayKey(result);
  const count = differencesOf(result);
  const isOpen = query['day'] === key;
  return (
    <a
      class={`day-cell ${result.state}`}
      href={linkTo('reconciliation', { ...query, day: key })}
      aria-current={isOpen ? 'true' : undefined}
      aria-label={`${result.day}, ${named(text, 'provider', result.provider)} ${result.merchant}: ${sayState(text, result)}`}
    >
      <Sign state={result.state} />
      {count > 0 && ` ${formatCount(count)}`}
    </a>
  );
}

/** What a day came to, in words. */
export function sayState(text: Text, result: Reconciliation): string {
  const count = differencesOf(result);
  const state = named(text, 'day', result.state);
  return count === 0 ? state : `${state}, ${text('difference_count', { number: formatCount(count), count })}`;
}

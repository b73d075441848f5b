import { useMemo } from 'preact/hooks';
import type { Provider } from '../../../../lib/orders/kinds.ts';
import {
  type CallbackOutcome,
  MEASURED_SECONDS,
  MEASUREMENTS_KEPT,
  type Measurement,
  offeredProviders,
} from '../rows.ts';
import { formatCount } from './format.ts';
import type { LiveState } from './live.ts';
import { Plot, type Series } from './plot.tsx';
import type { Theme } from './preferences.ts';
import { type Language, useText } from './text.ts';

interface ChartsViewProps {
  readonly live: LiveState;
  readonly theme: Theme;
  readonly language: Language;
}

const groups = ['outcome_settled', 'outcome_repeated', 'outcome_exception', 'outcome_refused'] as const;
type Group = (typeof groups)[number];

const GROUP_OF: Readonly<Record<CallbackOutcome, Group>> = {
  settled: 'outcome_settled',
  refunded: 'outcome_settled',
  closed: 'outcome_settled',
  refund_failed: 'outcome_exception',
  refund_abnormal: 'outcome_exception',
  already_settled: 'outcome_repeated',
  already_refunded: 'outcome_repeated',
  unnamed_refund: 'outcome_repeated',
  unchanged: 'outcome_repeated',
  no_action: 'outcome_repeated',
  mismatch: 'outcome_exception',
  number_spent: 'outcome_exception',
  paid_after_close: 'outcome_exception',
  paid_twice: 'outcome_exception',
  paid_superseded: 'outcome_exception',
  unknown_refund: 'outcome_exception',
  disputed: 'outcome_exception',
  dispute_updated: 'outcome_settled',
  dispute_known: 'outcome_repeated',
  refused: 'outcome_refused',
  malformed: 'outcome_refused',
  not_found: 'outcome_refused',
  failed: 'outcome_refused',
};

const COLOURS: Readonly<Record<Provider | Group, string>> = {
  wechat: '--wechat',
  alipay: '--alipay',
  stripe: '--stripe',
  outcome_settled: '--good',
  outcome_repeated: '--neutral',
  outcome_exception: '--warning',
  outcome_refused: '--bad',
};

/** The last minutes, drawn as they go on. */
export function ChartsView({ live, theme, language }: ChartsViewProps) {
  const text = useText();
  const slots = useMemo(() => fill(live.measurements), [live.measurements]);
  const times = slots.map(({ time }) => time);
  const count = (wanted: (provider: string, outcome: string) => boolean) =>
    slots.map(({ outcomes }) =>
      Object.entries(outcomes).reduce((sum, [key, value]) => {
        const [provider = '', outcome = ''] = key.split(' ');
        return wanted(provider, outcome) ? sum + value : sum;
      }, 0),
    );
  const byProvider: Series[] = offeredProviders(live.hello?.payees ?? []).map((provider) => ({
    label: text(provider),
    colour: COLOURS[provider],
    values: count((by, outcome) => by === provider && outcome === 'settled'),
  }));
  const byOutcome: Series[] = groups.map((group) => ({
    label: text(group),
    colour: COLOURS[group],
    values: count((_by, outcome) => GROUP_OF[outcome as CallbackOutcome] === group),
  }));
  const latency: Series[] = [
    { label: text('median'), colour: '--alipay', values: slots.map(({ p50_ms }) => p50_ms) },
    { label: text('p95'), colour: '--warning', values: slots.map(({ p95_ms }) => p95_ms) },
    { label: text('maximum'), colour: '--bad', values: slots.map(({ max_ms }) => max_ms) },
  ];
  const minutes = (MEASURED_SECONDS * MEASUREMENTS_KEPT) / 60;
  const bucket = text('per_bucket', { seconds: MEASURED_SECONDS });

  return (
    <div class="charts-view">
      <div class="row-line">
        <h1>{text('charts')}</h1>
        <span class="muted">{text('last_minutes', { minutes })}</span>
      </div>
      <dl class="tiles">
        {byOutcome.map(({ label, colour, values }) => (
          <div key={label} class="card">
            <dt>
              <span class={`dot ${colour.slice(2)}`} />
              {label}
            </dt>
            <dd>{formatCount(sum(values), language)}</dd>
          </div>
        ))}
      </dl>
      {live.measurements.length === 0 && <p class="empty">{text('charts_empty')}</p>}
      <Plot
        title={`${text('charts_by_provider')} · ${bucket}`}
        series={byProvider}
        {...{ times, theme, language }}
      />
      <Plot
        title={`${text('charts_by_outcome')} · ${bucket}`}
        series={byOutcome}
        {...{ times, theme, language }}
      />
      <Plot title={text('charts_latency')} series={latency} hasPoints {...{ times, theme, language }} />
    </div>
  );
}

const sum = (values: readonly (number | null)[]): number =>
  values.reduce<number>((total, value) => total + (value ?? 0), 0);

/** A slot for every few seconds up to now; those in which nothing happened count nothing. */
function fill(measurements: readonly Measurement[]): readonly Measurement[] {
  const known = new Map(measurements.map((measurement) => [measurement.time, measurement]));
  const current = Math.floor(Date.now() / 1_000 / MEASURED_SECONDS) * MEASURED_SECONDS;
  const latest = Math.max(current, measurements.at(-1)?.time ?? 0);
  return Array.from({ length: MEASUREMENTS_KEPT }, (_, index) => {
    const time = latest - (MEASUREMENTS_KEPT - 1 - index) * MEASURED_SECONDS;
    return known.get(time) ?? { time, outcomes: {}, p50_ms: null, p95_ms: null, max_ms: null };
  });
}

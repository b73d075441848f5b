import { useMemo } from 'preact/hooks';
import { MEASURED_SECONDS, MEASUREMENTS_KEPT, type Measurement, providers } from '../rows.ts';
import type { TextKey } from './dictionary.ts';
import { formatCount } from './format.ts';
import type { LiveState } from './live.ts';
import { Plot, type Series } from './plot.tsx';
import type { Theme } from './preferences.ts';
import { type Language, named, useText } from './text.ts';

interface ChartsViewProps {
  readonly live: LiveState;
  readonly theme: Theme;
  readonly language: Language;
}

const GROUPS = {
  outcome_settled: ['settled', 'refunded'],
  outcome_repeated: ['already_settled', 'already_refunded', 'unnamed_refund', 'unchanged', 'no_action'],
  outcome_exception: ['mismatch', 'paid_after_close', 'paid_twice', 'paid_superseded', 'unknown_refund'],
  outcome_refused: ['refused', 'malformed', 'not_found', 'failed'],
} as const satisfies Partial<Record<TextKey, readonly string[]>>;

const COLOURS = {
  wechat: '--wechat',
  alipay: '--alipay',
  stripe: '--stripe',
  outcome_settled: '--good',
  outcome_repeated: '--neutral',
  outcome_exception: '--warning',
  outcome_refused: '--bad',
} as const;

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
  const byProvider: Series[] = providers.map((provider) => ({
    label: named(text, provider),
    colour: COLOURS[provider],
    values: count((by, outcome) => by === provider && outcome === 'settled'),
  }));
  const byOutcome: Series[] = Object.entries(GROUPS).map(([name, outcomes]) => ({
    label: named(text, name),
    colour: COLOURS[name as keyof typeof GROUPS],
    values: count((_by, outcome) => (outcomes as readonly string[]).includes(outcome)),
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

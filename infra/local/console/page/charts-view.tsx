import { useMemo } from 'preact/hooks';
import { formatCount } from '../../../../lib/console/page/format.ts';
import type { Provider } from '../../../../lib/orders/kinds.ts';
import {
  type Hello,
  MEASURED_SECONDS,
  MEASUREMENTS_KEPT,
  type Measurement,
  offeredProviders,
} from '../rows.ts';
import { groupOf, outcomeGroups, outcomeTones } from './outcomes.ts';
import { Plot } from './plot.tsx';
import { type Series, sumOf } from './plot-data.ts';
import type { Theme } from './preferences.ts';
import { useText } from './text.ts';

interface ChartsViewProps {
  readonly measurements: readonly Measurement[];
  readonly payees: Hello['payees'];
  readonly theme: Theme;
}

const COLOURS: Readonly<Record<Provider, string>> = {
  wechat: '--wechat',
  alipay: '--alipay',
  stripe: '--stripe',
};

/** The last minutes, drawn as they go on. */
export function ChartsView({ measurements, payees, theme }: ChartsViewProps) {
  const text = useText();
  const slots = useMemo(() => fill(measurements), [measurements]);
  const times = slots.map(({ time }) => time);
  const count = (wanted: (provider: string, outcome: string) => boolean) =>
    slots.map(({ outcomes }) =>
      Object.entries(outcomes).reduce((sum, [key, value]) => {
        const [provider = '', outcome = ''] = key.split(' ');
        return wanted(provider, outcome) ? sum + value : sum;
      }, 0),
    );
  const byProvider: Series[] = offeredProviders(payees).map((provider) => ({
    label: text(provider),
    colour: COLOURS[provider],
    values: count((by, outcome) => by === provider && outcome === 'settled'),
  }));
  const byOutcome: Series[] = outcomeGroups.map((group) => ({
    label: text(group),
    colour: `--${outcomeTones[group]}`,
    values: count((_by, outcome) => groupOf(outcome) === group),
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
      {measurements.length === 0 ? (
        <p class="card empty">{text('charts_empty')}</p>
      ) : (
        <>
          <dl class="tiles">
            {byOutcome.map((series) => (
              <div key={series.label} class="card">
                <dt>
                  <span class={`dot ${series.colour.slice(2)}`} />
                  {series.label}
                </dt>
                <dd>{formatCount(sumOf(series))}</dd>
              </div>
            ))}
          </dl>
          <Plot
            title={`${text('charts_by_provider')} · ${bucket}`}
            of="counts"
            series={byProvider}
            {...{ times, theme }}
          />
          <Plot
            title={`${text('charts_by_outcome')} · ${bucket}`}
            of="counts"
            series={byOutcome}
            {...{ times, theme }}
          />
          <Plot title={text('charts_latency')} of="measures" series={latency} {...{ times, theme }} />
        </>
      )}
    </div>
  );
}

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

import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { plotAxis } from '../../../../lib/console/page/components/plot-axis.ts';
import { separated } from '../../../../lib/console/page/format.ts';
import { hasValues, latestOf, type Series, stacked, sumOf } from './plot-data.ts';
import type { Theme } from './preferences.ts';
import { useText } from './text.ts';

interface PlotProps {
  readonly title: string;
  /** Seconds since 1970. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly theme: Theme;
  /** `counts` stand on top of each other, and are summed; of `measures`, the latest counts. */
  readonly of: 'counts' | 'measures';
}

const HEIGHT = 200;

/** A plot of what there is to draw, and the figures of it in words: all in all, or where the pointer is. */
export function Plot({ title, times, series, theme, of }: PlotProps) {
  const text = useText();
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const shown = series.filter(hasValues);
  const names = shown.map(({ label }) => label).join();
  const values = of === 'counts' ? stacked(shown) : shown.map((one) => [...one.values]);
  // The tallest is drawn first, behind the others.
  const data = [[...times], ...(of === 'counts' ? values.toReversed() : values)] as uPlot.AlignedData;

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const draw = () => {
      plot.current?.destroy();
      const drawn = of === 'counts' ? shown.toReversed() : shown;
      plot.current = new uPlot(optionsFor(element, drawn, of, setPointed), data, element);
    };
    draw();
    const resized = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    resized.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', draw);
    addEventListener('themechange', draw);
    return () => {
      removeEventListener('themechange', draw);
      scheme.removeEventListener('change', draw);
      resized.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [theme, names]);

  useEffect(() => plot.current?.setData(data));

  const whole = of === 'counts' ? sumOf : latestOf;
  const time = pointed === null ? undefined : times[pointed];
  return (
    <figure class="card plot">
      <figcaption>{title}</figcaption>
      {shown.length === 0 ? (
        <p class="empty">{text('plot_empty')}</p>
      ) : (
        <>
          <div ref={place} aria-hidden="true" />
          <ul class="legend">
            <li class="muted">
              {time === undefined ? text(of === 'counts' ? 'in_all' : 'latest') : clock(time)}
            </li>
            {shown.map((one) => (
              <li key={one.label}>
                <span class={`dot ${one.colour.slice(2)}`} />
                {one.label} <strong>{figure(pointed === null ? whole(one) : one.values[pointed])}</strong>
              </li>
            ))}
          </ul>
        </>
      )}
    </figure>
  );
}

const figure = (value: number | null | undefined): string =>
  value === null || value === undefined ? '—' : separated(String(Math.round(value * 10) / 10));

const stepped = uPlot.paths.stepped?.({ align: 1 });
const bars = uPlot.paths.bars?.({ size: [0.9, 40], align: 1 });

function optionsFor(
  element: HTMLElement,
  series: readonly Series[],
  of: PlotProps['of'],
  point: (index: number | null) => void,
): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name);
  const axis = plotAxis(element);
  const paths = of === 'counts' ? bars : stepped;
  return {
    width: element.clientWidth,
    height: HEIGHT,
    cursor: { y: false, points: { show: of === 'measures' } },
    legend: { show: false },
    hooks: { setCursor: [({ cursor }) => point(cursor.idx ?? null)] },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.1)] } },
    axes: [
      { ...axis, values: (_plot, splits) => splits.map(minute), space: 70 },
      { ...axis, size: 56, incrs: WHOLE_STEPS },
    ],
    series: [
      {},
      ...series.map(
        ({ label, colour: name }): uPlot.Series => ({
          label,
          stroke: colour(name),
          width: of === 'counts' ? 0 : 2,
          ...(of === 'counts' && { fill: colour(name) }),
          // Between gaps there is no line to see.
          points: { show: of === 'measures', size: 6, fill: colour('--surface') },
          spanGaps: false,
          ...(paths && { paths }),
        }),
      ),
    ],
  };
}

const WHOLE_STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000,
];

const CLOCK = new Intl.DateTimeFormat('sv-SE', { timeStyle: 'medium' });
const clock = (time: number): string => CLOCK.format(new Date(time * 1_000));
const minute = (time: number): string => clock(time).slice(0, time % 60 === 0 ? 5 : 8);

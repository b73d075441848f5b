import './plot.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { formatDay, separated } from '../format.ts';
import { plotAxis } from './plot-axis.ts';

export interface Bars {
  readonly label: string;
  /** The name of a colour in the style sheet. */
  readonly colour: string;
  readonly values: readonly number[];
}

interface DayBarsProps {
  readonly title: string;
  /** When each day begins; seconds since 1970. */
  readonly times: readonly number[];
  /** At most two: they stand beside each other. */
  readonly series: readonly Bars[];
}

const HEIGHT = 180;

/** Bars of each day. They are drawn anew when the colours of the page change; a table beside says the same in words. */
export function DayBars({ title, times, series }: DayBarsProps) {
  const place = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const drawn = JSON.stringify([times, series]);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    let plot: uPlot | null = null;
    const data = [[...times], ...series.map(({ values }) => [...values])] as uPlot.AlignedData;
    const draw = () => {
      plot?.destroy();
      plot = new uPlot(optionsFor(element, series, setPointed), data, element);
    };
    draw();
    const resized = new ResizeObserver(() => plot?.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    addEventListener('themechange', draw);
    return () => {
      removeEventListener('themechange', draw);
      resized.disconnect();
      plot?.destroy();
    };
  }, [drawn]);
  return (
    <figure class="plot">
      <figcaption>{title}</figcaption>
      <div ref={place} aria-hidden="true" />
      <p class="plot-legend" aria-hidden="true">
        {pointed !== null && <span class="muted">{dayOf(times[pointed] ?? 0)}</span>}
        {series.map(({ label, colour, values }) => (
          <span key={label}>
            <span class="swatch" style={{ background: `var(${colour})` }} /> {label}
            {pointed !== null && ` ${separated((values[pointed] ?? 0).toFixed(2))}`}
          </span>
        ))}
      </p>
    </figure>
  );
}

const HALF_DAY_S = 43_200;

function optionsFor(
  element: HTMLElement,
  series: readonly Bars[],
  onPoint: (index: number | null) => void,
): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name);
  const axis = plotAxis(element);
  const isPair = series.length > 1;
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: {
      // Bars of the first and last day need their room.
      x: { range: (_plot, min, max) => [min - HALF_DAY_S, max + HALF_DAY_S] },
      y: { range: (_plot, _min, max) => [0, max * 1.1] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        // At the beginning of each day, where its bars are.
        splits: (plot) =>
          everyNth([...(plot.data[0] ?? [])], Math.ceil((plot.data[0]?.length ?? 1) / (plot.width / 60))),
        values: (_plot, splits) => splits.map((time) => dayOf(time).slice(5)),
      },
      {
        ...axis,
        size: (_plot, values) => 20 + 8 * Math.max(0, ...(values ?? []).map(({ length }) => length)),
        values: (_plot, splits) => splits.map((value) => separated(String(value))),
      },
    ],
    series: [
      {},
      ...series.map(({ label, colour: name }, index): uPlot.Series => {
        const paths = uPlot.paths.bars?.({
          size: [isPair ? 0.35 : 0.6, 40],
          ...(isPair && { align: index === 0 ? -1 : 1 }),
        });
        return {
          label,
          stroke: colour(name),
          fill: colour(name),
          width: 0,
          points: { show: false },
          ...(paths && { paths }),
        };
      }),
    ],
  };
}

const dayOf = (time: number): string => formatDay(new Date(time * 1_000));

const everyNth = <T,>(items: readonly T[], n: number): T[] =>
  items.filter((_item, index) => index % Math.max(1, n) === 0);

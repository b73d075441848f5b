import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { Theme } from './preferences.ts';
import { type Language, useText } from './text.ts';

export interface Series {
  readonly label: string;
  /** The name of a colour in the style sheet. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
}

interface PlotProps {
  readonly title: string;
  /** Seconds since 1970. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly theme: Theme;
  readonly language: Language;
  /** For values with gaps between them, which no line would show. */
  readonly hasPoints?: boolean;
}

const HEIGHT = 200;

/** A plot that is drawn anew when its language, colours or series change, and otherwise only takes new values. */
export function Plot({ title, times, series, theme, language, hasPoints = false }: PlotProps) {
  const text = useText();
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data = [[...times], ...series.map(({ values }) => [...values])] as uPlot.AlignedData;

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const draw = () => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsFor(element, series, text('series_time'), hasPoints), data, element);
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
  }, [theme, language, series.length]);

  useEffect(() => plot.current?.setData(data));

  return (
    <figure class="card plot">
      <figcaption>{title}</figcaption>
      <div ref={place} />
    </figure>
  );
}

const stepped = uPlot.paths.stepped?.({ align: 1 });

function optionsFor(
  element: HTMLElement,
  series: readonly Series[],
  timeLabel: string,
  hasPoints: boolean,
): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name);
  const axis: uPlot.Axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1 },
    font: `12px ${style.fontFamily}`,
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    cursor: { y: false },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.1)] } },
    axes: [
      { ...axis, values: (_plot, splits) => splits.map(minute), space: 70 },
      { ...axis, size: 56, incrs: WHOLE_STEPS },
    ],
    series: [
      { label: timeLabel, value: (_plot, time) => (time === null ? '—' : clock(time)) },
      ...series.map(
        ({ label, colour: name }): uPlot.Series => ({
          label,
          stroke: colour(name),
          width: 2,
          points: { show: hasPoints, size: 6 },
          spanGaps: false,
          ...(stepped && { paths: stepped }),
          value: (_plot, value) => (value === null ? '—' : String(Math.round(value * 10) / 10)),
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

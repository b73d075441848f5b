import type uPlot from 'uplot';

/** An axis in the colours and letters of the place where it is drawn. */
export function plotAxis(element: HTMLElement): uPlot.Axis {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name);
  return {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1 },
    font: `12px ${style.fontFamily}`,
  };
}

export interface Series {
  readonly label: string;
  /** The name of a colour in the style sheet. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
}

/** Whether there is anything to draw: a line of zeros would only hide the others. */
export const hasValues = ({ values }: Series): boolean => values.some((value) => value !== null && value > 0);

/** Each series on top of those before it, with gaps where it adds nothing. */
export function stacked(series: readonly Series[]): (number | null)[][] {
  let below: readonly number[] = [];
  return series.map(({ values }) => {
    const tops = values.map((value, index) => (value ?? 0) + (below[index] ?? 0));
    below = tops;
    return tops.map((top, index) => ((values[index] ?? 0) > 0 ? top : null));
  });
}

export const sumOf = ({ values }: Series): number =>
  values.reduce<number>((total, value) => total + (value ?? 0), 0);

export const latestOf = ({ values }: Series): number | null =>
  values.findLast((value) => value !== null) ?? null;

import { expect, it } from 'vitest';
import { hasValues, latestOf, stacked, sumOf } from '../../../../../infra/local/console/page/plot-data.ts';

const series = (...values: (number | null)[]) => ({ label: '', colour: '', values });

it('draws nothing of a series that is zero throughout', () => {
  expect(hasValues(series(0, null, 0))).toBe(false);
  expect(hasValues(series(0, null, 1))).toBe(true);
});

it('sets each series on those before it, with a gap where it adds nothing', () => {
  expect(stacked([series(1, 0, 2), series(3, 4, 0), series(0, 1, 1)])).toEqual([
    [1, null, 2],
    [4, 4, null],
    [null, 5, 3],
  ]);
});

it('sums counts, and tells the latest of measures', () => {
  expect(sumOf(series(1, null, 2))).toBe(3);
  expect(latestOf(series(7, 5, null))).toBe(5);
  expect(latestOf(series(null))).toBeNull();
});

import type { Figure, Table } from '../figure.ts';

/** All that a run found, and on what. */
export interface Results {
  /** Of Node. */
  readonly node: string;
  /** The processor's model. */
  readonly cpu: string;
  readonly figures: readonly Figure[];
  readonly tables: readonly Table[];
}

/** Three significant digits, or all digits of a whole number. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString('en');
  return value.toLocaleString('en', { maximumSignificantDigits: 3, minimumSignificantDigits: 3 });
}

const boundSigns = { 'at most': '≤', 'at least': '≥', exactly: '=' } as const;

/** As `≤ 1.2 ×`. */
export function formatGoal({ goal, unit }: Pick<Figure, 'goal' | 'unit'>): string {
  return goal === null ? '' : `${boundSigns[goal.bound]} ${goal.limit.toLocaleString('en')} ${unit}`;
}

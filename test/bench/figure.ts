/** One row of the benchmark's table. Ratios are medians of pairs measured side by side in one run. */
export interface Figure {
  readonly part: 'cold start' | 'warm CPU' | 'requests' | 'bundle' | 'scale' | 'cost';
  /** What is measured. */
  readonly subject: string;
  /** What it is compared with; null for a plain count or size. */
  readonly against: string | null;
  /** A ratio is the subject's cost over the other's where its goal is `at most`, the other's over its own else. */
  readonly value: number;
  /** The quartiles, where the value is a median. */
  readonly spread: readonly [low: number, high: number] | null;
  readonly unit: '×' | 'ms' | 'µs' | 'KB' | 'requests' | 'write units' | 'items' | 'USD';
  readonly goal: Goal | null;
}

export interface Goal {
  readonly bound: 'at most' | 'at least' | 'exactly';
  readonly limit: number;
}

/** More than the figures say: what a bundle consists of, what a cost is made of. */
export interface Table {
  readonly title: string;
  /** One paragraph below the title: how to read it. */
  readonly note: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** What one part of the benchmark finds. */
export interface Findings {
  readonly figures: readonly Figure[];
  readonly tables?: readonly Table[];
}

/** Whether a figure reaches its goal. A figure without one has nothing to miss. */
export function meetsGoal({ value, goal }: Pick<Figure, 'value' | 'goal'>): boolean {
  if (goal === null) return true;
  if (goal.bound === 'exactly') return value === goal.limit;
  return goal.bound === 'at most' ? value <= goal.limit : value >= goal.limit;
}

/** One row of the benchmark's table. Ratios are medians of pairs measured side by side in one run. */
export interface Figure {
  readonly part: 'cold start' | 'warm CPU' | 'requests' | 'bundle' | 'scale' | 'cost';
  /** What is measured. */
  readonly subject: string;
  /** What it is compared with; null for a plain count or size. */
  readonly against: string | null;
  readonly value: number;
  /** The quartiles, where the value is a median. */
  readonly spread: readonly [low: number, high: number] | null;
  readonly unit: '×' | 'ms' | 'µs' | 'KB' | 'requests' | 'write units' | 'items' | 'USD';
  readonly goal: { readonly text: string; readonly met: boolean } | null;
}

import { parseBeijingTime } from '../beijing-time.ts';

type Form = (cell: string) => boolean;

/** Columns side by side, none of which is free text, and what a cell of each looks like. */
interface Stretch {
  readonly start: number;
  readonly forms: readonly Form[];
}

/** How a bill's rows are laid out, by the names in its header. */
export interface Columns {
  readonly size: number;
  readonly stretches: readonly Stretch[];
}

/** Whoever writes these may write the separator, and nothing is quoted. */
const FREE_TEXTS: ReadonlySet<string> = new Set(['商品名称', '门店名称', '对方账户', '券名称', '备注']);

const isTime: Form = (cell) => parseBeijingTime(cell) !== null;
const isYuan: Form = (cell) => /^-?\d{1,10}(?:\.\d{1,2})?$/.test(cell);
/** Numbers of shops, terminals and refunds are the merchant's own: they may look like anything but a time. */
const isNoTime: Form = (cell) => !isTime(cell);

function formOf(name: string): Form {
  if (name.endsWith('时间')) return isTime;
  return name.endsWith('（元）') ? isYuan : isNoTime;
}

export function columnsOf(names: readonly string[]): Columns {
  const free = names.flatMap((name, position) => (FREE_TEXTS.has(name) ? [position] : []));
  const starts = [0, ...free.map((position) => position + 1)];
  const stretches = starts.map((start, index) => ({
    start,
    forms: names.slice(start, free[index]).map(formOf),
  }));
  return { size: names.length, stretches };
}

/**
 * The cells of a row that has more of them than its header, by column, those of free texts left empty; null when it
 * cannot be told for certain what stands in the columns of `read`. The cells beyond the header's number are parts of
 * free texts, in one of many ways: those count by which each time and each sum stands in its column.
 */
export function alignCells(
  cells: readonly string[],
  { size, stretches }: Columns,
  read: readonly number[],
): string[] | null {
  const aligned = Array<string>(size).fill('');
  for (const { start, forms, shifts } of shiftStretches(cells, stretches, cells.length - size)) {
    const [first, ...others] = shifts;
    if (first === undefined) return null;
    for (const [index, cell] of cells.slice(start + first, start + first + forms.length).entries()) {
      const column = start + index;
      if (read.includes(column) && others.some((shift) => cells[column + shift] !== cell)) return null;
      aligned[column] = cell;
    }
  }
  return aligned;
}

interface ShiftedStretch extends Stretch {
  /** By how many cells it may have been moved by the free texts before it. */
  readonly shifts: readonly number[];
}

/**
 * The stretches with the ways in which they may have been moved; one of them has none where they do not go together. A
 * stretch is moved at least as far as the one before it, which is all that they have to do with each other: so the work
 * grows with the number of surplus cells, not with that of the ways to share them out.
 */
function shiftStretches(
  cells: readonly string[],
  stretches: readonly Stretch[],
  surplus: number,
): readonly ShiftedStretch[] {
  const fits = ({ start, forms }: Stretch, shift: number) =>
    // Stryker disable next-line StringLiteral: however far a stretch may be moved, there is a cell for each of its columns
    forms.every((form, index) => form(cells[start + shift + index] ?? ''));
  let least = 0;
  const upward = stretches.map((stretch, index) => {
    const from = index === stretches.length - 1 ? surplus : least;
    const shifts = rangeOf(from, index === 0 ? 0 : surplus).filter((shift) => fits(stretch, shift));
    least = shifts[0] ?? Number.POSITIVE_INFINITY;
    return { ...stretch, shifts };
  });
  let most = surplus;
  return upward
    .toReversed()
    .map((stretch) => {
      const shifts = stretch.shifts.filter((shift) => shift <= most);
      most = shifts.at(-1) ?? most;
      return { ...stretch, shifts };
    })
    .toReversed();
}

const rangeOf = (first: number, last: number): number[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);

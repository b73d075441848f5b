import type { ComponentChildren } from 'preact';

export interface Column<Row> {
  readonly key: string;
  readonly label: string;
  /** Amounts and counts end at the right. */
  readonly align?: 'end';
  readonly cell: (row: Row) => ComponentChildren;
}

interface DataTableProps<Row> {
  /** What the rows are, for who does not see them. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** Its rows are about to be replaced. */
  readonly busy?: boolean;
}

/** A table, each row of which is a card where the screen is narrow. The arrow keys go from row to row. */
export function DataTable<Row>({ label, columns, rows, rowKey, busy = false }: DataTableProps<Row>) {
  return (
    <table class="data" aria-label={label} aria-busy={busy} onKeyDown={moveBetweenRows}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.key} scope="col" class={column.align}>
              {column.label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={rowKey(row)}>
            {columns.map((column) => (
              <td key={column.key} class={column.align} data-label={column.label}>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

function moveBetweenRows(event: KeyboardEvent): void {
  const step = STEPS[event.key];
  const row = event.target instanceof Element ? event.target.closest('tr') : null;
  if (step === undefined || !row || (event.target as Element).matches('input, select, textarea')) return;
  const next = step > 0 ? row.nextElementSibling : row.previousElementSibling;
  const link = next?.querySelector<HTMLElement>('a, button');
  if (!link) return;
  event.preventDefault();
  link.focus();
}

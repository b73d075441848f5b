import { type Figure, meetsGoal, type Table } from '../figure.ts';
import { formatGoal, formatNumber, type Results } from './results.ts';

const reading =
  'Ratios are medians of pairs measured side by side in one run, in alternation, with their quartiles; sizes and ' +
  'counts depend on no clock. Where the goal is ≤, a ratio is what the subject costs over what it is compared ' +
  'with; where it is ≥, how many times less the subject costs.';

/** The results as a page of Markdown: one table of figures, then what the parts have to add. */
export function toMarkdown({ node, cpu, figures, tables }: Results): string {
  return [
    '# Benchmark',
    `Written by \`npm run bench\` on Node ${node}, ${cpu}. ${reading}`,
    table(
      ['part', 'measured', 'against', 'value', 'quartiles', 'goal', ''],
      figures.map((figure) => [
        figure.part,
        figure.subject,
        figure.against ?? '',
        `${formatNumber(figure.value)} ${figure.unit}`,
        figure.spread?.map(formatNumber).join(' – ') ?? '',
        formatGoal(figure),
        verdict(figure),
      ]),
    ),
    ...tables.map(section),
  ]
    .join('\n\n')
    .concat('\n');
}

function verdict(figure: Figure): string {
  if (figure.goal === null) return '';
  return meetsGoal(figure) ? '✓' : '✗';
}

function section({ title, note, columns, rows }: Table): string {
  const texts = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? formatNumber(cell) : cell)));
  return [`## ${title}`, note, table(columns, texts)].join('\n\n');
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}

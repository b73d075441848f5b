import { type Figure, meetsGoal } from '../figure.ts';
import { formatGoal, formatNumber, type Results } from './results.ts';

type Ratio = Figure & { readonly goal: NonNullable<Figure['goal']> };

const WIDTH = 920;
const LABELS = 480;
const VALUES = 150;
const ROW = 40;
const BAR = 16;
const HEADING = 40;
const MARGIN = 12;

/** Readable on a light page and on a dark one: an `img` follows the reader's own preference. */
const style = `
text{font:13px -apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:#1f2328}
.heading{font-weight:600}.muted{fill:#59636e;font-size:12px}
.met{fill:#2da44e}.missed{fill:#d1242f}
.spread{stroke:#1f2328;stroke-opacity:.55;stroke-width:1.5}
.goal{stroke:#9a6700;stroke-width:2}
@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.muted{fill:#9198a1}.met{fill:#3fb950}.missed{fill:#f85149}.spread{stroke:#f0f6fc}.goal{stroke:#d29922}}
`;

const headings = {
  'at most': 'Cost over what it is compared with: less is better',
  'at least': 'Times cheaper than what it is compared with: more is better',
} as const;

/** Every ratio that has a goal as a bar, with its quartiles and a mark where the goal is. */
export function toSvg({ figures, node, cpu }: Results): string {
  const ratios = figures.filter((figure): figure is Ratio => figure.unit === '×' && figure.goal !== null);
  let y = MARGIN;
  const parts: string[] = [];
  for (const bound of ['at most', 'at least'] as const) {
    const group = ratios.filter(({ goal }) => goal.bound === bound);
    if (group.length === 0) continue;
    parts.push(panel(headings[bound], group, y));
    y += HEADING + group.length * ROW;
  }
  const caption = `Median and quartiles; the upright mark is the goal. Node ${node}, ${cpu}`;
  parts.push(text(MARGIN, y + 22, caption, 'muted'));
  const height = y + 34;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Benchmark ratios and their goals"><style>${style}</style>${parts.join('')}</svg>\n`;
}

function panel(heading: string, ratios: readonly Ratio[], top: number): string {
  const scale = scaleOf(ratios);
  const rows = ratios.map((ratio, index) => row(ratio, top + HEADING + index * ROW, scale));
  return text(MARGIN, top + 28, heading, 'heading') + rows.join('');
}

/** From a ratio to an x, linear from zero, so that the lengths of bars compare as the ratios do. */
function scaleOf(ratios: readonly Ratio[]): (ratio: number) => number {
  const most = Math.max(
    ...ratios.flatMap(({ value, spread, goal }) => [value, spread?.[1] ?? 0, goal.limit]),
  );
  return (ratio) => LABELS + (ratio / most) * (WIDTH - LABELS - VALUES);
}

function row(ratio: Ratio, top: number, scale: (ratio: number) => number): string {
  const { part, subject, against, value, spread, goal } = ratio;
  const met = meetsGoal(ratio);
  const middle = top + ROW / 2;
  const line = (x1: number, x2: number, y1: number, y2: number, name: string) =>
    `<line x1="${round(x1)}" x2="${round(x2)}" y1="${y1}" y2="${y2}" class="${name}"/>`;
  return [
    text(MARGIN, middle - 2, `${part}: ${subject}`),
    text(MARGIN, middle + 13, `against ${against ?? ''}`, 'muted'),
    `<rect x="${LABELS}" y="${middle - BAR / 2}" width="${round(scale(value) - LABELS)}" height="${BAR}" rx="2" class="${met ? 'met' : 'missed'}"/>`,
    spread ? line(scale(spread[0]), scale(spread[1]), middle, middle, 'spread') : '',
    line(scale(goal.limit), scale(goal.limit), middle - BAR / 2 - 4, middle + BAR / 2 + 4, 'goal'),
    text(WIDTH - VALUES + 12, middle + 4, `${met ? '✓' : '✗'} ${formatNumber(value)} (${formatGoal(ratio)})`),
  ].join('');
}

function text(x: number, y: number, content: string, name = ''): string {
  return `<text x="${x}" y="${y}"${name && ` class="${name}"`}>${escapeText(content)}</text>`;
}

const round = (value: number) => Math.round(value * 10) / 10;
const escapeText = (content: string) =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

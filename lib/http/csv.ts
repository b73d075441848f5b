import { stringify } from 'csv-stringify/sync';
import { type Reply, type Success, success } from './reply.ts';

type Cell = string | number | null;

/** How a page of a list becomes rows, with a column for each of these fields. */
export interface CsvTable<Page> {
  readonly columns: readonly string[];
  readonly rows: (page: Page) => readonly (readonly Cell[])[];
}

export const csvTable = <Page, Name extends string>(
  columns: readonly Name[],
  itemsOf: (page: Page) => readonly Readonly<Record<Name, Cell>>[],
): CsvTable<Page> => ({
  columns,
  rows: (page) => itemsOf(page).map((item) => columns.map((name) => item[name])),
});

/** A page of a list. Where it has none, all of the list is on it. */
interface ListPage {
  readonly [name: string]: unknown;
  readonly cursor?: string | null;
}

type Headers = Readonly<Record<string, string | undefined>>;

/** A page of a list as JSON, or as CSV where the client prefers that; then its cursor is in the header `settle-cursor`. */
export function listReply<Page extends ListPage>(
  { accept }: Headers,
  page: Page,
  table: CsvTable<Page>,
): Success | Reply {
  if (!prefersCsv(accept)) return success(page);
  return {
    statusCode: 200,
    headers: {
      'content-type': 'text/csv; charset=utf-8; header=present',
      ...(page.cursor && { 'settle-cursor': page.cursor }),
    },
    body: toCsv(table, page),
  };
}

/** A minus before a plain number is no formula. */
const NEGATIVE = /^-[0-9]+(?:\.[0-9]+)?$/;

/** With a byte order mark, or Excel takes it for another encoding; a text that Excel would calculate is made a text. */
const toCsv = <Page>({ columns, rows }: CsvTable<Page>, page: Page): string =>
  stringify([...rows(page)], {
    bom: true,
    cast: { string: (value) => (NEGATIVE.test(value) ? { value, escape_formulas: false } : value) },
    columns: [...columns],
    escape_formulas: true,
    header: true,
    record_delimiter: 'windows',
  });

/** `text/csv;q=0.8` (RFC 9110, 12.5.1): a media range with what may follow, and how much it is wanted. */
const RANGE = /^([!#$%&'*+.^_`|~\w-]+\/[!#$%&'*+.^_`|~\w-]+)[ \t]*(?:;(.*))?$/;
const QUALITY = /(?:^|;)[ \t]*q=([01](?:\.[0-9]{0,3})?)/i;

/** Whether CSV is wanted more than JSON: as much, where CSV is named and JSON is only among all that is taken. */
function prefersCsv(accept = ''): boolean {
  const ranges = accept.split(',').flatMap((text) => {
    const [, range, parameters = ''] = RANGE.exec(text.trim()) ?? [];
    const [, quality = '1'] = QUALITY.exec(parameters) ?? [];
    return range === undefined ? [] : [{ range: range.toLowerCase(), quality: Number(quality) }];
  });
  const wish = (type: string) => {
    const names = [type, `${type.split('/')[0]}/*`, '*/*'];
    const [best] = names.flatMap((name, rank) => {
      const found = ranges.find(({ range }) => range === name);
      return found ? [{ quality: found.quality, isNamed: rank === 0 }] : [];
    });
    return best ?? { quality: 0, isNamed: false };
  };
  const csv = wish('text/csv');
  const json = wish('application/json');
  if (csv.quality !== json.quality) return csv.quality > json.quality;
  return csv.quality > 0 && csv.isNamed && !json.isNamed;
}

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { logFields } from '../../support/log-fields.ts';
import { anchorOf } from '../../support/markdown.ts';
import { runbookSections } from './runbook-sections.ts';

/** What a query of CloudWatch Logs Insights may say besides the fields of our own lines. */
const otherWords: ReadonlySet<string> = new Set([
  ...['fields', 'filter', 'stats', 'sort', 'by', 'desc', 'as', 'in', 'and', 'or', 'like', 'ispresent'],
  ...['count', 'latest', 'earliest', 'max', 'pct', 'bin'],
  ...['@timestamp', '@message', '@log'],
  // Of the API's access log.
  ...['route', 'function_status', 'function_error'],
  // Of Lambda's own lines.
  ...[
    'type',
    'record.status',
    'errorType',
    'errorMessage',
    'message.errorType',
    'message.errorMessage',
    'requestId',
  ],
]);

describe('the runbook', () => {
  const text = readFileSync(new URL('../../../docs/runbook.md', import.meta.url), 'utf8');

  it('leads to sections that are there', () => {
    const chapters = ['Alarms', 'Rotating keys', 'Restoring the table'];
    const anchors = new Set(
      chapters.flatMap((chapter) => [
        anchorOf(chapter),
        ...runbookSections(chapter).map(({ anchor }) => anchor),
      ]),
    );
    const links = Array.from(text.matchAll(/\]\(#([^)]+)\)/g), ([, anchor]) => anchor ?? '');
    expect(links.filter((anchor) => !anchors.has(anchor))).toEqual([]);
  });

  const blocks = Array.from(text.matchAll(/^```(\w*)\n(.*?)^```$/gms), ([, language, code = '']) => ({
    language,
    code,
  }));
  const queries = blocks.filter(({ language }) => language === '').map(({ code }) => code);

  it('has queries', () => expect(queries.length).toBeGreaterThan(10));

  it.each(queries)('asks the log for what it holds: %s', (query) => {
    const aliases = Array.from(query.matchAll(/ as (\w+)/g), ([, alias = '']) => alias);
    const words = query.replaceAll(/"[^"]*"|\/[^/]*\/|\b\d\w*/g, '').match(/@?[a-zA-Z_][\w.]*/g) ?? [];
    const unknown = words.filter((word) => {
      const name = word.replace(/\.\d*$/, '');
      return !logFields.has(name) && !otherWords.has(word) && !aliases.includes(word);
    });
    expect(unknown).toEqual([]);
  });
});

import { readFileSync } from 'node:fs';
import { anchorOf } from '../../support/markdown.ts';

export interface RunbookSection {
  readonly anchor: string;
  readonly text: string;
}

const runbook = readFileSync(new URL('../../../docs/runbook.md', import.meta.url), 'utf8');

/** The sections of a chapter of the runbook, by the anchors that GitHub makes of their headings. */
export function runbookSections(chapter: string): readonly RunbookSection[] {
  const found = runbook.split(/^## /m).find((part) => part.startsWith(`${chapter}\n`)) ?? '';
  return found
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const [heading = '', ...lines] = section.split('\n');
      return { anchor: anchorOf(heading), text: lines.join('\n').trim() };
    });
}

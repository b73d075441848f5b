import { describe, expect, it } from 'vitest';
import { createProgress } from '../../../../infra/operate/reconcile/progress.ts';

function written(isTTY: boolean): string {
  let text = '';
  const progress = createProgress({ isTTY, write: (part: string) => (text += part) });
  for (let done = 0; done <= 200_000; done += 100) if (done > 0) progress.show(done, 'rows', done / 400_000);
  progress.clear();
  return text;
}

describe('createProgress', () => {
  it('writes a line now and then into a log', () => {
    expect(written(false)).toBe('100000 rows compared\n200000 rows compared\n');
  });

  it('keeps one bar on a terminal, and takes it away', () => {
    const text = written(true);
    const bar = (filled: number) => `[${'#'.repeat(filled)}${'.'.repeat(30 - filled)}]`;
    expect(text.startsWith(`${bar(0)} 0% 1000 rows compared\r\x1b[K${bar(0)} 1% 2000 rows compared`)).toBe(
      true,
    );
    expect(text.endsWith(`${bar(15)} 50% 200000 rows compared\r\x1b[K`)).toBe(true);
    expect(text).not.toContain('\n');
  });
});

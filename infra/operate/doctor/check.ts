/**
 * `warning` is for somebody to judge or to come, `fault` keeps payments or people from something now, and `unknown`
 * could not be found out.
 */
export type Level = 'ok' | 'warning' | 'fault' | 'unknown';

/** What a check found; where something is wrong, the text says what to do. */
export interface Result {
  readonly level: Level;
  /** What was looked at. */
  readonly check: string;
  readonly text: string;
}

export const ok = (check: string, text: string): Result => ({ level: 'ok', check, text });
export const warning = (check: string, text: string): Result => ({ level: 'warning', check, text });
export const fault = (check: string, text: string): Result => ({ level: 'fault', check, text });
export const unknown = (check: string, text: string): Result => ({ level: 'unknown', check, text });

/** What cannot be read is a warning where it should be readable: a permission that is missing, or AWS in trouble. */
export function unreadable(check: string, error: unknown): Result {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (name === 'UnknownOperationException') {
    return unknown(check, 'could not be found out: what answers in place of AWS does not say');
  }
  return warning(check, `could not be found out: ${name}: ${message}`);
}

export function formatResult({ level, check, text }: Result): string {
  return `${level.padEnd(8)} ${check}: ${text}`;
}

export function summarize(results: readonly Result[]): string {
  const count = (level: Level) => results.filter((result) => result.level === level).length;
  const unknowns = count('unknown');
  return [
    `${results.length} checks: ${count('ok')} ok`,
    plural(count('warning'), 'warning'),
    plural(count('fault'), 'fault'),
    ...(unknowns > 0 ? [`${unknowns} could not be found out`] : []),
  ].join(', ');
}

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/** 0 when nothing is wrong, 1 for warnings only, 2 for a fault. */
export function exitCodeOf(results: readonly Result[]): 0 | 1 | 2 {
  if (results.some(({ level }) => level === 'fault')) return 2;
  return results.some(({ level }) => level === 'warning') ? 1 : 0;
}

import type { ExceptionRecord } from '../orders/exception.ts';
import { exceptionKinds } from '../orders/kinds.ts';
import { isOverdue } from '../orders/overdue.ts';
import { LONGEST_RECONCILIATION_MS } from '../orders/schedule.ts';
import { providerFacts } from '../providers/facts.ts';
import { type DayResult, isFinished } from '../reconciliation/day-result.ts';
import { differenceKinds } from '../reconciliation/difference.ts';
import { beijingTime, code, exceptionLabels, line } from './message.ts';

/** What the group is told once a day: what is still to be seen to, and whether the books agree. */
export interface Digest {
  readonly exceptions: readonly ExceptionRecord[];
  /** There are more. */
  readonly isCut: boolean;
  /** Days that were reconciled since the last digest. */
  readonly reconciled: readonly DayResult[];
  /** Days that were begun and are not finished. */
  readonly unfinished: readonly DayResult[];
}

export interface DigestCounts {
  readonly overdue: number;
  readonly differing: number;
  readonly late: number;
}

/** Milliseconds since 1970. */
export const countDigest = ({ exceptions, reconciled, unfinished }: Digest, now: number): DigestCounts => ({
  overdue: exceptions.filter((exception) => isOverdue(exception, now)).length,
  differing: reconciled.filter(({ state }) => state === 'differs').length,
  late: unfinished.filter((day) => now - Date.parse(day.started_at) > LONGEST_RECONCILIATION_MS).length,
});

/** Of the days of the last while, those that a digest is about. `since` in milliseconds; null for the first digest. */
export const daysOfDigest = (
  days: readonly DayResult[],
  since: number | null,
): Pick<Digest, 'reconciled' | 'unfinished'> => ({
  reconciled: days.filter(
    ({ finished_at }) => finished_at !== null && Date.parse(finished_at) > (since ?? 0),
  ),
  unfinished: days.filter((day) => !isFinished(day)),
});

/** So many of a kind have a line of their own: a message of the robot holds 4096 bytes. */
const MOST_LINES = 5;

/** The message; null when there is nothing to say. */
export function renderDigest(digest: Digest, now: number): string | null {
  const { exceptions, reconciled, unfinished } = digest;
  if (exceptions.length + reconciled.length + unfinished.length === 0) return null;
  return ['**每日摘要**', ...exceptionLines(digest, now), ...dayLines(digest)].join('\n');
}

function exceptionLines({ exceptions, isCut }: Digest, now: number): readonly string[] {
  if (exceptions.length === 0) return ['> 没有未结的异常'];
  const kinds = exceptionKinds.flatMap((kind) => {
    const ofKind = exceptions.filter((exception) => exception.kind === kind);
    const [oldest] = ofKind.map(({ recorded_at }) => recorded_at).sort();
    if (oldest === undefined) return [];
    return `> ${exceptionLabels[kind]} ${ofKind.length} 笔，最早 ${age(oldest, now)}`;
  });
  const count = `${exceptions.length}${isCut ? ' 以上' : ''}`;
  return [`**<font color="warning">未结异常</font>** ${count} 笔`, ...kinds, ...disputeLines(exceptions)];
}

function age(time: string, now: number): string {
  const hours = Math.floor((now - Date.parse(time)) / 3_600_000);
  return hours < 24 ? `${hours} 小时前` : `${Math.floor(hours / 24)} 天前`;
}

/** Those of which the time for evidence ends, the soonest first. */
function disputeLines(exceptions: readonly ExceptionRecord[]): readonly string[] {
  const disputes = exceptions
    .flatMap(({ kind, due_by, ...rest }) =>
      kind === 'disputed' && due_by !== null ? { ...rest, due_by } : [],
    )
    .sort((one, other) => Date.parse(one.due_by) - Date.parse(other.due_by));
  return listed(disputes, ({ order_no, due_by }) =>
    line([order_no !== null && code(order_no), `争议须在 ${beijingTime(due_by)} 前举证`]),
  );
}

function dayLines({ reconciled, unfinished }: Digest): readonly string[] {
  const differing = reconciled.filter(({ state }) => state === 'differs');
  if (differing.length + unfinished.length === 0) {
    return reconciled.length === 0 ? [] : [`**对账** ${reconciled.length} 天，全部一致`];
  }
  const agreed = reconciled.length - differing.length;
  return [
    `**<font color="warning">对账</font>** ${agreed} 天一致，${differing.length} 天不符，${unfinished.length} 天未完成`,
    ...listed(differing, (day) => line([nameOf(day), differencesOf(day)])),
    ...listed(unfinished, (day) => line([nameOf(day), day.state === 'late' ? '账单未出' : '对账未完成'])),
  ];
}

const nameOf = ({ provider, merchant, day }: DayResult): string =>
  `${providerFacts[provider].label} ${code(merchant)} ${day}`;

const differencesOf = ({ differences }: DayResult): string =>
  differenceKinds
    .filter((kind) => differences[kind] > 0)
    .map((kind) => `${exceptionLabels[kind]} ${differences[kind]}`)
    .join('、');

function listed<T>(items: readonly T[], show: (item: T) => string): readonly string[] {
  const rest = items.length - MOST_LINES;
  return [...items.slice(0, MOST_LINES).map(show), ...(rest > 0 ? [`> 另有 ${rest} 项`] : [])];
}

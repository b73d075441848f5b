import type { Text } from './text.ts';

const TIME = new Intl.DateTimeFormat('sv-SE', { timeStyle: 'medium' });
const DATE = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short' });

/** The time of day, with the day where it is not today. */
export function formatTime(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return '';
  const day = DATE.format(time);
  return day === DATE.format(new Date()) ? TIME.format(time) : `${day} ${TIME.format(time)}`;
}

/** Whose inbox it is: `stage`, or `tenants/<id>`. */
export const receiverName = (receiver: string, text: Text): string =>
  receiver === 'stage' ? text('stage') : `${text('tenant')} ${receiver.split('/')[1]}`;

/** Answers to callbacks, each once, with how often it came: `100 × 200 SUCCESS`. */
export function tally(
  answers: readonly { status: number | null; body: string }[],
  unanswered: string,
): string {
  const counts = new Map<string, number>();
  for (const { status, body } of answers) {
    const answer = status === null ? unanswered : `${status} ${word(body)}`.trim();
    counts.set(answer, (counts.get(answer) ?? 0) + 1);
  }
  return [...counts].map(([answer, count]) => (count === 1 ? answer : `${count} × ${answer}`)).join(', ');
}

function word(body: string): string {
  try {
    const { data, code, msg, message } = JSON.parse(body);
    return String(data?.status ?? (code === 'SUCCESS' ? code : (message ?? msg ?? code)));
  } catch {
    return body.slice(0, 40);
  }
}

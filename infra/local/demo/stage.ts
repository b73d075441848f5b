import type { Provider } from '../../../lib/orders/kinds.ts';
import type { Tokens } from '../tokens.ts';
import type { CallbackAnswer, Client } from './client.ts';
import type { Report } from './report.ts';

/** What the parts of the demonstration share. */
export interface Stage {
  readonly client: Client;
  /** Of the console and the simulators. */
  readonly consoleUrl: string;
  readonly tokens: Tokens;
  readonly report: Report;
  /** Positive, and another one every time: what is kept of an earlier run is left alone. */
  readonly newId: () => number;
  /** Nobody else's, so that its account holds what is done here alone. */
  readonly tenantId: number;
  /** ISO 8601. */
  readonly startedAt: string;
  /** The orders that are to be announced. */
  readonly paid: string[];
}

/** A callback's answer without what differs from order to order. */
export function summary({ status, body }: CallbackAnswer): string {
  if (!body.startsWith('{')) return `${status} ${body}`;
  const { code, data } = JSON.parse(body);
  return data === null ? `${status}` : `${status} ${data?.status ?? code}`;
}

/** The answers' summaries, each once, with how often it came. */
export function tally(answers: readonly CallbackAnswer[]): string {
  const counts = new Map<string, number>();
  for (const answer of answers.map(summary)) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  return [...counts].map(([answer, count]) => `${count} × ${answer}`).join(', ');
}

/** How each provider is told that its message was stored, and that it was refused. */
export const acknowledged: Readonly<Record<Provider, string>> = {
  wechat: '200 SUCCESS',
  alipay: '200 success',
  stripe: '200 paid',
};

export const refused: Readonly<Record<Provider, (status: number) => string>> = {
  wechat: (status) => `${status} FAIL`,
  alipay: (status) => `${status} failure`,
  stripe: (status) => `${status}`,
};

import { accessSync, constants } from 'node:fs';
import { isOneOf, type Provider, providers } from '../../../lib/orders/kinds.ts';
import { type Day, providerDay } from '../../../lib/reconciliation/day.ts';
import type { Stage } from '../../stages.ts';
import { readOptions } from '../command/read-options.ts';
import { readStageOption } from '../command/stage-option.ts';
import { UsageError } from '../command/usage-error.ts';

export const usage = `npm run reconcile -- --provider ${providers.join('|')} --date YYYY-MM-DD [--file <bill>] [--stage dev]`;

const options = {
  provider: { type: 'string' },
  date: { type: 'string' },
  file: { type: 'string' },
  stage: { type: 'string', default: 'dev' },
} as const;

export interface Arguments {
  readonly provider: Provider;
  readonly date: string;
  readonly day: Day;
  /** A bill that was downloaded before; null when it is to be downloaded. */
  readonly file: string | null;
  readonly stage: Stage;
}

/** @throws UsageError */
export function readArguments(words: readonly string[], now: number): Arguments {
  const { provider, date, file, stage } = readOptions(words, options);
  if (provider === undefined || !isOneOf(providers, provider)) {
    throw new UsageError(`--provider must be one of ${providers.join(', ')}`);
  }
  if (date === undefined || !isDate(date)) throw new UsageError('--date must be a day, as YYYY-MM-DD');
  const day = providerDay(provider, date);
  if (day.start > now) throw new UsageError(`--date ${date} has not begun where ${provider} keeps its books`);
  if (file !== undefined) checkFile(provider, file);
  return { provider, date, day, file: file ?? null, stage: readStageOption(stage) };
}

/** Date.parse takes 30 February for 1 March. */
function isDate(text: string): boolean {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

/** Whether a provider's bill is a file. */
const hasBillFile: Readonly<Record<Provider, boolean>> = { wechat: true, alipay: true, stripe: false };

function checkFile(provider: Provider, file: string): void {
  if (!hasBillFile[provider]) throw new UsageError(`--file: ${provider} has no bill file, leave it out`);
  try {
    accessSync(file, constants.R_OK);
  } catch {
    throw new UsageError(`--file ${file} cannot be read`);
  }
}

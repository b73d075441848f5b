import { isOneOf, type Provider, providers } from '../orders/kinds.ts';
import { isMerchantName, type MerchantName } from '../orders/ledger.ts';
import type { BillFacts } from '../orders/provider-gateway.ts';
import { daysWithBill, isDate } from './day.ts';
import { type DayResult, isFinished, type MerchantDay } from './day-result.ts';

/** A day is tried again for so long; what is not reconciled by then is reconciled by hand. */
export const DAYS_BACK = 7;

/** As many as `readDays` takes. */
const DAYS_PER_READ = 100;

export interface StartPorts {
  /** Who is or was paid at a provider, by name. */
  readonly listMerchants: (provider: Provider) => Promise<readonly string[]>;
  /** At most 100, in the order of the days. */
  readonly readDays: (days: readonly MerchantDay[]) => Promise<readonly (DayResult | undefined)[]>;
  readonly send: (day: MerchantDay) => Promise<void>;
  readonly onFailure: (provider: Provider, error: unknown) => void;
  readonly now: () => number;
}

/**
 * Asks for every day of each merchant whose bill should be there and that has no result. One that is asked for twice is
 * reconciled once. A provider that fails does not hold up the others.
 * @returns how many days were asked for
 * @throws the first failure, once the others have been seen to
 */
export async function startDays(
  { listMerchants, readDays, send, onFailure, now }: StartPorts,
  timesOf: Readonly<Record<Provider, BillFacts>>,
): Promise<number> {
  let started = 0;
  const failures: unknown[] = [];
  for (const provider of providers) {
    try {
      const dates = daysWithBill(timesOf[provider], now(), DAYS_BACK);
      const merchants = await listMerchants(provider);
      const days = merchants.flatMap((merchant) => dates.map((day) => ({ provider, merchant, day })));
      for (let first = 0; first < days.length; first += DAYS_PER_READ) {
        const some = days.slice(first, first + DAYS_PER_READ);
        const results = await readDays(some);
        for (const [index, day] of some.entries()) {
          const result = results[index];
          if (result && isFinished(result)) continue;
          await send(day);
          started += 1;
        }
      }
    } catch (error) {
      failures.push(error);
      onFailure(provider, error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return started;
}

/** What a message of the queue asks for; null when it is none of ours. */
export function parseDayMessage(text: string): MerchantDay | null {
  const { provider, merchant, day } = parseFields(text);
  const isDay =
    typeof provider === 'string' &&
    isOneOf(providers, provider) &&
    typeof merchant === 'string' &&
    isMerchantName(merchant) &&
    typeof day === 'string' &&
    isDate(day);
  return isDay ? { provider, merchant, day } : null;
}

function parseFields(text: string): Partial<Record<keyof MerchantName | 'day', unknown>> {
  try {
    const fields: unknown = JSON.parse(text);
    return typeof fields === 'object' && fields !== null ? fields : {};
  } catch {
    return {};
  }
}

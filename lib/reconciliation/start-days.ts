import { isOneOf, type Provider, providers } from '../orders/kinds.ts';
import type { MerchantName } from '../orders/ledger.ts';
import type { BillTimes } from '../orders/provider-gateway.ts';
import { daysWithBill, isDate } from './day.ts';
import { type DayResult, isFinished, type MerchantDay } from './day-result.ts';

/** A day is tried again for so long; what is not reconciled by then is reconciled by hand. */
export const DAYS_BACK = 7;

export interface StartPorts {
  /** Who is paid at a provider; null where it has no document. */
  readonly findMerchant: (provider: Provider) => Promise<string | null>;
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
  { findMerchant, readDays, send, onFailure, now }: StartPorts,
  timesOf: Readonly<Record<Provider, BillTimes>>,
): Promise<number> {
  let started = 0;
  const failures: unknown[] = [];
  for (const provider of providers) {
    try {
      const merchant = await findMerchant(provider);
      if (merchant === null) continue;
      const days = daysWithBill(timesOf[provider], now(), DAYS_BACK).map((day) => ({
        provider,
        merchant,
        day,
      }));
      const results = await readDays(days);
      for (const [index, day] of days.entries()) {
        const result = results[index];
        if (result && isFinished(result)) continue;
        await send(day);
        started += 1;
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
    MERCHANT.test(merchant) &&
    typeof day === 'string' &&
    isDate(day);
  return isDay ? { provider, merchant, day } : null;
}

const MERCHANT = /^[0-9A-Za-z_.-]{1,130}$/;

function parseFields(text: string): Partial<Record<keyof MerchantName | 'day', unknown>> {
  try {
    const fields: unknown = JSON.parse(text);
    return typeof fields === 'object' && fields !== null ? fields : {};
  } catch {
    return {};
  }
}

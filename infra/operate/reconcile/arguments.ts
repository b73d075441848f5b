import { accessSync, constants } from 'node:fs';
import { isOneOf, type Provider, providers } from '../../../lib/orders/kinds.ts';
import { isMerchantName } from '../../../lib/orders/ledger.ts';
import { billFacts } from '../../../lib/providers/facts.ts';
import { isDate, providerDay } from '../../../lib/reconciliation/day.ts';
import { type Command, type CommandOptions, type OptionValues, UsageError } from '../../command/command.ts';
import type { Stage } from '../../stages.ts';
import { readStageOption, readTenantOption, stageOption, tenantOption } from '../stage.ts';

const options = {
  provider: {
    type: 'string',
    value: providers.join('|'),
    description: 'whose bill it is; needed',
  },
  date: {
    type: 'string',
    value: 'YYYY-MM-DD',
    description: "the day, by the provider's calendar; needed",
  },
  tenant: { ...tenantOption, description: "of this tenant's own merchant, in place of the stage's" },
  merchant: {
    type: 'string',
    value: '<name>',
    description: 'of this merchant, such as one of before',
  },
  file: {
    type: 'string',
    value: '<bill>',
    description: "a bill that was downloaded: WeChat Pay's CSV, Alipay's CSV or zip",
  },
  'dry-run': {
    type: 'boolean',
    default: false,
    description: 'only compares: nothing is settled, recorded or booked',
  },
  stage: stageOption,
} as const satisfies CommandOptions;

export const command: Command<typeof options> = {
  name: 'reconcile',
  summary:
    "Reconciles a provider's bill of a day with the books: settles what they do not have, and records what differs.",
  options,
  variables: { TABLE_NAME: "the table, where it is not the stage's" },
  exitCodes: { 0: 'all agrees', 1: 'something differs', 2: 'it could not be found out' },
  example: '-- --stage prod --provider wechat --date 2026-11-21',
};

export interface Arguments {
  readonly provider: Provider;
  readonly date: string;
  /** Whose bill it is: a tenant's own merchant; null for another's. */
  readonly tenant_id: number | null;
  /** The merchant of this name; null for the current one. */
  readonly merchant: string | null;
  /** A bill that was downloaded before; null when it is to be downloaded. */
  readonly file: string | null;
  readonly stage: Stage;
  /** Nothing is written. */
  readonly isDryRun: boolean;
}

/** @throws UsageError */
export function readArguments(
  { provider, date, tenant, merchant, file, stage, 'dry-run': isDryRun }: OptionValues<typeof options>,
  now: number,
): Arguments {
  if (provider === undefined || !isOneOf(providers, provider)) {
    throw new UsageError(`--provider must be one of ${providers.join(', ')}`);
  }
  if (date === undefined || !isDate(date)) throw new UsageError('--date must be a day, as YYYY-MM-DD');
  if (providerDay(billFacts[provider], date).start > now)
    throw new UsageError(`--date ${date} has not begun where ${provider} keeps its books`);
  if (file !== undefined) checkFile(provider, file);
  const tenant_id = readTenantOption(tenant);
  if (merchant !== undefined && tenant_id !== null)
    throw new UsageError('--merchant stands without --tenant');
  if (merchant !== undefined && !isMerchantName(merchant)) {
    throw new UsageError('--merchant must be the name of a merchant, as the ledger has it');
  }
  return {
    provider,
    date,
    tenant_id,
    merchant: merchant ?? null,
    file: file ?? null,
    stage: readStageOption(stage),
    isDryRun,
  };
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

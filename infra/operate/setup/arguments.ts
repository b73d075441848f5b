import { type PaidTo, payees } from '../../../lib/config/tenant-document.ts';
import { isOneOf, type Provider, providers } from '../../../lib/orders/kinds.ts';
import { isMerchantName } from '../../../lib/orders/ledger.ts';
import { type Command, type CommandOptions, type OptionValues, UsageError } from '../../command/command.ts';
import { type DocumentName, documentNames } from '../../endpoints.ts';
import type { Stage } from '../../stages.ts';
import { tenantPartNames } from '../documents/held-merchant.ts';
import { readStageOption, readTenantOption, stageOption, tenantOption } from '../stage.ts';
import { checkFolder } from './document-file.ts';

/** What a stage can be without. */
const optionalNames = documentNames.filter((name) => name !== 'auth');

const options = {
  stage: { ...stageOption, description: 'the stage' },
  tenant: { ...tenantOption, description: 'what this tenant has of its own, in place of what the stage has' },
  'paid-to': {
    type: 'string',
    value: payees.join('|'),
    description: "whom the tenant is paid to: merchants of its own, or the stage's; asked without it",
  },
  from: {
    type: 'string',
    value: '<folder>',
    description: `reads ${documentNames[0]}.json and so on from there in place of asking`,
  },
  only: {
    type: 'string',
    multiple: true,
    value: documentNames.join('|'),
    description: 'adds or replaces this document alone',
  },
  drop: {
    type: 'string',
    multiple: true,
    value: '<name>',
    description: `does without it: ${optionalNames.join(', ')}, <provider>/<merchant> for a merchant of before, or all that a tenant has`,
  },
  yes: {
    type: 'boolean',
    default: false,
    description: 'account, region and what is to be done are right; needed where nobody can be asked',
  },
} as const satisfies CommandOptions;

export const command: Command<typeof options> = {
  name: 'setup',
  summary:
    "Asks for a stage's or a tenant's documents, checks and stores them, and says what to enter at each provider.",
  options,
  variables: { TABLE_NAME: "the table that tenants are registered in, where it is not the stage's" },
  exitCodes: {
    0: 'all is stored',
    1: 'something is not good, and nothing was stored',
    2: 'nothing could be done, or not all of it: run it again',
  },
  example: '-- --stage dev --only stripe',
};

/** A merchant of before, as `--drop` names it. */
export interface FormerMerchant {
  readonly provider: Provider;
  readonly merchant: string;
}

export interface Dropped {
  /** Documents, or parts of a tenant's. */
  readonly names: readonly DocumentName[];
  readonly merchants: readonly FormerMerchant[];
  /** All that the tenant has. */
  readonly all: boolean;
}

export interface Arguments {
  readonly stage: Stage;
  /** Null for what is the stage's. */
  readonly tenant_id: number | null;
  /** Null where it is not said. */
  readonly paidTo: PaidTo | null;
  /** Holds `auth.json` and so on; null to ask for what is missing. */
  readonly folder: string | null;
  /** The documents to be replaced even if good ones are stored; none for all that there are. */
  readonly only: readonly DocumentName[];
  /** Null where nothing is to be dropped. */
  readonly drop: Dropped | null;
  readonly isConfirmed: boolean;
}

/** @throws UsageError */
export function readArguments(values: OptionValues<typeof options>): Arguments {
  const stage = readStageOption(values.stage);
  if (stage.name === 'local') {
    throw new UsageError('--stage local: npm start makes the documents of the local system itself');
  }
  const tenant_id = readTenantOption(values.tenant);
  const only = (values.only ?? []).map((name) => readName(name, tenant_id));
  const drop = readDrop(values.drop ?? [], tenant_id);
  const { 'paid-to': paidTo, from } = values;
  if (drop && (only.length > 0 || from !== undefined)) {
    throw new UsageError('--drop stands without --only and --from');
  }
  if (paidTo !== undefined && !isOneOf(payees, paidTo)) {
    throw new UsageError(`--paid-to must be one of ${payees.join(', ')}`);
  }
  if (paidTo !== undefined && tenant_id === null) throw new UsageError('--paid-to is of a tenant: --tenant');
  // A tenant is not to be paid to somebody else for want of a word.
  if (drop?.all && paidTo !== 'stage') {
    throw new UsageError("--drop all leaves the tenant to the stage's merchants: say --paid-to stage, too");
  }
  if (from !== undefined) checkFolder(from, only.length > 0 ? only : namesFor(tenant_id));
  return {
    stage,
    tenant_id,
    paidTo: paidTo ?? null,
    folder: from ?? null,
    only,
    drop,
    isConfirmed: values.yes,
  };
}

/** The documents that a stage, or a tenant, can have. */
export const namesFor = (tenant_id: number | null): readonly DocumentName[] =>
  tenant_id === null ? documentNames : tenantPartNames;

function readName(name: string, tenant_id: number | null): DocumentName {
  const names = namesFor(tenant_id);
  if (!isOneOf(names, name)) throw new UsageError(`--only must be one of ${names.join(', ')}`);
  return name;
}

function readDrop(words: readonly string[], tenant_id: number | null): Dropped | null {
  if (words.length === 0) return null;
  const droppable = namesFor(tenant_id).filter((name) => name !== 'auth');
  const merchants: FormerMerchant[] = [];
  const names: DocumentName[] = [];
  for (const word of words.filter((one) => one !== 'all' || tenant_id === null)) {
    const [provider = '', merchant] = word.split(/\/(.*)/s);
    if (merchant !== undefined && isOneOf(providers, provider) && isMerchantName(merchant)) {
      merchants.push({ provider, merchant });
    } else if (isOneOf(droppable, word)) names.push(word);
    else {
      const choices = [...droppable, '<provider>/<merchant>', ...(tenant_id === null ? [] : ['all'])];
      throw new UsageError(`--drop must be one of ${choices.join(', ')}`);
    }
  }
  return { names, merchants, all: tenant_id !== null && words.includes('all') };
}

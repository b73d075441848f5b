import { type Command, type CommandOptions, type OptionValues, UsageError } from '../../command/command.ts';
import type { Stage } from '../../stages.ts';
import { readStageOption, readTenantOption, stageOption, tenantOption } from '../stage.ts';

const options = {
  stage: stageOption,
  tenant: { ...tenantOption, description: 'tells all of this tenant, and nothing of the others' },
  url: {
    type: 'string',
    value: '<address>',
    description: 'where the API is; as PUBLIC_URL or the stack says without it',
  },
  table: {
    type: 'string',
    value: '<name>',
    description: 'the table; as TABLE_NAME or the stack says without it',
  },
  queue: {
    type: 'string',
    value: '<address>',
    description: 'the queue of days to reconcile; as QUEUE_URL or the stack says without it',
  },
} as const satisfies CommandOptions;

export const command: Command<typeof options> = {
  name: 'doctor',
  summary: 'Looks at a stage from outside, says what is wrong with it, and changes nothing.',
  options,
  variables: {
    PUBLIC_URL: 'as --url',
    TABLE_NAME: 'as --table',
    QUEUE_URL: 'as --queue',
    EVENT_BUS_NAME: 'the bus of events; as the stack of webhooks says without it',
    WEBHOOK_QUEUE_URL: 'the queue of deliveries, alike',
    FAILED_BATCHES_URL: 'the queue of events that were given up, alike',
    DELIVERIES_TABLE: 'the table of deliveries, alike',
  },
  exitCodes: {
    0: 'nothing is wrong',
    1: 'there are warnings',
    2: 'there is a fault, or it could not look',
  },
  example: '-- --stage prod',
};

export interface Arguments {
  readonly stage: Stage;
  /** Null for all tenants. */
  readonly tenant_id: number | null;
  /** Where the API is, without a slash at its end; null to ask the stack. */
  readonly url: string | null;
  /** Null to ask the stack. */
  readonly table: string | null;
  /** Null to ask the stack. */
  readonly queue: string | null;
}

/** @throws UsageError */
export function readArguments(
  { stage, tenant, url, table, queue }: OptionValues<typeof options>,
  { PUBLIC_URL, TABLE_NAME, QUEUE_URL }: NodeJS.ProcessEnv,
): Arguments {
  const address = url ?? PUBLIC_URL;
  return {
    stage: readStageOption(stage),
    tenant_id: readTenantOption(tenant),
    url: address ? originOf(address) : null,
    table: (table ?? TABLE_NAME) || null,
    queue: (queue ?? QUEUE_URL) || null,
  };
}

/** @throws UsageError when the address leads to more than a host */
function originOf(address: string): string {
  const url = URL.parse(address);
  if (url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin;
  throw new UsageError('--url must be an address without a path, such as https://pay.example.com');
}

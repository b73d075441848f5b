import { isoTime } from '../../../lib/io.ts';
import { type Command, type CommandOptions, type OptionValues, UsageError } from '../../command/command.ts';
import type { Stage } from '../../stages.ts';
import { readStageOption, readTenantOption, stageOption, tenantOption } from '../stage.ts';

const options = {
  stage: stageOption,
  tenant: { ...tenantOption, description: "test: to this tenant's endpoint, in place of the stage's" },
  from: {
    type: 'string',
    value: '<time>',
    description: 'publish: what happened from then on, as 2026-11-21 or 2026-11-21T08:00:00Z (UTC); needed',
  },
  to: {
    type: 'string',
    value: '<time>',
    description: 'publish: until then, which is included; of a day, all of it; needed',
  },
  order: { type: 'string', value: '<order_no>', description: 'publish: of this order alone' },
} as const satisfies CommandOptions;

export const command: Command<typeof options> = {
  name: 'webhooks',
  summary: 'Sends a signed example to an endpoint, or publishes the events of a period again.',
  options,
  word: {
    value: 'test|publish',
    description:
      'test sends an example and says what came back, publish puts events on the bus again; needed',
  },
  variables: {
    TABLE_NAME: "publish: the table, where it is not the stage's",
    EVENT_BUS_NAME: "publish: the bus, where it is not the stage's",
  },
  exitCodes: {
    0: 'the endpoint took it, or all was published',
    1: 'the endpoint did not take it, or not all can be published',
    2: 'it could not be done',
  },
  example: '-- test --stage dev --tenant 7',
};

export interface TestArguments {
  readonly task: 'test';
  readonly stage: Stage;
  /** Null for the stage's endpoint. */
  readonly tenant_id: number | null;
}

export interface PublishArguments {
  readonly task: 'publish';
  readonly stage: Stage;
  /** ISO 8601; both ends are in the period. */
  readonly from: string;
  readonly to: string;
  /** Null for all orders, and what is of none. */
  readonly order_no: string | null;
}

/** @throws UsageError */
export function readArguments(
  { stage, tenant, from, to, order }: OptionValues<typeof options>,
  task: string | undefined,
): TestArguments | PublishArguments {
  if (task === 'test') {
    if (from ?? to ?? order) throw new UsageError('--from, --to and --order are of publish');
    return { task, stage: readStageOption(stage), tenant_id: readTenantOption(tenant) };
  }
  if (task !== 'publish') throw new UsageError('say what to do: test or publish');
  if (tenant !== undefined) throw new UsageError('--tenant is of test');
  const period = { from: readTime('--from', from), to: readTime('--to', endOfDay(to)) };
  if (period.from > period.to) throw new UsageError('--from must not be after --to');
  return { task, stage: readStageOption(stage), ...period, order_no: order ?? null };
}

/** A day is in the period as a whole, whichever end of it names the day. */
const endOfDay = (text: string | undefined): string | undefined =>
  text?.length === '2026-11-21'.length ? `${text}T23:59:59.999Z` : text;

/** Some days that no month has are read as what comes after them. */
function isDay(date: string): boolean {
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && isoTime(time).startsWith(date);
}

/** In UTC, where it names no other zone. @throws UsageError */
function readTime(option: string, text = ''): string {
  const isTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const time = isTime && isDay(text.slice(0, 10)) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new UsageError(`${option} must be a time, as 2026-11-21 or 2026-11-21T08:00:00Z`);
  }
  return isoTime(time);
}

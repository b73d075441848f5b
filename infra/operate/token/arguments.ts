import { type Command, type CommandOptions, type OptionValues, UsageError } from '../../command/command.ts';
import type { Stage } from '../../stages.ts';
import { readStageOption, readTenantOption, stageOption, tenantOption } from '../stage.ts';

const roles = ['admin', 'viewer', 'user'] as const;

const options = {
  stage: stageOption,
  role: { type: 'string', value: roles.join('|'), default: 'admin', description: 'what it may do' },
  sub: { type: 'string', value: '<id>', default: 'operator', description: 'whose it is' },
  tenant: { ...tenantOption, description: 'reaches this tenant alone' },
  minutes: { type: 'string', value: '<number>', default: '15', description: 'good for so long, 1 to 720' },
} as const satisfies CommandOptions;

export const command: Command<typeof options> = {
  name: 'token',
  call: 'npm run -s token',
  summary: 'Signs a token for a stage whose login shares a secret with it (hs256_secret), and prints it.',
  options,
  exitCodes: { 0: 'it is printed', 2: 'it could not be signed' },
  example: '-- --stage dev --role admin',
};

export interface Arguments {
  readonly stage: Stage;
  readonly role: (typeof roles)[number];
  readonly sub: string;
  /** Null for one that is bound to no tenant. */
  readonly tenant_id: number | null;
  readonly minutes: number;
}

/** @throws UsageError */
export function readArguments({
  stage,
  role,
  sub,
  tenant,
  minutes,
}: OptionValues<typeof options>): Arguments {
  const wanted = roles.find((known) => known === role);
  if (!wanted) throw new UsageError(`--role must be one of ${roles.join(', ')}`);
  if (!/^\P{C}{1,256}$/u.test(sub)) throw new UsageError('--sub must be 1 to 256 characters');
  const time = /^[1-9]\d{0,2}$/.test(minutes) ? Number(minutes) : Number.NaN;
  if (!(time <= 720)) throw new UsageError('--minutes must be a whole number from 1 to 720');
  return {
    stage: readStageOption(stage),
    role: wanted,
    sub,
    tenant_id: readTenantOption(tenant),
    minutes: time,
  };
}

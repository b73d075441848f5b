import type { Stage } from '../../stages.ts';
import { readOptions } from '../command/read-options.ts';
import { readStageOption } from '../command/stage-option.ts';
import { UsageError } from '../command/usage-error.ts';

export const usage = 'npm run doctor -- [--stage dev] [--url <address of the API>] [--table <name>]';

const options = {
  stage: { type: 'string', default: 'dev' },
  url: { type: 'string' },
  table: { type: 'string' },
} as const;

export interface Arguments {
  readonly stage: Stage;
  /** Where the API is, without a slash at its end; null to ask the stack. */
  readonly url: string | null;
  /** Null to ask the stack. */
  readonly table: string | null;
}

/** @throws UsageError */
export function readArguments(words: readonly string[], variables: NodeJS.ProcessEnv): Arguments {
  const {
    stage,
    url = variables['PUBLIC_URL'],
    table = variables['TABLE_NAME'],
  } = readOptions(words, options);
  return { stage: readStageOption(stage), url: url ? originOf(url) : null, table: table || null };
}

/** @throws UsageError when the address leads to more than a host */
function originOf(address: string): string {
  const url = URL.parse(address);
  if (url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin;
  throw new UsageError('--url must be an address without a path, such as https://pay.example.com');
}

import { parseArgs } from 'node:util';
import { readStageOption } from '../deployed/stage-option.ts';
import { UsageError } from '../deployed/usage-error.ts';
import type { Stage } from '../stages.ts';

export const usage = 'npm run doctor -- [--stage dev] [--url <address of the API>] [--table <name>]';

export interface Arguments {
  readonly stage: Stage;
  /** Where the API is, without a slash at its end; null to ask the stack. */
  readonly url: string | null;
  /** Null to ask the stack. */
  readonly table: string | null;
}

/** @throws UsageError */
export function readArguments(words: readonly string[], variables: NodeJS.ProcessEnv): Arguments {
  const { stage, url = variables['PUBLIC_URL'], table = variables['TABLE_NAME'] } = parse(words);
  if (url && !/^https?:\/\/[^/\s]+\/?$/.test(url)) {
    throw new UsageError('--url must be an address without a path, such as https://pay.example.com');
  }
  return { stage: readStageOption(stage), url: url?.replace(/\/$/, '') || null, table: table || null };
}

function parse(words: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        stage: { type: 'string', default: 'dev' },
        url: { type: 'string' },
        table: { type: 'string' },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

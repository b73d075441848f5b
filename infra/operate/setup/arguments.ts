import { type DocumentName, documentNames } from '../../endpoints.ts';
import type { Stage } from '../../stages.ts';
import { readOptions } from '../command/read-options.ts';
import { readStageOption } from '../command/stage-option.ts';
import { UsageError } from '../command/usage-error.ts';
import { checkFolder } from './document-file.ts';

export const usage = `npm run setup -- [--stage dev] [--from <folder>] [--only ${documentNames.join('|')}] [--yes]`;

const options = {
  stage: { type: 'string', default: 'dev' },
  from: { type: 'string' },
  only: { type: 'string' },
  yes: { type: 'boolean', default: false },
} as const;

export interface Arguments {
  readonly stage: Stage;
  /** Holds `auth.json` and so on; null to ask for what is missing. */
  readonly folder: string | null;
  /** The documents that this is about. */
  readonly names: readonly DocumentName[];
  /** Whether one document was named, to be replaced even if a good one is stored. */
  readonly isReplacing: boolean;
  readonly isConfirmed: boolean;
}

/** @throws UsageError */
export function readArguments(words: readonly string[]): Arguments {
  const { stage: stageName, from, only, yes } = readOptions(words, options);
  const stage = readStageOption(stageName);
  if (stage.name === 'local') {
    throw new UsageError('--stage local: npm start makes the documents of the local system itself');
  }
  const name = documentNames.find((candidate) => candidate === only);
  if (only !== undefined && name === undefined) {
    throw new UsageError(`--only must be one of ${documentNames.join(', ')}`);
  }
  const names = name === undefined ? documentNames : [name];
  if (from !== undefined) checkFolder(from, names);
  return {
    stage,
    folder: from ?? null,
    names,
    isReplacing: name !== undefined,
    isConfirmed: yes,
  };
}

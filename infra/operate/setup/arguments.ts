import { type Command, type CommandOptions, type OptionValues, UsageError } from '../../command/command.ts';
import { type DocumentName, documentNames } from '../../endpoints.ts';
import type { Stage } from '../../stages.ts';
import { readStageOption, stageOption } from '../stage.ts';
import { checkFolder } from './document-file.ts';

const options = {
  stage: { ...stageOption, description: 'the stage' },
  from: {
    type: 'string',
    value: '<folder>',
    description: `reads ${documentNames[0]}.json and so on from there in place of asking`,
  },
  only: { type: 'string', value: documentNames.join('|'), description: 'replaces this document alone' },
  yes: {
    type: 'boolean',
    default: false,
    description: 'account and region are right; needed where nobody can be asked',
  },
} as const satisfies CommandOptions;

export const command: Command<typeof options> = {
  name: 'setup',
  summary: "Asks for a stage's documents, checks and stores them, and says what to enter at each provider.",
  options,
  exitCodes: {
    0: 'every document is stored',
    1: 'one is not good, and nothing was stored',
    2: 'nothing could be done',
  },
  example: '-- --stage dev --only stripe',
};

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
export function readArguments({
  stage: stageName,
  from,
  only,
  yes,
}: OptionValues<typeof options>): Arguments {
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

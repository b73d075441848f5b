import type { Io } from '../../lib/io.ts';
import type { Command, CommandOptions, OptionValues } from '../command/command.ts';
import { type CommandStreams, runCommand } from '../command/run-command.ts';
import { missingSettings } from './aws.ts';

/** What an operator's command is given by whoever runs it. */
export interface Surroundings extends CommandStreams {
  readonly variables: NodeJS.ProcessEnv;
  readonly io: Io;
}

/** Runs an operator's command, and says what AWS needs where it cannot be asked. @returns its exit code */
export function runOperation<const Options extends CommandOptions, Code extends number>(
  command: Command<Options>,
  words: readonly string[],
  streams: CommandStreams,
  work: (values: OptionValues<Options>, word: string | undefined) => Promise<Code>,
): Promise<Code | 0 | 2> {
  return runCommand(command, words, streams, async (values, word) => {
    try {
      return await work(values, word);
    } catch (error) {
      const missing = error instanceof Error ? missingSettings(error) : null;
      throw missing === null ? error : new Error(missing, { cause: error });
    }
  });
}

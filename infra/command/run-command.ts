import {
  asksForHelp,
  type Command,
  type CommandOptions,
  helpCall,
  helpText,
  type OptionValues,
  readWords,
  UsageError,
} from './command.ts';

/** Where a command writes, such as the terminal. */
export interface TextOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface CommandStreams {
  /** Takes what was found or done. */
  readonly output: TextOutput;
  /** Takes the progress, and why it could not be done. */
  readonly errors: TextOutput;
}

/** @throws UsageError, and whatever keeps the command from doing its work */
type Work<Options extends CommandOptions, Code extends number> = (
  values: OptionValues<Options>,
  word: string | undefined,
) => Promise<Code>;

/**
 * Does the work of a command, or says how it is called.
 * @returns its exit code, or 2 when it throws, once `errors` has been told why
 */
export async function runCommand<const Options extends CommandOptions, Code extends number>(
  command: Command<Options>,
  words: readonly string[],
  { output, errors }: CommandStreams,
  work: Work<Options, Code>,
): Promise<Code | 0 | 2> {
  if (asksForHelp(words)) {
    output.write(helpText(command));
    return 0;
  }
  try {
    const { values, word } = readWords(command, words);
    return await work(values, word);
  } catch (error) {
    const isUsage = error instanceof UsageError;
    errors.write(`${command.name}: ${explain(error, command.tellsStack === true && !isUsage)}\n`);
    if (isUsage) errors.write(`how it is called: ${helpCall(command)}\n`);
    return 2;
  }
}

function explain(error: unknown, withStack: boolean): string {
  if (!(error instanceof Error)) return String(error);
  return (withStack && error.stack) || error.message || error.name;
}

/** Runs a command as this process's own: with its words, to its streams, for its exit code. */
export async function runAsProcess(
  run: (words: readonly string[], streams: CommandStreams) => Promise<number>,
): Promise<void> {
  surviveClosedPipes();
  process.exitCode = await run(process.argv.slice(2), { output: process.stdout, errors: process.stderr });
}

/**
 * Whoever reads the output may have seen enough, as `head` has. What is written then is lost; the work goes on, since
 * it may be in the middle of a change.
 */
function surviveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

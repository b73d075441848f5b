import type { Io } from '../../../lib/io.ts';
import { missingSettings } from './missing-settings.ts';
import type { TextOutput } from './text-output.ts';
import { UsageError } from './usage-error.ts';

/** What a command is given by whoever runs it. */
export interface Surroundings {
  readonly variables: NodeJS.ProcessEnv;
  readonly io: Io;
  /** Takes what was found or done. */
  readonly output: TextOutput;
  /** Takes the progress, and why it could not be done. */
  readonly errors: TextOutput;
}

export interface Command {
  readonly name: string;
  /** How it is called. */
  readonly usage: string;
}

/** Does the work of a command. @returns its exit code, or 2 when it throws, once `errors` has been told why */
export async function runCommand<Code extends number>(
  { name, usage }: Command,
  errors: TextOutput,
  work: () => Promise<Code>,
): Promise<Code | 2> {
  try {
    return await work();
  } catch (error) {
    errors.write(`${name}: ${explain(error)}\n`);
    if (error instanceof UsageError) errors.write(`usage: ${usage}\n`);
    return 2;
  }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return missingSettings(error) ?? (error.message || error.name);
}

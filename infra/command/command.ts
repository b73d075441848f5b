import { parseArgs } from 'node:util';

export interface CommandOption {
  readonly type: 'string' | 'boolean';
  /** What stands for its value in the help, such as `<name>`; none for a switch. */
  readonly value?: string;
  readonly description: string;
  readonly default?: string | boolean;
  /** May be given several times. */
  readonly multiple?: true;
}

export type CommandOptions = Readonly<Record<string, CommandOption>>;

/** What a command is called with, and what its `--help` says. */
export interface Command<Options extends CommandOptions> {
  readonly name: string;
  /** How it is called, without options; `npm run <name>` where it is not said. */
  readonly call?: string;
  /** What it does, in one sentence. */
  readonly summary: string;
  readonly options: Options;
  /** A word that may stand without an option. */
  readonly word?: { readonly value: string; readonly description: string };
  /** Variables of the environment that say what an option would. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Says where in the code it failed: for those who write it. */
  readonly tellsStack?: true;
  readonly exitCodes: Readonly<Record<number, string>>;
  /** What follows the call in an example. */
  readonly example: string;
}

/** A call that cannot be carried out as it is written; the message names the option. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const help = { type: 'boolean', default: false, description: 'says this' } as const satisfies CommandOption;

/** What the words after a command give to its options, or that it is asked for help. @throws UsageError */
export function readWords<const Options extends CommandOptions>(
  { options, word }: Command<Options>,
  words: readonly string[],
) {
  try {
    const parsed = parseArgs({ args: [...words], options, allowPositionals: true });
    const [surplus] = parsed.positionals.slice(word ? 1 : 0);
    if (surplus !== undefined) throw new UsageError(`'${surplus}' belongs to no option`);
    return { values: parsed.values, word: parsed.positionals[0] };
  } catch (error) {
    const { message } = error as Error;
    // What follows is about words that only look like options.
    throw new UsageError(message.replace(/\. To specify a positional argument.*/s, ''));
  }
}

export type OptionValues<Options extends CommandOptions> = ReturnType<typeof readWords<Options>>['values'];

/** Whether the words ask for help, whatever else they hold. */
export const asksForHelp = (words: readonly string[]): boolean => words.includes('--help');

const callOf = ({ name, call = `npm run ${name}` }: Command<CommandOptions>): string => call;

export const helpCall = (command: Command<CommandOptions>): string => `${callOf(command)} -- --help`;

/** Usage, options with their defaults, exit codes and an example. */
export function helpText(command: Command<CommandOptions>): string {
  const { summary, options, word, variables = {}, exitCodes, example } = command;
  const call = callOf(command);
  const all = Object.entries({ ...options, help });
  const optionRows = all.map(([name, option]) => [optionText(name, option), describe(option)] as const);
  const wordRows = word ? [[word.value, word.description] as const] : [];
  return [
    summary,
    '',
    `usage: ${call} -- [options]${word ? ` [${word.value}]` : ''}`,
    '',
    ...section('options', [...wordRows, ...optionRows]),
    ...section('environment', Object.entries(variables)),
    ...section('exit codes', Object.entries(exitCodes)),
    'example:',
    `  ${call}${example === '' ? '' : ` ${example}`}`,
    '',
  ].join('\n');
}

const optionText = (name: string, { value }: CommandOption): string =>
  value === undefined ? `--${name}` : `--${name} ${value}`;

function describe({ description, default: given, multiple }: CommandOption): string {
  const more = [
    ...(multiple ? ['may be given several times'] : []),
    ...(typeof given === 'string' ? [`default: ${given}`] : []),
  ];
  return more.length > 0 ? `${description} (${more.join('; ')})` : description;
}

function section(title: string, rows: readonly (readonly [string, string])[]): readonly string[] {
  if (rows.length === 0) return [];
  const width = Math.max(...rows.map(([left]) => left.length));
  return [`${title}:`, ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`), ''];
}

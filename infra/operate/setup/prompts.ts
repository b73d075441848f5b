import type { Readable, Writable } from 'node:stream';
import {
  type CANCEL_SYMBOL,
  confirm,
  isCancel,
  multiselect,
  type Option,
  password,
  S_BAR,
  select,
  text,
  updateSettings,
} from '@clack/prompts';

/** @returns what is wrong with an answer, in words that never hold it; null when it is good */
export type CheckAnswer = (answer: string) => string | null;

/** The questions to the person who runs a command. Each throws an Error when that person ends it in place of an answer. */
export interface Prompts {
  /** Whether there is somebody who can be asked. */
  readonly isInteractive: boolean;
  /** Asks again until the answer is good. The answer is without white space around it. */
  ask(question: string, check: CheckAnswer): Promise<string>;
  /** The same; the answer is masked while it is typed. */
  askSecret(question: string, check: CheckAnswer): Promise<string>;
  choose(question: string, options: readonly Choice[]): Promise<string>;
  /** Any of them, or none. */
  chooseSome(question: string, options: readonly Choice[]): Promise<readonly string[]>;
  confirm(question: string): Promise<boolean>;
}

export interface Choice {
  readonly value: string;
  readonly hint: string;
}

interface TerminalStreams {
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable & { readonly isTTY?: boolean };
}

// Ctrl-D ends it, as Ctrl-C does.
updateSettings({ aliases: { '\x04': 'cancel' } });

export function openPrompts(input: TerminalStreams['input'], output: TerminalStreams['output']): Prompts {
  const ask = <T>(prompt: Prompt<T>) => answered(prompt, input, output);
  const question = (message: string, check: CheckAnswer) => ({
    message: besideBar(message),
    validate: (answer = '') => check(answer.trim()) ?? undefined,
  });
  return {
    isInteractive: input.isTTY === true && output.isTTY === true,
    ask: async (message, check) =>
      (await ask((streams) => text({ ...question(message, check), ...streams }))).trim(),
    askSecret: async (message, check) =>
      (
        await ask((streams) => password({ ...question(message, check), clearOnError: true, ...streams }))
      ).trim(),
    choose: (message, choices) => {
      const options = optionsOf(choices);
      return ask((streams) => select({ message: besideBar(message), options, ...streams }));
    },
    chooseSome: (message, choices) => {
      const options = optionsOf(choices);
      const question = { message: besideBar(message), options, required: false };
      return ask((streams) => multiselect({ ...question, ...streams }));
    },
    confirm: (message) =>
      ask((streams) => confirm({ message: besideBar(message), initialValue: false, ...streams })),
  };
}

const optionsOf = (choices: readonly Choice[]): Option<string>[] =>
  choices.map(({ value, hint }) => ({ value, hint }));

interface PromptStreams {
  readonly input: Readable;
  readonly output: Writable;
  readonly signal: AbortSignal;
}

type Prompt<T> = (streams: PromptStreams) => Promise<T | typeof CANCEL_SYMBOL>;

/** What is answered; a terminal that is gone ends it too. */
async function answered<T>(prompt: Prompt<T>, input: Readable, output: Writable): Promise<T> {
  const gone = new AbortController();
  const end = () => gone.abort();
  input.once('end', end);
  try {
    const answer = await prompt({ input, output, signal: gone.signal });
    if (isCancel(answer)) throw new Error('ended by hand; nothing was stored');
    return answer;
  } finally {
    input.off('end', end);
  }
}

/** Further lines beside the bar that leads from question to question. */
const besideBar = (message: string): string => message.replaceAll('\n', `\n${S_BAR}  `);

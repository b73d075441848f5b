import { createInterface, type Interface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { TextOutput } from '../command/text-output.ts';

/** The person who runs a command. */
export interface Terminal extends TextOutput {
  /** Whether there is somebody who can be asked. */
  readonly isInteractive: boolean;
  /** @throws Error when the person ends it in place of an answer */
  ask(prompt: string): Promise<string>;
  /** The answer is not shown while it is typed. @throws Error when the person ends it in place of an answer */
  askSecret(prompt: string): Promise<string>;
}

export function openTerminal(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Terminal {
  return {
    isInteractive: input.isTTY === true && output.isTTY === true,
    write: (text) => output.write(text),
    ask: (prompt) => askOnce(input, output, (reader) => reader.question(prompt)),
    async askSecret(prompt) {
      // What is typed is echoed by readline, and by nothing else.
      const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
      try {
        return await askOnce(input, nowhere, (reader) => {
          // Not before the terminal has left the echo to readline.
          output.write(prompt);
          return reader.question('');
        });
      } finally {
        output.write('\n');
      }
    },
  };
}

/** A terminal in raw mode for one answer only: in between, Ctrl-C ends the command as it always does. */
async function askOnce(
  input: NodeJS.ReadStream,
  output: NodeJS.WritableStream,
  ask: (reader: Interface) => Promise<string>,
): Promise<string> {
  const reader = createInterface({ input, output, terminal: true, historySize: 0 });
  const ended = new Promise<never>((_resolve, reject) => {
    reader.once('close', () => reject(new Error('ended by hand; nothing was stored')));
    reader.once('SIGINT', () => reader.close());
  });
  ended.catch(() => {});
  try {
    return (await Promise.race([ask(reader), ended])).trim();
  } finally {
    reader.close();
  }
}

import type { TextOutput } from '../command/text-output.ts';

const ROWS_ON_TERMINAL = 10_000;
const ROWS_IN_LOG = 100_000;

/** Shows how far it is: one line that changes on a terminal, else a line now and then. */
export function createProgress(output: TextOutput) {
  const step = output.isTTY ? ROWS_ON_TERMINAL : ROWS_IN_LOG;
  let isShown = false;
  const clear = (): void => {
    if (isShown) output.write('\r\x1b[K');
    isShown = false;
  };
  return {
    /** Takes the line away, so that something else can be written in its place. */
    clear,
    show(done: number, what: string): void {
      if (done % step !== 0) return;
      clear();
      isShown = output.isTTY === true;
      output.write(`${done} ${what} compared${isShown ? '' : '\n'}`);
    },
  };
}

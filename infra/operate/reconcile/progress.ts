import type { TextOutput } from '../../command/run-command.ts';

const ROWS_ON_TERMINAL = 1_000;
const ROWS_IN_LOG = 100_000;
const BAR_WIDTH = 30;

/** Shows how far it is: a bar that grows on a terminal, else a line now and then. */
export function createProgress(output: TextOutput) {
  const step = output.isTTY ? ROWS_ON_TERMINAL : ROWS_IN_LOG;
  let isShown = false;
  const clear = (): void => {
    if (isShown) output.write('\r\x1b[K');
    isShown = false;
  };
  return {
    /** Takes the bar away, so that something else can be written in its place. */
    clear,
    /** `share`: of all of them, from 0 to 1; null where it cannot be told. */
    show(done: number, what: string, share: number | null): void {
      if (done % step !== 0) return;
      clear();
      isShown = output.isTTY === true;
      const bar = isShown && share !== null ? `${barOf(share)} ` : '';
      output.write(`${bar}${done} ${what} compared${isShown ? '' : '\n'}`);
    },
  };
}

function barOf(share: number): string {
  const filled = Math.round(share * BAR_WIDTH);
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${Math.round(share * 100)}%`;
}

import { createTemporaryDirectory } from './temporary-directory.ts';

/** Vitest's global setup: a directory for what the files of one run share, gone when the run is over. */
export function setup(): () => void {
  const { path, remove } = createTemporaryDirectory('settle-run-');
  process.env['SETTLE_TEST_RUN'] = path;
  return remove;
}

import { run } from './run.ts';
import { openTerminal } from './terminal.ts';

/** `npm run setup`: checks the documents of a stage, stores them, and says what is to be done next. */
process.exitCode = await run(process.argv.slice(2), {
  variables: process.env,
  now: Date.now,
  fetch,
  terminal: openTerminal(process.stdin, process.stdout),
  errors: process.stderr,
});

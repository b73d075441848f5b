import { systemIo } from '../../../lib/io.ts';
import { run } from './run.ts';

/** `npm run doctor`: looks at a deployed stage from outside and says what is wrong with it. */
process.exitCode = await run(process.argv.slice(2), {
  variables: process.env,
  io: systemIo,
  output: process.stdout,
  errors: process.stderr,
});

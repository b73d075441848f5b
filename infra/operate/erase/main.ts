import { systemIo } from '../../../lib/io.ts';
import { run } from './run.ts';

/** `npm run erase`: takes a user out of the orders that are over. */
process.exitCode = await run(process.argv.slice(2), {
  variables: process.env,
  io: systemIo,
  output: process.stdout,
  errors: process.stderr,
});
